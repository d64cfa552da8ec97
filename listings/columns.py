"""Columns of an import file: the names they go by, how long their text may be, and the empty template."""

from __future__ import annotations

import io
from typing import Any

from flask_babel import force_locale
from openpyxl import Workbook
from openpyxl.styles import Font

#: Field: its head in the template, then the other heads it goes by. Compared without case and blanks.
COLUMNS: dict[str, tuple[str, ...]] = {
    "title": ("标题", "成果名称", "名称", "项目名称", "成果标题", "title", "name"),
    "summary": ("摘要", "简介", "成果简介", "成果介绍", "summary", "abstract"),
    "keywords": ("关键词", "关键字", "keywords"),
    "problem": ("解决的问题", "痛点", "problem"),
    "current_solution": ("现有方案", "现有技术", "currentsolution"),
    "applications": ("应用领域", "应用场景", "应用前景", "applications"),
    "field": ("行业领域", "领域", "技术领域", "field"),
    "region": ("地区", "所在地", "region"),
    "trl": ("技术成熟度", "成熟度", "trl"),
    "phase": ("所处阶段", "阶段", "phase", "stage"),
    "inventors": ("发明人", "完成人", "成果完成人", "inventors"),
    "contact_name": ("联系人", "contact"),
    "contact_phone": ("联系电话", "电话", "phone"),
    "contact_email": ("联系邮箱", "邮箱", "电子邮箱", "email"),
    "funding_source": ("资金来源", "计划来源", "funding"),
    "registration_no": ("成果登记号", "登记号", "registrationno"),
    "security_class": ("密级", "securityclass"),
    "transfer_modes": ("转化方式", "转让方式", "交易方式", "transfermodes"),
    "licence_term": ("许可期限", "licenceterm"),
    "territory": ("许可地域", "地域", "territory"),
    "price_mode": ("定价方式", "价格方式", "pricemode"),
    "price": ("价格（万元）", "价格(万元)", "价格", "price"),
    "payment_terms": ("支付方式", "payment"),
    "buyer_conditions": ("受让方条件", "受让条件", "conditions"),
    "ip_kind": ("知识产权类型", "专利类型", "ipkind"),
    "ip_number": ("专利号", "知识产权编号", "申请号", "patentno", "ipnumber"),
    "ip_title": ("专利名称", "知识产权名称", "iptitle"),
    "ip_holder": ("专利权人", "权利人", "holder"),
    "ip_filed_on": ("申请日", "filedon"),
    "ip_granted_on": ("授权日", "授权公告日", "grantedon"),
    "ip_status": ("法律状态", "状态", "ipstatus"),
}
HEADS = {head.lower().replace(" ", ""): name for name, heads in COLUMNS.items() for head in heads}

#: Where a column of the database ends; longer text is cut and said.
TEXT_LIMITS = {
    "title": 200,
    "contact_name": 100,
    "contact_phone": 40,
    "contact_email": 254,
    "funding_source": 300,
    "registration_no": 60,
    "licence_term": 100,
    "territory": 200,
    "ip_number": 60,
    "ip_title": 300,
    "ip_holder": 300,
}
#: Short words for long labels, as people write them.
_SHORT = {
    "public": ("公开", "可公开"),
    "internal": ("内部",),
    "secret": ("机密", "秘密", "绝密", "国家秘密"),
    "invention": ("发明", "发明专利"),
    "utility": ("实用新型", "实用新型专利"),
    "design": ("外观", "外观设计", "外观设计专利"),
    "software": ("软著", "软件著作权"),
    "granted": ("授权", "有效", "授权有效", "已授权"),
    "pending": ("申请中", "审查中"),
    "published": ("公开", "已公开"),
    "lapsed": ("失效", "终止"),
    "assignment": ("转让", "专利权转让"),
    "exclusive": ("独占许可", "独占"),
    "sole": ("排他许可", "排他"),
    "ordinary": ("普通许可", "许可", "普通"),
    "open": ("开放许可",),
    "equity": ("作价入股", "作价投资", "入股"),
    "joint": ("合作实施", "合作开发", "合作"),
    "use_first": ("先用后付", "先使用后付费"),
    "negotiable": ("面议",),
    "fixed": ("一口价", "固定价"),
    "agreed": ("协议定价",),
    "auction": ("竞价", "拍卖", "挂牌竞价"),
    "research": ("研发", "实验室研究"),
    "lab": ("小试",),
    "pilot": ("中试",),
    "prototype": ("样品", "样机"),
    "production": ("量产", "产业化", "批量生产"),
}


def words(labels: dict[Any, Any]) -> dict[str, Any]:
    """Every spelling of a vocabulary's values: code, English and Chinese label, and usual short words."""
    if id(labels) not in _known:
        # The vocabularies are constants of their modules, so that their identity names them.
        _known[id(labels)] = _spellings(labels)
    return _known[id(labels)]


_known: dict[int, dict[str, Any]] = {}


def _spellings(labels: dict[Any, Any]) -> dict[str, Any]:
    known: dict[str, Any] = {}
    for value, label in labels.items():
        code = str(getattr(value, "value", value))
        spellings = [code, *_SHORT.get(code, ())]
        for locale in ("zh_CN", "en"):
            with force_locale(locale):
                spellings.append(str(label))
        for spelling in spellings:
            known.setdefault(spelling.lower(), value)
        if spellings[-2].endswith("市"):
            known.setdefault(spellings[-2].removesuffix("市"), value)
    return known


def template() -> bytes:
    """An empty file with every head, for people to fill."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None  # noqa: S101 - a new workbook has a sheet
    sheet.title = "成果"
    sheet.freeze_panes = "A2"
    for place, heads in enumerate(COLUMNS.values(), 1):
        cell = sheet.cell(1, place, heads[0])
        cell.font = Font(bold=True)
        sheet.column_dimensions[cell.column_letter].width = 16
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
