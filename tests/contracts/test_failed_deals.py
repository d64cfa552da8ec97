"""Every way in which a deal can fail ends in a defined state of contract, result, deposit and figure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select

from accounts.roles import OrgRole, StaffRole
from contracts import handlers, services
from contracts.kinds import EndCause
from contracts.models import Contract
from contracts.states import ContractState as C
from listings import services as board
from listings.kinds import TransferMode
from listings.models import Listing
from listings.states import ListingState as L
from marketplace import outbox
from marketplace.clock import db_now
from marketplace.db import db
from marketplace.facts import AuctionClosed
from marketplace.permissions import SYSTEM
from payments import services as payments
from payments.models import Deposit
from pricing.models import ObservedPrice
from targets import queries as targets
from targets.queries import Scope
from tests.factories.accounts import actor_for, make_member, make_organisation, make_staff
from tests.factories.contracts import Deal, application, apply, complete, confirm, register, sign
from tests.factories.listings import make_listing
from tests.factories.payments import lock, make_deposit

PRICE = Decimal("1280000.00")
SALE = "auction:PM2026-999999"
REASONS = [{"code": "not_technical", "note": "不属于技术合同"}]


def sold_at_auction() -> Deal:
    """A result sold at auction: its contract drafted, the winner's deposit held."""
    seller, buyer = make_organisation(region="230100"), make_organisation(region="230600")
    listing = make_listing(L.DEAL_PENDING, organisation=seller)
    deposit = lock(make_deposit(buyer, SALE))
    payments.hold(SYSTEM, deposit)
    fact = AuctionClosed(
        auction_id=1, number="PM2026-999999", listing_id=listing.id, outcome="sold", closed_at=db_now(),
        seller_organisation_id=seller.id, winner_organisation_id=buyer.id, price=PRICE,
    )  # fmt: skip
    handlers.draft_after_auction(fact)
    outbox.publish(fact)
    return cast_of(seller, buyer)


def sold_by_agreement() -> Deal:
    """A result sold at its listed price to a named buyer."""
    seller, buyer = make_organisation(region="230100"), make_organisation(region="230600")
    listing = make_listing(L.LISTED, organisation=seller, price=PRICE)
    agree(listing, buyer)
    return cast_of(seller, buyer)


def agree(listing: Listing, buyer) -> None:
    sale = board.propose_sale(SYSTEM, listing, buyer, PRICE, TransferMode(listing.transfer_modes[0]))
    board.confirm_sale(SYSTEM, sale)
    db.session.commit()
    outbox.deliver_due()


def cast_of(seller, buyer) -> Deal:
    """The newest contract with its people, as it is stored."""
    contract = db.session.scalars(select(Contract).order_by(Contract.id.desc()).limit(1)).one()
    deal = Deal(
        contract, seller, buyer,
        make_member(seller, OrgRole.SELLER_EDITOR), make_member(seller, OrgRole.SELLER_SIGNER),
        make_member(buyer, OrgRole.BUYER_EDITOR), make_member(buyer, OrgRole.BUYER_SIGNER),
        make_staff(StaffRole.REGISTRAR),
    )  # fmt: skip
    db.session.commit()
    return deal


def signed(deal: Deal) -> None:
    complete(deal)
    confirm(deal)
    sign(deal)


def terminate(cause: EndCause) -> Callable[[Deal], None]:
    auctioneer = StaffRole.AUCTIONEER
    return lambda deal: services.terminate_contract(actor_for(make_staff(auctioneer)), deal.contract, "未能签约", cause)


def dissolve(deal: Deal) -> None:
    services.ask_end(deal.actor("buyer_signer"), deal.contract, "双方协商解除")
    services.agree_end(deal.actor("seller_signer"), deal.contract)


def sign_and_dissolve(deal: Deal) -> None:
    signed(deal)
    dissolve(deal)


def set_off(deal: Deal) -> None:
    deposit = db.session.scalars(select(Deposit)).one_or_none()
    if deposit is not None:
        payments.approve(actor_for(make_staff(StaffRole.FINANCE)), deposit)


def paid_and_dissolved(deal: Deal) -> None:
    signed(deal)
    set_off(deal)
    dissolve(deal)


def refuse(deal: Deal) -> None:
    signed(deal)
    apply(deal)
    services.ask_refusal(deal.actor("registrar"), deal.contract, REASONS)
    services.settle_request(actor_for(make_staff(StaffRole.REGISTRAR)), deal.contract)


def refuse_and_dissolve(deal: Deal) -> None:
    refuse(deal)
    dissolve(deal)


def cancel(*, dissolved: bool) -> Callable[[Deal], None]:
    def run(deal: Deal) -> None:
        signed(deal)
        apply(deal)
        register(deal)
        strike_off(deal, dissolved=dissolved)

    return run


def strike_off(deal: Deal, *, dissolved: bool) -> None:
    services.ask_cancellation(deal.actor("registrar"), deal.contract, "解除", dissolved=dissolved)
    services.settle_request(actor_for(make_staff(StaffRole.REGISTRAR)), deal.contract)


@dataclass(frozen=True)
class End:
    """Where everything is in the end; `deposit` is its state and the step that waits for finance."""

    contract: C
    listing: L
    deposit: tuple[str, str | None]
    counted: int = 0
    price_stands: bool = False


ENDS = [
    ("buyer breaks off", terminate(EndCause.BUYER), End(C.TERMINATED, L.LISTED, ("held", "forfeit"))),
    ("seller breaks off", terminate(EndCause.SELLER), End(C.TERMINATED, L.LISTED, ("held", "release"))),
    ("both let go", terminate(EndCause.BOTH), End(C.TERMINATED, L.LISTED, ("held", "release"))),
    ("dissolved once signed", sign_and_dissolve, End(C.DISSOLVED, L.LISTED, ("held", "release"))),
    ("dissolved, deposit paid in", paid_and_dissolved, End(C.DISSOLVED, L.LISTED, ("applied", None))),
    ("refused", refuse, End(C.REFUSED, L.CONTRACTED, ("held", "apply"), price_stands=True)),
    ("refused and dissolved", refuse_and_dissolve, End(C.DISSOLVED, L.LISTED, ("held", "release"))),
    ("struck off, dissolved", cancel(dissolved=True), End(C.CANCELLED, L.LISTED, ("held", "release"))),
    ("struck off, stands", cancel(dissolved=False), End(C.CANCELLED, L.CONTRACTED, ("held", "apply"))),
]


def counted() -> int:
    window = targets.window(None)
    assert window is not None
    return targets.total(Scope(window)).contracts


def standing() -> tuple[C, L, int]:
    db.session.expire_all()
    contract = db.session.scalars(select(Contract)).one()
    return contract.state, db.session.get_one(Listing, contract.listing_id).state, counted()


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize(("fail", "end"), [row[1:] for row in ENDS], ids=[row[0] for row in ENDS])
def test_a_deal_of_an_auction_fails(fail, end):
    deal = sold_at_auction()

    fail(deal)
    db.session.commit()
    outbox.deliver_due()

    assert standing() == (end.contract, end.listing, end.counted)
    deposit = db.session.scalars(select(Deposit)).one()
    assert (deposit.state.value, deposit.prepared.value if deposit.prepared else None) == end.deposit
    assert [not one.void for one in db.session.scalars(select(ObservedPrice))] == [end.price_stands]


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize(("fail", "end"), [row[1:] for row in ENDS], ids=[row[0] for row in ENDS])
def test_a_deal_by_agreement_fails(fail, end):
    deal = sold_by_agreement()

    fail(deal)
    db.session.commit()
    outbox.deliver_due()

    assert standing() == (end.contract, end.listing, end.counted)


@pytest.mark.usefixtures("app")
def test_what_came_to_nothing_is_sold_again_under_a_contract_of_its_own():
    deal = sold_by_agreement()
    terminate(EndCause.BUYER)(deal)
    db.session.commit()
    outbox.deliver_due()

    agree(db.session.get_one(Listing, deal.contract.listing_id), make_organisation())

    states = db.session.scalars(select(Contract.state).order_by(Contract.id)).all()
    assert states == [C.TERMINATED, C.DRAFT]


@pytest.mark.usefixtures("app")
def test_a_late_word_of_the_failed_deal_does_not_move_the_next_one():
    deal = sold_by_agreement()
    terminate(EndCause.BUYER)(deal)
    db.session.commit()
    outbox.deliver_due()
    listing = db.session.get_one(Listing, deal.contract.listing_id)
    agree(listing, make_organisation())

    moved = board.contract_signed(SYSTEM, listing.id, deal.contract.source)

    assert not moved
    assert db.session.get_one(Listing, listing.id).state is L.DEAL_PENDING


#: Where the result of a contract in each state is, while it is the latest contract of the result.
LISTING_OF = {
    C.DRAFT: L.DEAL_PENDING, C.SIGNING: L.DEAL_PENDING, C.SIGNED: L.CONTRACTED, C.APPLIED: L.CONTRACTED,
    C.RETURNED: L.CONTRACTED, C.REFUSED: L.CONTRACTED, C.REGISTERED: L.SETTLED, C.TERMINATED: L.LISTED,
    C.DISSOLVED: L.LISTED,
}  # fmt: skip


class Life(RuleBasedStateMachine):
    """One result through sales, signatures, refusals, cancellations and sales again, in any order that is allowed."""

    @initialize()
    def begin(self) -> None:
        self.deal = sold_by_agreement()
        self.dissolved = True

    def on(*states: C) -> Callable[..., bool]:
        return lambda self: db.session.get_one(Contract, self.deal.contract.id).state in states

    def told(self) -> None:
        db.session.commit()
        # The outbox has transactions of its own, whose end must not empty the people this test acts as.
        db.session.expunge_all()
        outbox.deliver_due()
        self.deal.contract = db.session.get_one(Contract, self.deal.contract.id)

    @precondition(on(C.DRAFT))
    @rule()
    def settle_the_text(self) -> None:
        complete(self.deal)
        confirm(self.deal)
        self.told()

    @precondition(on(C.SIGNING))
    @rule(back=st.booleans())
    def sign_or_reopen(self, back: bool) -> None:
        if back:
            services.reopen_contract(self.deal.actor("buyer_editor"), self.deal.contract, "改条款")
        else:
            sign(self.deal)
        self.told()

    @precondition(on(C.DRAFT, C.SIGNING))
    @rule(cause=st.sampled_from(EndCause))
    def terminate(self, cause: EndCause) -> None:
        terminate(cause)(self.deal)
        self.told()

    @precondition(on(C.SIGNED, C.RETURNED, C.REFUSED))
    @rule(go_on=st.booleans())
    def apply_or_dissolve(self, go_on: bool) -> None:
        if go_on:
            form = application(self.deal.contract)
            services.apply_for_registration(self.deal.actor("seller_editor"), self.deal.contract, form, "请复核")
        else:
            dissolve(self.deal)
        self.told()

    @precondition(on(C.APPLIED))
    @rule(decision=st.sampled_from(["register", "return", "refuse"]))
    def decide(self, decision: str) -> None:
        registrar = actor_for(make_staff(StaffRole.REGISTRAR))
        if decision == "register":
            services.register_contract(registrar, self.deal.contract)
        elif decision == "return":
            services.return_registration(registrar, self.deal.contract, REASONS)
        else:
            services.ask_refusal(registrar, self.deal.contract, REASONS)
            services.settle_request(actor_for(make_staff(StaffRole.REGISTRAR)), self.deal.contract)
        self.told()

    @precondition(on(C.REGISTERED))
    @rule(dissolved=st.booleans())
    def strike_off(self, dissolved: bool) -> None:
        self.dissolved = dissolved
        strike_off(self.deal, dissolved=dissolved)
        self.told()

    @precondition(lambda self: self.listing().state is L.LISTED)
    @rule()
    def sell_again(self) -> None:
        buyer = make_organisation()
        agree(self.listing(), buyer)
        db.session.expunge_all()
        self.deal, self.dissolved = cast_of(self.deal.seller, buyer), True

    def listing(self) -> Listing:
        return db.session.get_one(Listing, self.deal.contract.listing_id, populate_existing=True)

    @invariant()
    def the_result_is_where_its_contract_says(self) -> None:
        contract = db.session.get_one(Contract, self.deal.contract.id)
        cancelled = L.LISTED if self.dissolved else L.CONTRACTED
        assert self.listing().state is LISTING_OF.get(contract.state, cancelled)

    @invariant()
    def the_figure_is_what_is_registered(self) -> None:
        registered = db.session.scalars(select(Contract.id).where(Contract.state == C.REGISTERED)).all()
        assert counted() == len(registered)


def test_whatever_happens_result_contract_and_figure_agree(app):
    limits = settings(
        max_examples=6, stateful_step_count=14, deadline=None, suppress_health_check=list(HealthCheck), database=None,
        phases=[Phase.generate],
    )  # fmt: skip
    run_state_machine_as_test(Life, settings=limits)
