"""Who may bid, as the desk reads it under the auction's lock: session, role, organisation, admission, deposit, limits."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import text

from accounts.roles import OrgRole
from accounts.states import OrganisationState
from auctions import desk
from marketplace.clock import db_now
from marketplace.db import db
from tests.factories import auctions as make


def _end_session(party):
    db.session.execute(
        text("UPDATE user_sessions SET revoked_at = clock_timestamp() WHERE id = :id"), {"id": party.sid}
    )


def _raise_epoch(party):
    party.user.epoch += 1
    db.session.flush()
    db.session.expunge(party.user)


def _disable(party):
    party.user.disabled_at = db_now()


def _take_role(party):
    db.session.execute(
        text("UPDATE memberships SET roles = CAST(:roles AS jsonb) WHERE user_id = :id"),
        {"id": party.user.id, "roles": f'["{OrgRole.BUYER_FINANCE}"]'},
    )


def _end_membership(party):
    db.session.execute(
        text("UPDATE memberships SET ended_at = clock_timestamp() WHERE user_id = :id"), {"id": party.user.id}
    )


def _suspend(party):
    party.organisation.state = OrganisationState.SUSPENDED


def _ban(party):
    party.organisation.banned_until = db_now() + timedelta(days=1)


def _release(party):
    db.session.execute(
        text("UPDATE deposits SET state = 'released' WHERE organisation_id = :id"), {"id": party.organisation.id}
    )


def _refuse(party):
    db.session.execute(
        text("UPDATE auction_bidders SET state = 'refused' WHERE organisation_id = :id"), {"id": party.organisation.id}
    )


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (_end_session, "signed_out"),
        (_raise_epoch, "signed_out"),
        (_disable, "signed_out"),
        (_take_role, "no_role"),
        (_end_membership, "no_role"),
        (_suspend, "not_verified"),
        (_ban, "banned"),
        (_release, "deposit_missing"),
        (_refuse, "not_admitted"),
    ],
)
def test_who_may_not_bid_is_refused_outside_the_chain(app, rows, change, code):
    auction, (company, _) = make.room()
    request = company.request(auction, 1000)
    change(company)
    db.session.commit()

    answer = desk.place(request)

    attempts = rows("SELECT code, amount, user_id FROM auction_attempts")
    assert (answer.accepted, answer.refusal, answer.proof) == (False, code, None)
    assert [(row["code"], row["amount"]) for row in attempts] == [(code, "1000")]
    assert rows("SELECT * FROM bids") == []


def test_a_stranger_is_refused(app):
    auction, _ = make.room()
    stranger = make.company()
    db.session.commit()

    assert desk.place(stranger.request(auction, 1000)).refusal == "not_admitted"


def test_the_sellers_side_may_not_bid_even_through_another_company(app):
    auction, (company, _) = make.room()
    db.session.execute(
        text("INSERT INTO memberships (user_id, organisation_id, roles) VALUES (:user, :seller, '[]')"),
        {"user": company.user.id, "seller": auction.organisation_id},
    )
    db.session.commit()

    assert desk.place(company.request(auction, 1000)).refusal == "seller_side"


def test_a_person_may_not_commit_more_than_their_limit_over_all_live_auctions(app):
    buyer = make.company()
    clerk = make.member(buyer.organisation, bid_limit=Decimal("2500.00"))
    first, second = make.auction(), make.auction()
    make.admit(first, buyer)
    make.admit(second, buyer)
    db.session.commit()
    within = desk.place(clerk.request(first, 1500, kind="limit"))

    beyond = desk.place(clerk.request(second, 1010))

    assert within.accepted
    assert beyond.refusal == "over_authority"
    assert desk.place(clerk.request(second, 1000)).accepted
    assert desk.place(buyer.request(second, 3000)).accepted, "the limit is the clerk's, not the company's"
