"""The five kinds of technology contract with their sub-types, fields and model clauses.

Source: 民法典 art. 843–887 (kinds; licence apart from transfer since 2021); 技术合同认定规则 (what each must contain).
"""

from __future__ import annotations

import enum

from flask_babel import lazy_gettext as _l


class ContractKind(enum.StrEnum):
    DEVELOPMENT = "development"
    TRANSFER = "transfer"
    LICENCE = "licence"
    CONSULTING = "consulting"
    SERVICE = "service"


class EndCause(enum.StrEnum):
    """By whose doing a deal came to nothing."""

    BUYER = "buyer"
    SELLER = "seller"
    BOTH = "both"


class PaymentMode(enum.StrEnum):
    ONCE = "once"
    INSTALMENTS = "instalments"
    ROYALTY = "royalty"
    ENTRY_ROYALTY = "entry_royalty"
    OTHER = "other"


KIND_LABELS = {
    ContractKind.DEVELOPMENT: _l("Technology development"),
    ContractKind.TRANSFER: _l("Technology transfer"),
    ContractKind.LICENCE: _l("Technology licence"),
    ContractKind.CONSULTING: _l("Technology consulting"),
    ContractKind.SERVICE: _l("Technology service"),
}
SUBTYPES: dict[ContractKind, dict[str, object]] = {
    ContractKind.DEVELOPMENT: {
        "commissioned": _l("Commissioned development"),
        "joint": _l("Joint development"),
        "conversion": _l("Conversion of a result"),
    },
    ContractKind.TRANSFER: {
        "patent": _l("Patent right transfer"),
        "application": _l("Right of patent application"),
        "know_how": _l("Know-how transfer"),
        "software": _l("Transfer of software copyright"),
        "layout": _l("Transfer of a circuit layout"),
        "variety": _l("Transfer of a plant variety"),
        "drug": _l("Transfer of a new drug"),
        "other_transfer": _l("Transfer of another right"),
    },
    ContractKind.LICENCE: {
        "exclusive": _l("Exclusive licence"),
        "sole": _l("Sole licence"),
        "ordinary": _l("Ordinary licence"),
        "know_how_licence": _l("Know-how licence"),
        "other_licence": _l("Licence of another right"),
    },
    ContractKind.CONSULTING: {
        "study": _l("Feasibility study"),
        "forecast": _l("Technology forecast"),
        "survey": _l("Survey of a subject"),
        "appraisal": _l("Analysis and evaluation"),
    },
    ContractKind.SERVICE: {
        "general": _l("General technology service"),
        "training": _l("Technology training"),
        "brokerage": _l("Technology brokerage"),
    },
}
#: Every sub-type of every kind, as one select offers them.
ALL_SUBTYPES = {key: label for types in SUBTYPES.values() for key, label in types.items()}

PAYMENT_LABELS = {
    PaymentMode.ONCE: _l("Paid once"),
    PaymentMode.INSTALMENTS: _l("Paid in instalments"),
    PaymentMode.ROYALTY: _l("Royalty"),
    PaymentMode.ENTRY_ROYALTY: _l("Entry fee and royalty"),
    PaymentMode.OTHER: _l("Other payment"),
}

#: 技术领域 of the registration form.
TECHNICAL_FIELDS = {
    "electronics": _l("Electronics and information"),
    "aerospace": _l("Aviation and space"),
    "manufacturing": _l("Advanced manufacturing"),
    "biomedicine": _l("Biomedicine and medical devices"),
    "materials": _l("New materials and their use"),
    "energy": _l("New energy and efficiency"),
    "environment": _l("Environment and resources"),
    "nuclear": _l("Nuclear applications"),
    "agriculture": _l("Agriculture"),
    "transport": _l("Modern transport"),
    "urban": _l("Cities and society"),
}
CAUSE_LABELS = {
    EndCause.BUYER: _l("The buyer does not keep its word: the deposit is to be forfeited"),
    EndCause.SELLER: _l("The seller does not keep its word: the deposit goes back"),
    EndCause.BOTH: _l("Both let go of it, or neither is to blame: the deposit goes back"),
}
#: The technical field that an industry field of the plan suggests; both sides may change it.
SUGGESTED_FIELD = {
    "digital": "electronics", "bio": "biomedicine", "ice_snow": "urban", "design": "electronics",
    "aerospace": "aerospace", "materials": "materials", "equipment": "manufacturing",
    "agri_machinery": "agriculture", "energy": "energy", "chemicals": "materials", "agri_food": "agriculture",
    "automotive": "manufacturing", "light_industry": "manufacturing", "other": "urban",
}  # fmt: skip

#: Model clauses (Chinese, as contracts are registered in Chinese); both sides complete them.
CLAUSES = {
    ContractKind.DEVELOPMENT: (
        "甲方委托乙方就本合同标的开展研究开发，乙方按约定的技术指标和进度完成并交付成果。\n"
        "研究开发过程中出现无法克服的技术困难的，双方按实际投入协商承担风险责任。\n"
        "研究开发成果的知识产权归属及使用按双方约定办理。"
    ),
    ContractKind.TRANSFER: (
        "转让方将本合同所列知识产权转让给受让方，并保证其为合法权利人，不存在未披露的质押、许可或争议。\n"
        "转让方应交付全部技术资料，并提供必要的技术指导；权利变更登记手续由双方共同办理。\n"
        "合同生效前转让方自行实施的，应当告知受让方；此后未经受让方同意不得实施。"
    ),
    ContractKind.LICENCE: (
        "许可方许可被许可方在约定的范围、地域和期限内实施本合同所列技术。\n"
        "许可方保证其为合法权利人，并保证技术完整、可实施；被许可方未经同意不得再许可第三人。\n"
        "许可合同签订后三个月内办理备案。"
    ),
    ContractKind.CONSULTING: (
        "受托方就特定技术项目提供可行性论证、技术预测或分析评价报告，报告应达到约定的要求。\n"
        "委托方按约定提供背景材料并支付报酬；委托方采用报告作出决策的风险由委托方承担。"
    ),
    ContractKind.SERVICE: (
        "受托方以技术知识为委托方解决特定技术问题，服务成果应可检验、可验收。\n"
        "服务中产生的新的技术成果，除另有约定外归完成方所有。"
    ),
}
