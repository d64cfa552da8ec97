"""The contracts that the sample's own sales became, each taken as far as its turn says by the people of both sides."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import select

from contracts import services
from contracts.kinds import EndCause
from contracts.models import Contract
from contracts.services import Application
from contracts.states import ContractState
from marketplace.db import db
from marketplace.holidays import MissingYear
from marketplace.permissions import Actor

from .organisations import Party
from .people import Team, staff

S = ContractState
#: Contracts take turns at these ends, so that a dozen sales show every state.
ENDS = (
    S.REGISTERED,
    S.SIGNING,
    S.APPLIED,
    S.RETURNED,
    S.SIGNED,
    S.CANCELLED,
    S.DRAFT,
    S.TERMINATED,
    S.REFUSED,
    S.DISSOLVED,
)
STEPS = {
    S.DRAFT: 0,
    S.TERMINATED: 0,
    S.SIGNING: 1,
    S.SIGNED: 2,
    S.DISSOLVED: 2,
    S.APPLIED: 3,
    S.RETURNED: 3,
    S.REFUSED: 3,
    S.REGISTERED: 4,
    S.CANCELLED: 4,
}


def waiting(parties: dict[str, Party]) -> list[tuple[Contract, ContractState]]:
    """The contracts of the sample's sales, each with the state it goes to; none once any of them has moved."""
    ours = [one.organisation.id for one in parties.values()]
    query = select(Contract).where(
        Contract.sample, ~Contract.source.startswith("outside:"), Contract.seller_id.in_(ours)
    )
    found = list(db.session.scalars(query.order_by(Contract.source)))
    if any(one.state is not S.DRAFT or one.version > 1 for one in found):
        return []
    turns = [(one, ENDS[place % len(ENDS)]) for place, one in enumerate(found)]
    return [(one, end) for one, end in turns if end is not S.DRAFT]


def walk(contract: Contract, end: ContractState, parties: dict[str, Party], today: date) -> None:
    """Take one contract to its state."""
    sides: dict[int | None, Team] = {one.organisation.id: one.team for one in parties.values()}
    seller, buyer = sides[contract.seller_id], sides[contract.buyer_id]
    if end is S.TERMINATED:
        services.terminate_contract(
            staff("auctioneer"), contract, "双方未能就付款条件达成一致，协商终止。", EndCause.BOTH
        )
        return
    _complete(contract, seller["editor"], today)
    for team in (seller, buyer):
        services.confirm_contract(team["editor"], contract, contract.version)
    if STEPS[end] > 1:
        for team in (seller, buyer):
            services.sign_contract(team["signer"], contract, contract.text_hash)
    if end is S.DISSOLVED:
        services.ask_end(buyer["signer"], contract, "受让方经费未能落实，双方协商解除。")
        services.agree_end(seller["signer"], contract)
    if STEPS[end] > 2:
        _register(contract, end, seller["editor"])


def _complete(contract: Contract, editor: Actor, today: date) -> None:
    values = {
        "payment_terms": contract.payment_terms or "签订后五个工作日内一次付清",
        "starts_on": today + timedelta(days=7),
        "ends_on": today + timedelta(days=3 * 365),
        "deliverables": "全部技术资料、图纸和操作规程，并提供不少于十个工作日的现场技术指导。",
        "acceptance": "按成果所列技术指标，由双方共同组织验收并签署验收单。",
    }
    services.edit_contract(editor, contract, contract.version, values)


def _register(contract: Contract, end: ContractState, editor: Actor) -> None:
    """Applied for, decided by one registrar; a cancellation needs both."""
    first, second = staff("registrar"), staff("registrar2")
    names = ("kind", "subtype", "field", "technical_field", "non_technical_items")
    form = Application(**{name: getattr(contract, name) for name in names}, ip_kinds=["invention"])
    try:
        with db.session.begin_nested():
            services.apply_for_registration(editor, contract, form)
    except MissingYear:
        # The holidays of the year in which it would be due are not published yet: it stays signed.
        return
    if end is S.RETURNED:
        services.return_registration(first, contract, [{"code": "proof_missing", "note": "请补充专利登记簿副本。"}])
    elif end is S.REFUSED:
        services.ask_refusal(
            first, contract, [{"code": "not_technical", "note": "合同标的以设备采购为主，不属于技术合同。"}]
        )
        services.settle_request(second, contract)
    elif end in (S.REGISTERED, S.CANCELLED):
        services.register_contract(first, contract)
    if end is S.CANCELLED:
        services.ask_cancellation(first, contract, "双方协议解除合同，申请注销登记。")
        services.settle_request(second, contract)
