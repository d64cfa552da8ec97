"""The order in which the sample comes into being, each step once, committed in batches with a line of progress."""

from __future__ import annotations

import time
from collections.abc import Callable
from random import Random

from sqlalchemy import select

from accounts.models import Organisation, User
from marketplace import clock
from marketplace.db import db, unit_of_work
from payments import collecting

from . import auctions, contracts, history, organisations, people, results
from .accounts_file import write_accounts
from .pace import batched, deliver, hurry
from .words import SEED

Say = Callable[[str], None]
BATCH = 500
#: Remembered once it is true: sample data do not go away while a process lives.
_KNOWN: list[bool] = []


def holds_sample_data() -> bool:
    """True if this installation holds sample organisations; every page then says so."""
    if not _KNOWN and db.session.scalars(select(Organisation.id).where(Organisation.sample).limit(1)).first():
        _KNOWN.append(True)
    return bool(_KNOWN)


def inhabited() -> bool:
    """True if anybody has an account here."""
    return db.session.scalars(select(User.id).limit(1)).first() is not None


def load(say: Say, *, small: bool = False) -> None:
    """Make everything that is not there yet; a second run finds all done."""
    people.forget()
    hurry()
    for name, step in STEPS:
        started = time.monotonic()
        made = step(small)
        say(f"  {name}：{made}（{time.monotonic() - started:.1f} 秒）")
    write_accounts()


def _staff(_small: bool) -> int:
    with unit_of_work():
        if db.session.scalars(select(User.id).where(User.sample).limit(1)).first():
            return 0
        people.make_staff(Random(f"{SEED}:staff"))
        _collecting_account()
        return len(people.STAFF)


def _collecting_account() -> None:
    """Where deposits are paid to, published by two officers as any such account is."""
    bank = "龙江科创银行（样例）哈尔滨分行"
    proposed = collecting.propose(
        people.staff("finance"), holder="龙江科技成果交易网（样例）", bank=bank, account="2300100200300400"
    )
    db.session.flush()
    collecting.publish(people.staff("finance2"), proposed)


def _organisations(small: bool) -> int:
    with unit_of_work():
        known = set(db.session.scalars(select(Organisation.name).where(Organisation.sample)))
    missing = [one for one in organisations.specifications(small) if one.name not in known]
    paper = organisations.certificate() if missing else b""
    for batch in batched(missing, 10):
        with unit_of_work():
            for one in batch:
                organisations.make(Random(f"{SEED}:{one.slug}"), one, paper)
    return len(missing)


def _history(small: bool) -> int:
    count = 0
    with unit_of_work():
        made = history.contracts(organisations.parties(small), clock.today(), small=small)
    for batch in batched(made, BATCH):
        with unit_of_work():
            count += history.bring_in(batch)
    return count


def _results(small: bool) -> int:
    with unit_of_work():
        plans, today = results.missing(small), clock.today()
    for batch in batched(plans, 40):
        with unit_of_work():
            parties = organisations.parties(small)
            for plan in batch:
                results.make(plan, parties, today)
    return len(plans)


def _auctions(small: bool) -> int:
    with unit_of_work():
        plans = auctions.missing(small)
    for batch in batched(plans, 10):
        with unit_of_work():
            parties = organisations.parties(small)
            for plan in batch:
                auctions.make(plan, parties, clock.db_now())
    return len(plans)


def _contracts(small: bool) -> int:
    deliver()
    with unit_of_work():
        parties, today = organisations.parties(small), clock.today()
        turns = contracts.waiting(parties)
        for contract, end in turns:
            contracts.walk(contract, end, parties, today)
    deliver()
    return len(turns)


STEPS: tuple[tuple[str, Callable[[bool], int]], ...] = (
    ("交易所工作人员", _staff),
    ("单位及成员", _organisations),
    ("已登记合同", _history),
    ("科技成果", _results),
    ("竞价", _auctions),
    ("成交合同", _contracts),
)
