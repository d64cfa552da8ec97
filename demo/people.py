"""The people of the sample organisations and of the exchange, and the list of accounts that greets whoever tries it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from random import Random

import pyotp

from accounts import queries, services
from accounts.login import actor_of
from accounts.models import Organisation, User
from accounts.roles import OrganisationKind, OrgRole, StaffRole
from marketplace.permissions import SYSTEM, Actor

from .words import person

PASSWORD = "demo-2026"  # noqa: S105 - everybody may know it: it opens sample accounts alone
#: Second factor of every sample member of staff, so that a trial needs no authenticator.
TOTP_SECRET = "LONGJIANG2SAMPLE3DATA4EXCHANGE5Q"  # noqa: S105 - as public as the password
STAFF_DOMAIN = "exchange.example.cn"

#: The companies whose people are shown first to whoever tries it; nobody else bids for them.
TRIED = ("bczg", "sbsz")

R, K = OrgRole, OrganisationKind

#: Login name, then what the person does in an organisation that sells, buys, brokers.
SELLING = {
    "manager": (R.MANAGER,),
    "editor": (R.SELLER_EDITOR,),
    "approver": (R.SELLER_APPROVER,),
    "signer": (R.SELLER_SIGNER,),
    "finance": (R.SELLER_FINANCE,),
}
BUYING = {
    "manager": (R.MANAGER,),
    "editor": (R.BUYER_EDITOR, R.SELLER_EDITOR),
    "approver": (R.BUYER_APPROVER, R.SELLER_APPROVER),
    "signer": (R.BUYER_SIGNER, R.SELLER_SIGNER),
    "finance": (R.BUYER_FINANCE, R.SELLER_FINANCE),
}
BROKING = {
    "manager": (R.MANAGER,),
    "editor": (R.AGENCY_EDITOR,),
    "approver": (R.AGENCY_APPROVER,),
    "signer": (R.AGENCY_SIGNER,),
    "finance": (R.AGENCY_FINANCE,),
}
CAST = {K.UNIVERSITY: SELLING, K.INSTITUTE: SELLING, K.AGENCY: BROKING}

STAFF = {
    "reviewer": ("审核员", StaffRole.REVIEWER),
    "reviewer2": ("审核员（二）", StaffRole.REVIEWER),
    "auctioneer": ("竞价主持", StaffRole.AUCTIONEER),
    "registrar": ("认定登记员", StaffRole.REGISTRAR),
    "registrar2": ("认定登记员（二）", StaffRole.REGISTRAR),
    "finance": ("财务", StaffRole.FINANCE),
    "finance2": ("财务（复核）", StaffRole.FINANCE),
    "supervisor": ("监督员", StaffRole.SUPERVISOR),
    "operator": ("系统运维", StaffRole.OPERATOR),
    "auditor": ("审计员", StaffRole.AUDITOR),
}


def address(name: str, slug: str) -> str:
    """The login of somebody in an organisation: `editor@sjlg.example.cn`."""
    return f"{name}@{slug}.example.cn"


def make_staff(random: Random) -> None:
    """The exchange's own people, second factor enrolled."""
    for login, (_, role) in STAFF.items():
        email = f"{login}@{STAFF_DOMAIN}"
        user = services.create_user(
            SYSTEM,
            email=email,
            name=person(random),
            password=PASSWORD,
            confirmed=True,
            staff_roles=(role,),
            sample=True,
        )
        user.totp_secret = TOTP_SECRET
        services.begin_totp(user)
        services.confirm_totp(actor_of(user, None), user, pyotp.TOTP(TOTP_SECRET).now())


def make_members(random: Random, organisation: Organisation, slug: str) -> None:
    """One person for each role that this kind of organisation has; its leader signs."""
    for login, roles in CAST.get(organisation.kind, BUYING).items():
        name = organisation.legal_representative if login == "signer" else person(random)
        user = services.create_user(
            SYSTEM, email=address(login, slug), name=name, password=PASSWORD, confirmed=True, sample=True
        )
        services.add_member(SYSTEM, organisation, user, list(roles))


@dataclass(frozen=True, slots=True)
class Team:
    """The actors of one organisation, by login name."""

    organisation_id: int
    slug: str

    def __getitem__(self, login: str) -> Actor:
        return _actor(address(login, self.slug), self.organisation_id)


def staff(login: str) -> Actor:
    """The actor of a member of staff."""
    return _actor(f"{login}@{STAFF_DOMAIN}", None)


@cache
def _actor(email: str, organisation_id: int | None) -> Actor:
    user = queries.user_by_email(email)
    if user is None:
        raise LookupError(email)
    return actor_of(user, organisation_id)


def forget() -> None:
    """Look everybody up anew (the accounts are those of another database now)."""
    _actor.cache_clear()


def current_code() -> str:
    """What an authenticator of the sample staff would show now."""
    return pyotp.TOTP(TOTP_SECRET).now()


def is_sample_staff(user: User) -> bool:
    """True for the people whose second factor everybody may know."""
    return user.sample and user.totp_secret == TOTP_SECRET
