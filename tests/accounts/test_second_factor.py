"""The second factor: compulsory for staff, each code once, recovery codes, lock-outs."""

from __future__ import annotations

import re

import pyotp
import pytest
from sqlalchemy import select

from accounts import services
from accounts.errors import WrongCode
from accounts.models import RecoveryCode, User, UserSession
from accounts.roles import StaffRole
from marketplace.clock import db_now
from marketplace.db import db
from marketplace.errors import Conflict, TooMany
from tests.accounts.conftest import code_at
from tests.factories.accounts import PASSWORD, TOTP_SECRET, actor_for, make_staff, make_user, sign_in


def now() -> int:
    return int(db_now().timestamp())


def give_password(client, user):
    return client.post("/sign-in", data={"email": user.email, "password": PASSWORD})


def give_code(client, code):
    return client.post("/sign-in/code", data={"code": code})


def fresh(user) -> User:
    db.session.rollback()
    db.session.expire_all()
    return db.session.get_one(User, user.id)


def test_password_and_code_together_let_in(client):
    user = make_staff(StaffRole.OPERATOR)
    give_password(client, user)

    answer = give_code(client, code_at(now()))

    assert answer.location == "/desk"
    assert client.get("/desk/people").status_code == 200


def test_the_password_alone_opens_nothing(client):
    give_password(client, make_staff(StaffRole.OPERATOR))

    assert client.get("/desk").status_code == 303
    assert db.session.scalars(select(UserSession)).all() == []


def test_the_code_alone_opens_nothing(client):
    make_staff(StaffRole.OPERATOR)

    assert give_code(client, code_at(now())).location == "/sign-in"


def test_a_code_works_once(client, app):
    user, code = make_staff(StaffRole.OPERATOR), code_at(now())
    give_password(client, user)
    give_code(client, code)
    thief = app.test_client()
    give_password(thief, user)

    assert give_code(thief, code).status_code == 422


def test_codes_of_neighbouring_steps_are_taken(client):
    give_password(client, make_staff(StaffRole.OPERATOR))

    assert give_code(client, code_at(now() - 30)).status_code == 303


@pytest.mark.parametrize("shift", [-90, 90])
def test_codes_further_away_are_not(client, shift):
    give_password(client, make_staff(StaffRole.OPERATOR))

    assert give_code(client, code_at(now() + shift)).status_code == 422


def test_an_older_code_is_worthless_once_a_later_one_was_taken(app):
    user = make_staff(StaffRole.OPERATOR)
    moment = now()
    services.check_code(user, code_at(moment))

    with pytest.raises(WrongCode):
        services.check_code(user, code_at(moment - 30))


def test_wrong_codes_lock_the_second_factor(app):
    user = make_staff(StaffRole.OPERATOR)
    for _ in range(5):
        with pytest.raises(WrongCode):
            services.check_code(user, "000000")

    with pytest.raises(TooMany):
        services.check_code(user, code_at(now()))


def test_the_way_from_password_to_code_closes_after_a_while(client):
    user = make_staff(StaffRole.OPERATOR)
    give_password(client, user)
    with client.session_transaction() as cookie:
        cookie["halfway"] = {**cookie["halfway"], "until": now() - 1}

    assert give_code(client, code_at(now())).location == "/sign-in"


def test_a_reset_password_closes_it_too(client):
    user = make_staff(StaffRole.OPERATOR)
    give_password(client, user)
    services.sign_out_everywhere(actor_for(user), user)
    db.session.commit()

    assert give_code(client, code_at(now())).location == "/sign-in"


def test_staff_without_one_are_led_to_enrol_and_are_not_signed_in(client):
    user = make_user(staff_roles=["reviewer"])

    answer = give_password(client, user)

    assert answer.location == "/account/second-factor"
    assert client.get("/account/second-factor").status_code == 200
    assert client.get("/desk").status_code == 303


def test_enrolling_signs_them_in_and_shows_recovery_codes_once(client):
    user = make_user(staff_roles=["reviewer"])
    give_password(client, user)
    client.get("/account/second-factor")

    page = client.post("/account/second-factor", data={"code": code_at(now(), fresh(user).totp_secret)})

    assert len(set(re.findall(r"[0-9a-f]{6}-[0-9a-f]{6}", page.text))) == 8
    assert page.headers["Cache-Control"] == "no-store"
    assert client.get("/desk/organisations").status_code == 200
    assert client.get("/account/second-factor").location == "/account/security"


def test_roles_at_the_exchange_sleep_without_a_second_factor(app):
    actor = actor_for(make_user(staff_roles=["operator"]))

    assert actor.staff_roles == frozenset()
    assert not [one for one in actor.permissions if one.value.startswith("staff:")]


def test_who_becomes_staff_must_sign_in_anew(client):
    user, operator = make_user(), make_staff(StaffRole.OPERATOR)
    sign_in(client, user)
    services.set_staff_roles(actor_for(operator), user, [StaffRole.AUDITOR])
    db.session.commit()

    assert client.get("/desk").status_code == 303


def test_a_wrong_code_does_not_enrol(client):
    user = make_user()
    sign_in(client, user)
    client.get("/account/second-factor")

    assert client.post("/account/second-factor", data={"code": "000000"}).status_code == 422
    assert fresh(user).totp_confirmed_at is None


def test_loading_the_page_again_keeps_the_secret_that_was_scanned(client):
    user = make_user()
    sign_in(client, user)
    client.get("/account/second-factor")
    scanned = fresh(user).totp_secret
    client.get("/account/second-factor")

    assert fresh(user).totp_secret == scanned


def test_the_qr_code_is_drawn_on_the_page(client):
    sign_in(client, make_user())

    assert "<svg" in client.get("/account/second-factor").text


def with_codes(user) -> list[str]:
    codes = services.renew_recovery_codes(actor_for(user), user)
    db.session.commit()
    return codes


def test_a_recovery_code_replaces_the_phone_once(client, app, mails):
    user = make_staff(StaffRole.OPERATOR)
    code = with_codes(user)[0]
    give_password(client, user)
    second = app.test_client()
    give_password(second, user)

    assert give_code(client, code.upper()).status_code == 303
    assert give_code(second, code).status_code == 422
    assert len([one for one in mails(user.email) if one.key.startswith("accounts.recovery_code_used")]) == 1


def test_new_recovery_codes_make_the_old_worthless(app):
    user = make_staff(StaffRole.OPERATOR)
    old = with_codes(user)[0]
    with_codes(user)

    with pytest.raises(WrongCode):
        services.check_code(user, old)


def test_recovery_codes_are_kept_as_hashes(app):
    user = make_staff(StaffRole.OPERATOR)
    codes = with_codes(user)

    kept = {row.code_hash for row in db.session.scalars(select(RecoveryCode))}
    assert kept.isdisjoint(codes)
    assert {len(one) for one in kept} == {64}


def test_making_new_codes_needs_a_code_of_the_app(client):
    user = make_staff(StaffRole.OPERATOR)
    sign_in(client, user)

    assert client.post("/account/second-factor/codes", data={"code": "000000"}).status_code == 422
    assert client.post("/account/second-factor/codes", data={"code": code_at(now())}).status_code == 200


def test_a_member_turns_theirs_off_with_a_code(client):
    user = make_staff([])
    sign_in(client, user)

    client.post("/account/second-factor/off", data={"code": code_at(now())})

    assert fresh(user).totp_confirmed_at is None


def test_staff_cannot_turn_theirs_off(app):
    user = make_staff(StaffRole.OPERATOR)

    with pytest.raises(Conflict):
        services.turn_off_totp(actor_for(user), user)


def test_an_operator_takes_a_lost_one_off_and_every_session_ends(client, app):
    user, operator = make_staff(StaffRole.REVIEWER), make_staff(StaffRole.OPERATOR)
    theirs = app.test_client()
    sign_in(theirs, user)
    sign_in(client, operator)

    client.post(f"/desk/people/{user.id}/reset_factor")

    assert theirs.get("/desk").status_code == 303
    assert fresh(user).totp_secret == ""


def test_the_address_for_apps_names_the_exchange_and_the_person(app):
    user = make_user(email="li@example.cn")

    address = services.begin_totp(user)

    assert pyotp.parse_uri(address).name == "li@example.cn"
    assert pyotp.parse_uri(address).issuer == "龙江科技成果交易网"


def test_a_second_factor_in_use_is_never_overwritten(app):
    user = make_staff(StaffRole.OPERATOR)

    with pytest.raises(Conflict):
        services.begin_totp(user)
    assert user.totp_secret == TOTP_SECRET
