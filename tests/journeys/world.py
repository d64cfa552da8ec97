"""One of everything, for the crawl: what every route has to show, and who looks at it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import Flask
from sqlalchemy import select
from werkzeug.routing import Rule

from accounts.models import Membership, Organisation, User
from accounts.roles import OrganisationKind, OrgRole, StaffRole
from auctions.states import AuctionState
from contracts.states import ContractState
from listings.kinds import PriceMode
from listings.models import ListingImport, Sale
from listings.states import ListingState
from marketplace import outbox
from marketplace.clock import db_now
from marketplace.db import db
from marketplace.notices import Notice
from payments.models import Deposit
from targets.models import Window
from tests.factories import auctions as auction_factory
from tests.factories.accounts import make_member, make_organisation, make_staff
from tests.factories.contracts import make_deal
from tests.factories.listings import make_listing

S, C = ListingState, ContractState


class World:
    """A university that sells and a company that buys, with something in every state that has a page of its own."""

    def __init__(self) -> None:
        self.university = make_organisation(OrganisationKind.UNIVERSITY, name="北境理工大学")
        self.company = make_organisation(name="松江精工有限公司")
        sides = {"seller": self.university, "buyer": self.company}
        self.contracts = {
            state: make_deal(state, **sides).contract for state in (C.DRAFT, C.SIGNED, C.APPLIED, C.REGISTERED)
        }
        states = (S.LISTED, S.DRAFT, S.ORG_REVIEW, S.EXCHANGE_REVIEW, S.PUBLICITY)
        self.listings = {state: make_listing(state, organisation=self.university) for state in states}
        make_listing(S.NEGOTIATING, organisation=self.university, buyer=self.company)
        self.biddable = make_listing(S.LISTED, organisation=self.university, price_mode=PriceMode.AUCTION)
        self.bidder = auction_factory.member(self.company, OrgRole.BUYER_EDITOR)
        self.running, self.coming, self.asked = (
            auction_factory.auction(self.university, begins=begins) for begins in (-60, 9 * 86400, 20 * 86400)
        )
        auction_factory.admit(self.running, self.bidder)
        self.running.announced_at = self.coming.announced_at = db_now()
        self.asked.state = AuctionState.DRAFT
        self.imported = ListingImport(
            organisation_id=self.university.id, file_name="成果.xlsx", sha256="0" * 64, rows=3, created=1, unchanged=1,
            failed=1, problems=[{"row": 3, "column": "标题", "reason": "缺少标题", "value": "", "blocks": True}],
        )  # fmt: skip
        db.session.add(self.imported)
        db.session.commit()
        outbox.deliver_due()

    def person(self, role: str) -> tuple[User | None, Organisation | None]:
        """Somebody who has this role, and has been told something."""
        if role == "nobody":
            return None, None
        if role in ("seller", "buyer"):
            organisation = self.university if role == "seller" else self.company
            does = [one for one in OrgRole if one.value.startswith(role)]
            return self._told(make_member(organisation, [*does, OrgRole.MANAGER])), organisation
        return self._told(make_staff(StaffRole(role))), None

    def _told(self, user: User) -> User:
        told = Notice(user_id=user.id, event="listings.listed", key="crawl", title="已挂牌", body="您好：\n\n已挂牌。")
        db.session.add(told)
        db.session.commit()
        return user

    def samples(self, user: User | None, organisation: Organisation | None) -> dict[str, Any]:
        """What stands in an address, by the argument's name; `endpoint/argument` where one thing does not fit all."""
        applied, listed = self.contracts[C.APPLIED].number, self.listings[S.LISTED].number
        fact = db.session.scalars(select(outbox.Delivery).limit(1)).one()
        mine = organisation or self.university
        return {
            "contracts.detail/number": self.contracts[C.REGISTERED].number,
            "contracts.edit/number": self.contracts[C.DRAFT].number,
            "contracts.apply/number": self.contracts[C.SIGNED].number,
            "contracts.check/number": "2026230100000001",
            "registrar.review/number": applied,
            "registrar.change/number": self.contracts[C.REGISTERED].number,
            "registrar.cancel/number": self.contracts[C.REGISTERED].number,
            "listings.edit/number": self.listings[S.DRAFT].number,
            "listings.edit_files/number": self.listings[S.DRAFT].number,
            "listings.review/number": self.listings[S.EXCHANGE_REVIEW].number,
            "listings.publicity_detail/number": self.listings[S.PUBLICITY].number,
            "listings/number": listed,
            "auctions.register/number": self.coming.number,
            "auctions.edit/number": self.asked.number,
            "auctions.review/number": self.asked.number,
            "auctions/number": self.running.number,
            "payments/number": db.session.scalars(select(Deposit.number).limit(1)).one(),
            "member_id": _first(Membership.id, Membership.organisation_id == mine.id),
            "notice_id": _first(Notice.id, Notice.user_id == (user.id if user else 0)),
            "organisation_id": self.university.id,
            "user_id": self.bidder.user.id,
            "sale_id": _first(Sale.id, Sale.buyer_organisation_id == self.company.id),
            "import_id": self.imported.id,
            "fact_id": fact.fact_id, "handler": fact.handler,
            "key": _first(Window.key), "field": "materials", "part": "returned", "step": "result",
            "kind": "listings", "object_id": self.listings[S.LISTED].id,
        }  # fmt: skip

    def addresses(self, app: Flask, rules: list[Rule], user: User | None, place: Organisation | None) -> Iterator[str]:
        """Every page's address; a route that needs what the world has not is left out."""
        adapter = app.url_map.bind("localhost")
        samples = self.samples(user, place)
        for rule in rules:
            blueprint = rule.endpoint.partition(".")[0]
            found = {
                name: next(
                    (
                        samples[key]
                        for key in (f"{rule.endpoint}/{name}", f"{blueprint}/{name}", name)
                        if key in samples
                    ),
                    None,
                )
                for name in rule.arguments
            }
            if None not in found.values():
                yield adapter.build(rule.endpoint, found)
        yield f"/auctions/new?listing={self.biddable.number}"


def _first(column: Any, *where: Any) -> Any:
    return db.session.scalars(select(column).where(*where).order_by(column).limit(1)).first()
