"""Tampering is found: by anyone with the file, and against us by a bidder with a receipt."""

from __future__ import annotations

import hashlib
import json
from decimal import Decimal
from typing import Any

import pytest
from nacl.signing import SigningKey

from auctions.engine import (
    Cancel,
    Close,
    Open,
    PlaceBid,
    RefusalCode,
    SetLimit,
    decide,
    event_to_json,
    initial_state,
    record_refusal,
)
from auctions.engine.evidence import (
    Entry,
    Receipt,
    audit_export,
    chain,
    genesis,
    leaf_hash,
    next_head,
    public_export,
    sign_receipt,
    verify,
    verify_receipt,
)
from tests.auctions.engine_terms import START, at, terms

KEY = SigningKey(bytes(range(32)))
PUBLIC = KEY.verify_key.encode()
NUMBER = "PM2026-000001"


def log(reserve: Decimal | None = Decimal(3_100_000)) -> list[Entry]:
    """Bidder 1 bids, bidder 2 leaves a limit, bidder 3 bids in vain, bidder 2 wins."""
    state = initial_state(terms(reserve=reserve))
    commands = [
        (Open(), 0), (PlaceBid(1, Decimal(2_800_000), "a"), 10), (SetLimit(2, Decimal("3333333.33"), "b"), 20),
        (PlaceBid(3, Decimal(3_150_000), "c"), 30), (Close(), 4000),
    ]  # fmt: skip
    events = []
    for command, seconds in commands:
        decision = decide(state, command, at(seconds))
        assert decision.accepted
        state = decision.state
        events += decision.events
    salted = [(event_to_json(event), bytes([event.sequence]) * 32) for event in events]
    return list(chain(NUMBER, salted))


def receipt_of(entry: Entry) -> Receipt:
    return sign_receipt(KEY, NUMBER, entry.entry["bidder"], entry.entry, entry.salt, entry.leaf, entry.head)


def first(entries: list[Entry], bidder: int) -> Entry:
    return next(entry for entry in entries if entry.entry.get("bidder") == bidder)


def codes(export: dict[str, Any], *receipts: Receipt) -> set[str]:
    return {finding.code for finding in verify(export, receipts, PUBLIC)}


def test_an_honest_log_and_all_its_receipts_hold():
    entries = log()
    receipts = [receipt_of(first(entries, bidder)) for bidder in (1, 2, 3)]

    assert verify(audit_export(NUMBER, entries, KEY), receipts, PUBLIC) == []
    assert verify(public_export(NUMBER, entries, KEY), receipts, PUBLIC) == []


def changed_at(text: str, place: int) -> Any:
    """The file with one character changed, or None where it is no JSON any more."""
    other = "1" if text[place] != "1" else "2"
    try:
        return json.loads(text[:place] + other + text[place + 1 :])
    except ValueError:
        return None


@pytest.mark.parametrize("export", [public_export, audit_export])
def test_every_changed_character_of_the_file_is_found(export):
    text = json.dumps(export(NUMBER, log(), KEY))

    forgeries = {place: changed_at(text, place) for place in range(len(text))}
    missed = [place for place, forged in forgeries.items() if forged is not None and not codes(forged)]

    assert sum(forged is not None for forged in forgeries.values()) > 1000
    assert missed == []


def test_hashes_are_those_that_are_documented():
    entry, salt = {"b": "\u4e2d", "a": 1}, bytes(range(32))
    leaf = hashlib.sha256(salt + '{"a":1,"b":"\u4e2d"}'.encode()).digest()
    start = hashlib.sha256(b"exchange/genesis/1\x00" + NUMBER.encode()).digest()

    assert leaf_hash(salt, entry) == leaf
    assert next_head(genesis(NUMBER), leaf) == hashlib.sha256(start + leaf).digest()


def test_a_changed_bidder_is_found():
    export = audit_export(NUMBER, log(), KEY)
    export["entries"][3]["entry"]["bidder"] = 3

    assert "altered" in codes(export)


def test_an_entry_left_out_is_found():
    export = audit_export(NUMBER, log(), KEY)
    del export["entries"][3]

    assert {"out_of_order", "head_differs"} <= codes(export)


def test_entries_in_another_order_are_found():
    export = audit_export(NUMBER, log(), KEY)
    entries = export["entries"]
    entries[3], entries[4] = entries[4], entries[3]

    assert "out_of_order" in codes(export)


def test_an_entry_after_the_close_is_found():
    entries = log()
    late = {**entries[2].entry, "sequence": entries[-1].sequence + 1}
    entries += list(chain(NUMBER, [(late, bytes(32))], entries[-1].head))

    assert "after_close" in codes(public_export(NUMBER, entries, KEY))


def test_a_log_without_its_close_is_found():
    assert codes(audit_export(NUMBER, log()[:-1], KEY)) == {"not_closed"}


def test_there_is_no_public_log_before_the_close():
    with pytest.raises(ValueError, match="still runs"):
        public_export(NUMBER, log()[:-1], KEY)


def test_an_entry_that_an_auditor_should_see_and_does_not_is_found():
    export = audit_export(NUMBER, log(), KEY)
    del export["entries"][3]["entry"], export["entries"][3]["salt"]

    assert "entry_missing" in codes(export)


def test_times_that_run_back_are_found():
    entries = log()
    late = [
        ({**entry.entry, "at": "2027-01-01"} if entry.sequence == 3 else entry.entry, entry.salt) for entry in entries
    ]

    assert codes(public_export(NUMBER, list(chain(NUMBER, late)), KEY)) == {"time_runs_back"}


def test_an_auction_cancelled_before_it_opened_has_an_honest_log():
    first_step = decide(initial_state(terms()), Cancel("withdrawn"), at(-100))
    last_step = decide(first_step.state, Close(), at(-90))
    events = [*first_step.events, *last_step.events]
    entries = list(chain(NUMBER, [(event_to_json(event), bytes(32)) for event in events]))

    assert codes(audit_export(NUMBER, entries, KEY)) == set()


def test_a_log_signed_by_somebody_else_is_found():
    assert "signature_wrong" in codes(audit_export(NUMBER, log(), SigningKey(bytes(32))))


def rewritten(entries: list[Entry], without: Entry) -> list[Entry]:
    """The log as if one bid had never come, numbered and chained anew."""
    kept = [entry for entry in entries if entry is not without]
    renumbered = [({**entry.entry, "sequence": n}, entry.salt) for n, entry in enumerate(kept, 1)]
    return list(chain(NUMBER, renumbered))


@pytest.mark.parametrize("export", [public_export, audit_export])
def test_a_bid_removed_rechained_and_signed_with_the_real_key_fails_against_its_receipt(export):
    entries = log()
    victim = first(entries, 3)

    forged = export(NUMBER, rewritten(entries, victim), KEY)

    assert "receipt_contradicts_log" in codes(forged, receipt_of(victim))


def test_a_receipt_before_the_removed_bid_still_holds_and_one_after_it_does_not():
    entries = log()
    forged = public_export(NUMBER, rewritten(entries, first(entries, 2)), KEY)

    assert not codes(forged, receipt_of(first(entries, 1)))
    assert codes(forged, receipt_of(first(entries, 3)))


def test_an_earlier_entry_rewritten_under_an_untouched_bid_fails_against_the_later_receipt():
    entries = log()
    late = first(entries, 3)
    other_salt = [(entry.entry, bytes([9]) * 32 if entry.sequence == 3 else entry.salt) for entry in entries]

    assert codes(public_export(NUMBER, list(chain(NUMBER, other_salt)), KEY), receipt_of(late)) == {
        "log_before_receipt_differs"
    }


def test_a_receipt_of_another_auction_proves_nothing_here():
    entry = first(log(), 1)
    foreign = sign_receipt(KEY, "PM2026-000002", 1, entry.entry, entry.salt, entry.leaf, entry.head)

    assert codes(audit_export(NUMBER, log(), KEY), foreign) == {"receipt_of_another_auction"}


def test_a_log_that_the_rules_do_not_give_is_found_by_the_auditor():
    entries = log()
    cheaper = [
        ({**entry.entry, "price": "2800000.00"} if entry.entry["event"] == "closed" else entry.entry, entry.salt)
        for entry in entries
    ]

    assert "rules_differ" in codes(audit_export(NUMBER, list(chain(NUMBER, cheaper)), KEY))


def test_a_receipt_with_a_better_amount_is_no_receipt():
    genuine = receipt_of(first(log(), 1))
    forged = Receipt(**{**genuine.to_json(), "entry": {**genuine.entry, "amount": "1.00"}})

    assert verify_receipt(genuine, PUBLIC)
    assert not verify_receipt(forged, PUBLIC)


def test_a_receipt_survives_being_kept_as_a_file():
    receipt = receipt_of(first(log(), 1))

    assert Receipt.from_json(json.loads(json.dumps(receipt.to_json()))) == receipt


@pytest.mark.parametrize(("reserve", "shown"), [(Decimal(3_100_000), True), (Decimal(9_100_000), False)])
def test_the_public_log_shows_a_reserve_only_where_it_was_met(reserve, shown):
    text = json.dumps(public_export(NUMBER, log(reserve), KEY))

    assert (f"{reserve}.00" in text) is shown


def test_the_public_log_shows_limits_that_were_used_up_and_no_other():
    state = initial_state(terms())
    events = []
    for command, seconds in [(Open(), 0), (SetLimit(1, Decimal("2912345.67"), "a"), 10),
                             (SetLimit(2, Decimal("3333333.33"), "b"), 20), (Close(), 4000)]:  # fmt: skip
        decision = decide(state, command, at(seconds))
        state = decision.state
        events += decision.events
    entries = list(chain(NUMBER, [(event_to_json(event), bytes([event.sequence]) * 32) for event in events]))

    text = json.dumps(public_export(NUMBER, entries, KEY))

    assert '"limit": "2912345.67"' in text
    assert "3333333.33" not in text


def test_the_public_log_does_not_show_a_refused_bid():
    state = decide(initial_state(terms()), Open(), START).state
    refused = record_refusal(state, PlaceBid(3, Decimal("1234.56"), "c"), RefusalCode.BELOW_MINIMUM, at(5))
    closing = decide(refused.state, Close(), at(4000))
    opening = decide(initial_state(terms()), Open(), START)
    events = [*opening.events, *refused.events, *closing.events]
    entries = list(chain(NUMBER, [(event_to_json(event), bytes([event.sequence]) * 32) for event in events]))

    assert "1234.56" not in json.dumps(public_export(NUMBER, entries, KEY))
    assert codes(public_export(NUMBER, entries, KEY)) == codes(audit_export(NUMBER, entries, KEY)) == set()


@pytest.mark.parametrize(
    "part", [{"salt": "zz"}, {"entry": 3}, {"bidder": 9}, {"signature": ""}, {"auction": "\ud800"}]
)
def test_a_damaged_receipt_is_called_forged_and_never_ends_the_check(part):
    entries = log()
    damaged = Receipt(**{**receipt_of(first(entries, 1)).to_json(), **part})

    assert codes(audit_export(NUMBER, entries, KEY), damaged) == {"receipt_forged"}


@pytest.mark.parametrize(
    "export", [{}, {"format": "x"}, {"entries": 3}, {"format": "exchange-evidence/1", "auction": 1}]
)
def test_a_file_of_another_kind_is_called_malformed(export):
    assert codes(export) == {"malformed"}


def test_the_opening_moment_is_on_record():
    assert log()[0].entry["at"].startswith(START.strftime("%Y-%m-%d"))
