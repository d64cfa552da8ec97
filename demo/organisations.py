"""Sixty invented organisations, registered with a paper, submitted and verified as real ones are."""

from __future__ import annotations

import io
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from random import Random

from sqlalchemy import select
from werkzeug.datastructures import FileStorage

from accounts import services
from accounts.models import Organisation
from accounts.roles import OrganisationKind
from accounts.states import DocumentKind
from marketplace import pdf
from marketplace.db import db
from marketplace.permissions import SYSTEM
from marketplace.regions import CITIES, region_label

from .people import Team, make_members, staff
from .words import code, person, rows

K = OrganisationKind
#: Registered, but left where the reviewer's desk finds them.
SUBMITTED, RETURNED = frozenset({"hmjg"}), frozenset({"bckj"})
#: The small load takes the first organisations of each kind.
SMALL = {K.UNIVERSITY: 2, K.INSTITUTE: 2, K.COMPANY: 5, K.AGENCY: 1, K.FINANCE: 1, K.GOVERNMENT: 1}
SECOND_APPROVAL_ABOVE = Decimal("3000000.00")


@dataclass(frozen=True, slots=True)
class Specification:
    """One line of the list of organisations."""

    serial: int
    name: str
    kind: OrganisationKind
    region: str
    slug: str
    leader: str


@cache
def specifications(small: bool) -> tuple[Specification, ...]:
    """The organisations to make, in order."""
    everyone = [
        Specification(serial, name, OrganisationKind(kind), region, slug, leader)
        for serial, (name, kind, region, slug, leader) in enumerate(rows("organisations.tsv"), 1)
    ]
    if not small:
        return tuple(everyone)
    taken = {kind: [one for one in everyone if one.kind is kind][:count] for kind, count in SMALL.items()}
    return tuple(one for group in taken.values() for one in group)


def make(random: Random, one: Specification, certificate: bytes) -> Organisation:
    """Register, describe, prove, submit, verify."""
    organisation = services.create_organisation(
        SYSTEM,
        name=one.name,
        kind=one.kind,
        uscc=code(one.kind, one.region, one.serial),
        region=one.region,
        sample=True,
        **_description(random, one),
    )
    make_members(random, organisation, one.slug)
    db.session.flush()
    upload = FileStorage(io.BytesIO(certificate), "统一社会信用代码证书（样例）.pdf", content_type="application/pdf")
    services.add_document(SYSTEM, organisation, upload, DocumentKind.CERTIFICATE)
    services.submit_organisation(SYSTEM, organisation)
    _decide(one, organisation)
    return organisation


def _description(random: Random, one: Specification) -> dict[str, object]:
    city = str(region_label(one.region))
    province = "黑龙江省" if one.region in CITIES else ""
    private = one.kind is K.COMPANY
    return {
        "address": f"{province}{city}创新路 {random.randrange(1, 300)} 号",
        "legal_representative": one.leader,
        "contact_name": person(random),
        "contact_phone": f"0451-{random.randrange(80_000_000, 88_999_999)}",
        "contact_email": f"office@{one.slug}.example.cn",
        "introduction": f"{one.name}为样例单位，用于演示平台功能，名称、人员和数据均为虚构。",
        "bank_name": f"龙江科创银行（样例）{city}分行",
        "bank_account": f"2300{random.randrange(10**11, 10**12)}",
        "hightech": private and random.random() < 0.6,
        "specialised_sme": private and random.random() < 0.35,
        "second_approval_above": SECOND_APPROVAL_ABOVE if private and random.random() < 0.3 else None,
    }


def _decide(one: Specification, organisation: Organisation) -> None:
    reviewer = staff("reviewer")
    if one.slug in RETURNED:
        services.return_organisation(reviewer, organisation, "法定代表人与所附证书不一致，请核对后重新提交。")
    elif one.slug not in SUBMITTED:
        services.verify_organisation(reviewer, organisation)


def certificate() -> bytes:
    """The paper that all sample organisations show: it says that it is none."""
    return pdf.render("demo/sample.typ", {"title": "统一社会信用代码证书（样例）"})


@dataclass(frozen=True, slots=True)
class Party:
    """An organisation with its people."""

    organisation: Organisation
    team: Team


def parties(small: bool) -> dict[str, Party]:
    """The verified sample organisations by slug."""
    found = {one.name: one for one in db.session.scalars(select(Organisation).where(Organisation.sample))}
    return {
        one.slug: Party(found[one.name], Team(found[one.name].id, one.slug))
        for one in specifications(small)
        if one.name in found and one.slug not in SUBMITTED | RETURNED
    }
