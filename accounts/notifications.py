"""Mails and notices of this package, one function a message; sent by the worker after the commit."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask_babel import force_locale, get_locale

from marketplace import links, mail, notices
from marketplace.permissions import Permission

from . import queries
from .handover import OpenWork
from .models import Membership, Organisation, User
from .roles import PERMISSION_LABELS


def confirm_email(user: User, token: str) -> None:
    """The link that proves the address."""
    _mail("confirm_email", user.email, user.locale, name=user.name, link=_link("accounts.confirm", token))


def already_registered(user: User) -> None:
    """Somebody tried to register an address that has an account."""
    _mail("already_registered", user.email, user.locale, name=user.name, link=_link("accounts.forgot"))


def reset_password(user: User, token: str) -> None:
    """The link that sets a new password."""
    _mail("reset_password", user.email, user.locale, name=user.name, link=_link("accounts.reset", token))


def account_made(user: User, token: str) -> None:
    """Somebody made this account for its owner, who sets the password from here."""
    _mail("account_made", user.email, user.locale, name=user.name, link=_link("accounts.reset", token))


def invitation(email: str, organisation: Organisation, inviter: str, token: str) -> None:
    """An invitation to join an organisation."""
    link = _link("accounts.invitation", token)
    _mail(
        "invitation",
        email,
        str(get_locale() or "zh_CN"),
        name=email,
        inviter=inviter,
        organisation=organisation.name,
        link=link,
    )


def password_changed(user: User) -> None:
    """The password was changed; who did not do it must hear of it."""
    _security(user, "password_changed")


def second_factor_changed(user: User) -> None:
    """The second factor was turned on or off."""
    _security(user, "second_factor_changed")


def recovery_code_used(user: User) -> None:
    """A recovery code was used to sign in."""
    _security(user, "recovery_code_used")


def organisation_submitted(organisation: Organisation) -> None:
    """Reviewers have an organisation to verify."""
    to = [user.id for user in queries.staff_with(Permission.ORG_VERIFY)]
    url = links.path("accounts.verification", organisation_id=organisation.id)
    notices.send("accounts.organisation_submitted", to, {"organisation": organisation.name}, url=url)


def organisation_verified(organisation: Organisation) -> None:
    """The organisation may trade."""
    _managers("organisation_verified", organisation)


def organisation_returned(organisation: Organisation, reason: str) -> None:
    """The registration needs correcting."""
    _managers("organisation_returned", organisation, reason=reason)


def organisation_renamed(organisation: Organisation, old_name: str) -> None:
    """The organisation has its new name."""
    _managers("organisation_renamed", organisation, old_name=old_name)


def organisation_suspended(organisation: Organisation, reason: str) -> None:
    """The organisation may not trade for now."""
    _managers("organisation_suspended", organisation, reason=reason)


def organisation_banned(organisation: Organisation, until: datetime, reason: str) -> None:
    """The organisation may not bid until then."""
    _managers("organisation_banned", organisation, until=until, reason=reason)


def work_taken_over(heir_id: int, member: Membership, work: Sequence[OpenWork]) -> None:
    """Somebody left, and their open work is the heir's now."""
    context = {"organisation": member.organisation.name, "name": member.user.name, "work": work}
    notices.send("accounts.work_taken_over", [heir_id], context, url=links.path("desk.index"))


def work_unattended(member: Membership, work: Sequence[OpenWork]) -> None:
    """Somebody left, and nobody else may do what waits: the managers give another member the role."""
    if work:
        may = [PERMISSION_LABELS[one] for one in Permission if one in {each.needs for each in work}]
        _managers("work_unattended", member.organisation, name=member.user.name, work=work, permissions=may)


def _managers(name: str, organisation: Organisation, /, **context: Any) -> None:
    to = [user.id for user in queries.members_with(organisation.id, Permission.ORG_MANAGE)]
    url = links.path("accounts.organisation")
    notices.send(f"accounts.{name}", to, {"organisation": organisation.name, "reason": "", **context}, url=url)


def _security(user: User, name: str) -> None:
    notices.send(f"accounts.{name}", [user.id], {}, url=links.path("accounts.security"))


def _link(endpoint: str, token: str = "") -> str:
    return links.absolute(endpoint, token=token) if token else links.absolute(endpoint)


def _mail(event: str, to: str, locale: str, /, **context: str) -> None:
    """Mail somebody who may have no account yet, so no notice goes with it."""
    with force_locale(locale):
        parts = notices.render(f"accounts.{event}", context)
    mail.queue(to, parts.subject, parts.text, parts.html, f"accounts.{event}:{secrets.token_hex(12)}")
