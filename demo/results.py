"""Four hundred results in every state, each taken there by the people who would take it there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from sqlalchemy import select

from accounts.roles import OrganisationKind
from listings import services
from listings.kinds import IpKind, IpStatus, Phase, PriceMode, SecurityClass, TransferMode
from listings.models import Listing, Sale
from listings.services import IpValues
from marketplace.db import db
from marketplace.holidays import MissingYear
from marketplace.permissions import SYSTEM

from .organisations import Party
from .people import staff
from .words import SEED, Topic, patent, person, topics

#: How many results end up where; `auction` ones wait on the board for their auctions, `sold` ones become contracts.
FATES = {
    "listed": 190, "auction": 52, "draft": 28, "org_review": 18, "exchange_review": 22, "correction": 12, "publicity": 20,
    "negotiating": 14, "suspended": 8, "withdrawn": 8, "rejected": 6, "sold": 22,
}  # fmt: skip
SMALL_FATES = {
    "listed": 6, "auction": 8, "draft": 2, "org_review": 1, "exchange_review": 2, "correction": 1, "publicity": 1,
    "negotiating": 1, "suspended": 1, "withdrawn": 1, "rejected": 1, "sold": 7,
}  # fmt: skip
#: What may follow any subject, so that a field's results differ as those of real institutes do.
VARIANTS = ("", "核心专利组合", "及产业化应用", "专利与技术秘密", "中试验证成果", "（第二代）", "示范应用成果")
FUNDS = ("国家重点研发计划", "国家自然科学基金", "省重点研发计划", "省自然科学基金", "企业委托项目", "自有资金")
PHASES = {
    3: Phase.RESEARCH,
    4: Phase.LAB,
    5: Phase.LAB,
    6: Phase.PILOT,
    7: Phase.PROTOTYPE,
    8: Phase.PRODUCTION,
    9: Phase.PRODUCTION,
}
M, K = TransferMode, OrganisationKind
MODES = (
    (M.ASSIGNMENT,),
    (M.EXCLUSIVE, M.ASSIGNMENT),
    (M.ORDINARY,),
    (M.EXCLUSIVE, M.ORDINARY),
    (M.EQUITY, M.JOINT),
    (M.USE_FIRST, M.ORDINARY),
)
PRICE_MODES = {
    "auction": PriceMode.AUCTION,
    "sold": PriceMode.FIXED,
    "publicity": PriceMode.NEGOTIABLE,
    "negotiating": PriceMode.NEGOTIABLE,
}


@dataclass(frozen=True, slots=True)
class Plan:
    """One result to make: its place in the list, where it ends, what it is about."""

    serial: int
    fate: str
    topic: Topic
    title: str

    @property
    def key(self) -> str:
        """By this a second load knows it."""
        return f"sample-{self.serial:04d}"


def plans(small: bool) -> list[Plan]:
    """Every result of the sample in order; fields and fates are mixed."""
    fates = [fate for fate, count in (SMALL_FATES if small else FATES).items() for _ in range(count)]
    Random(SEED).shuffle(fates)
    titles = [(topic, topic.subject + variant) for variant in VARIANTS for topic in topics()]
    Random(f"{SEED}:titles").shuffle(titles)
    return [Plan(serial, fate, *titles[serial - 1]) for serial, fate in enumerate(fates, 1)]


def missing(small: bool) -> list[Plan]:
    """The results that are not there yet."""
    known = set(db.session.scalars(select(Listing.import_hash).where(Listing.import_hash.like("sample-%"))))
    return [plan for plan in plans(small) if plan.key not in known]


def make(plan: Plan, parties: dict[str, Party], today: date) -> Listing:
    """Write the result and walk it to where it belongs."""
    random = Random(f"{SEED}:result:{plan.serial}")
    sellers = [one for one in parties.values() if one.organisation.kind in _weights(random)]
    seller = random.choice(sellers)
    buyer = random.choice([one for one in parties.values() if one.organisation.kind is K.COMPANY and one is not seller])
    editor = seller.team["editor"]
    values = _values(random, plan, seller)
    listing = services.create_draft(editor, seller.organisation, values, import_hash=plan.key, sample=True)
    if plan.fate == "draft" and random.random() < 0.5:
        return listing
    services.set_ip_items(editor, listing, list(_rights(random, plan, seller, today)))
    _walk(plan.fate, listing, seller, buyer, random)
    return listing


def _weights(random: Random) -> set[OrganisationKind]:
    """Mostly universities and institutes, sometimes companies."""
    return {K.COMPANY} if random.random() < 0.25 else {K.UNIVERSITY, K.INSTITUTE}


def _values(random: Random, plan: Plan, seller: Party) -> dict[str, Any]:
    topic, trl = plan.topic, random.choice((3, 4, 5, 5, 6, 6, 6, 7, 7, 8, 8, 9))
    modes = random.choice(MODES)
    mode = PRICE_MODES.get(plan.fate) or random.choice((PriceMode.FIXED, PriceMode.FIXED, PriceMode.NEGOTIABLE))
    price = Decimal(round(random.lognormvariate(13.3, 0.9), -4) or 50_000).quantize(Decimal("0.01"))
    best = topic.advantages[0]
    return {
        "title": plan.title,
        "summary": (
            f"针对{topic.problem}的问题，{seller.organisation.name}研发团队形成了{plan.title}。与“{topic.today}”的现有做法相比，"
            f"{best['metric']}由 {measured(best['conventional'], best['unit'])} 变为 {measured(best['ours'], best['unit'])}，"
            f"已在{random.choice(('中试线', '示范工程', '合作企业现场', '实验平台'))}完成验证，可用于{topic.applications}。"
        ),
        "problem": f"{topic.problem}。",
        "current_solution": f"{topic.today}。",
        "advantages": [dict(one) for one in topic.advantages],
        "applications": f"{topic.applications}。",
        "keywords": list(topic.keywords),
        "inventors": [person(random) for _ in range(random.randrange(2, 6))],
        "funding_source": random.choice(FUNDS),
        "security_class": SecurityClass.PUBLIC,
        "field": topic.field,
        "trl": trl,
        "phase": PHASES[trl],
        "transfer_modes": [one.value for one in modes],
        "licence_term": random.choice(("3 年", "5 年", "10 年")),
        "territory": "中国境内",
        "price_mode": mode,
        "price": None if mode is PriceMode.NEGOTIABLE else price,
        "payment_terms": random.choice(
            ("签订后十个工作日内一次付清", "首付 50%，验收后付清", "入门费加销售额 3% 提成")
        ),
    }


def measured(figure: Any, unit: str) -> str:
    """A figure with its unit as one writes it: `14 km/h`, but `97%`."""
    return f"{figure}{unit}" if unit[:1] in ("", "%", "°", "℃") else f"{figure} {unit}"


def _rights(random: Random, plan: Plan, seller: Party, today: date) -> Iterator[IpValues]:
    """A granted invention, and sometimes a utility model and an application."""
    filed = date(random.randrange(2014, 2022), random.randrange(1, 13), random.randrange(1, 28))
    common: dict[str, Any] = {
        "title": f"一种{plan.topic.subject}",
        "holder": seller.organisation.name,
        "ipc": plan.topic.ipc,
    }
    paid = today + timedelta(days=random.randrange(40, 360))
    yield IpValues(
        IpKind.INVENTION, patent(random, filed.year), filed_on=filed, granted_on=filed + timedelta(days=760),
        status=IpStatus.GRANTED, fee_paid_to=paid, **common,
    )  # fmt: skip
    if random.random() < 0.4:
        later = date(random.randrange(2019, 2023), filed.month, filed.day)
        yield IpValues(
            IpKind.UTILITY, patent(random, later.year, kind="2"), filed_on=later, granted_on=later + timedelta(days=240),
            status=IpStatus.GRANTED, fee_paid_to=paid, **common,
        )  # fmt: skip
    if random.random() < 0.25:
        recent = date(2024, filed.month, filed.day)
        number = patent(random, recent.year, granted=False)
        yield IpValues(IpKind.INVENTION, number, filed_on=recent, status=IpStatus.PUBLISHED, fee_paid_to=paid, **common)


def _walk(fate: str, listing: Listing, seller: Party, buyer: Party, random: Random) -> None:
    """The steps that lead to this fate, one after the other."""
    team, reviewer = seller.team, staff("reviewer")
    if fate == "draft":
        return
    services.submit(team["editor"], listing)
    if fate == "org_review":
        return
    services.org_approve(team["approver"], listing)
    if fate == "exchange_review":
        return
    if fate == "correction":
        services.return_for_correction(reviewer, listing, {"summary": "请补充成熟度依据和第三方检测结论。"})
        return
    if fate == "rejected":
        services.reject(reviewer, listing, "内容为管理经验总结，不属于可转让的科技成果。")
        return
    services.approve(reviewer, listing)
    _after(fate, listing, seller, buyer, random)


def _after(fate: str, listing: Listing, seller: Party, buyer: Party, random: Random) -> None:
    """What happens to a result on the board."""
    editor = seller.team["editor"]
    if fate == "suspended":
        services.suspend(SYSTEM, listing, "权属变更登记办理中，暂停交易。")
    elif fate == "withdrawn":
        services.withdraw(editor, listing, "权利人决定自行实施。")
    elif fate in ("negotiating", "publicity", "sold"):
        price = listing.price or Decimal(random.randrange(30, 400) * 10_000)
        mode = TransferMode(listing.transfer_modes[0])
        sale = services.propose_sale(editor, listing, buyer.organisation, price, mode)
        if fate != "negotiating":
            _confirm(buyer, sale)
    elif fate == "listed" and random.random() < 0.2:
        question = services.ask_question(buyer.team["editor"], listing, "请问是否有连续运行三个月以上的现场数据？")
        if random.random() < 0.6:
            services.answer_question(
                editor, question, "有，示范现场已连续运行五个月，报告可在签署保密承诺后查阅。", True
            )


def _confirm(buyer: Party, sale: Sale) -> None:
    """The buyer stands to it. Near the end of a year whose successor's holidays are unknown, it stays a proposal."""
    try:
        with db.session.begin_nested():
            services.confirm_sale(buyer.team["editor"], sale)
    except MissingYear:
        db.session.expire_all()
