"""A contract goes on when one of its drafters or its only signer leaves."""

from __future__ import annotations

import pytest

from accounts import handover
from accounts import queries as accounts
from accounts import services as membership
from accounts.roles import OrgRole
from contracts.handlers import membership_ended
from contracts.states import ContractState
from marketplace import audit
from marketplace.db import db
from marketplace.facts import MembershipEnded
from marketplace.outbox import StoredFact, deliver_due, load
from marketplace.permissions import Permission
from tests.factories.accounts import actor_for, make_member, sign_in
from tests.factories.contracts import make_deal

pytestmark = pytest.mark.usefixtures("app")


def leave(organisation, leaver, heir):
    pair = accounts.membership(leaver.id, organisation.id), accounts.membership(heir.id, organisation.id)
    membership.end_membership(actor_for(leaver, organisation), *pair)
    db.session.commit()
    deliver_due()


def lines(contract):
    return [entry.after["user"] for entry in audit.trail(contract) if entry.action == "contract.hand_over"]


@pytest.mark.parametrize("state", [ContractState.SIGNING, ContractState.SIGNED, ContractState.APPLIED])
def test_the_trail_says_who_goes_on_with_it(state):
    deal = make_deal(state)
    heir = make_member(deal.seller, [OrgRole.MANAGER, OrgRole.SELLER_EDITOR])

    leave(deal.seller, deal.seller_editor, heir)

    assert lines(deal.contract) == [heir.id]
    assert heir.id not in deal.contract.editors


def test_a_registered_contract_needs_nobody():
    deal = make_deal(ContractState.REGISTERED)
    heir = make_member(deal.seller, OrgRole.MANAGER)

    leave(deal.seller, deal.seller_editor, heir)

    assert lines(deal.contract) == []


def test_the_same_fact_twice_writes_one_line_and_another_leaving_another():
    deal = make_deal(ContractState.SIGNING)
    heir = make_member(deal.seller, [OrgRole.MANAGER, OrgRole.SELLER_EDITOR])
    leave(deal.seller, deal.seller_editor, heir)
    stored = db.session.query(StoredFact).filter_by(name="MembershipEnded").one()
    fact = load(stored)
    assert isinstance(fact, MembershipEnded)

    membership_ended(fact)
    membership.add_member(actor_for(heir, deal.seller), deal.seller, deal.seller_editor, [OrgRole.SELLER_EDITOR])
    db.session.commit()
    leave(deal.seller, deal.seller_editor, heir)

    assert lines(deal.contract) == [heir.id, heir.id]


def test_the_only_signer_leaves_a_step_that_nobody_may_take(client):
    deal = make_deal(ContractState.SIGNING)
    make_member(deal.seller, OrgRole.MANAGER)
    sign_in(client, deal.seller_signer, deal.seller)

    page = client.get("/organisation/leave").text
    work = handover.open_work(deal.seller.id, deal.seller_signer.id)

    assert [one.needs for one in work] == [Permission.CONTRACT_SIGN]
    assert deal.contract.number in page
