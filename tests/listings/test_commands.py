"""The same for operators at a terminal."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import func, select

from listings import reading
from listings.models import Listing
from listings.states import ListingState
from marketplace.db import db
from marketplace.edge import Exchange
from tests.factories.accounts import make_organisation
from tests.factories.listings import make_listing

FIXTURE = Path(__file__).parent / "data" / "results.csv"


def run(app: Exchange, *words: str) -> tuple[int, str]:
    result = app.test_cli_runner().invoke(args=["listings", *words])
    return result.exit_code, result.output


def drafts() -> int:
    return db.session.scalar(select(func.count(Listing.id))) or 0


def test_a_dry_run_reports_and_changes_nothing(app: Exchange) -> None:
    owner = make_organisation()

    code, said = run(app, "import", str(FIXTURE), "--organisation", owner.uscc, "--dry-run")

    assert (code, drafts()) == (0, 0)
    assert "6 rows: 4 would become drafts, 1 unchanged, 1 left out, 4 remarks." in said
    assert "row 5\t标题\tleft out" in said


def test_a_file_is_taken_in_once(app: Exchange) -> None:
    owner = make_organisation()

    for expected in ("4 became drafts, 1 unchanged", "0 became drafts, 5 unchanged"):
        code, said = run(app, "import", str(FIXTURE), "--organisation", str(owner.id))
        assert code == 0
        assert expected in said
    assert drafts() == 4


def test_an_unknown_organisation_is_said_in_one_sentence(app: Exchange) -> None:
    code, said = run(app, "import", str(FIXTURE), "--organisation", "91230100000000000X")

    assert code == 1
    assert "No organisation has the code or id" in said


def test_a_file_that_is_no_table_is_said_in_one_sentence(app: Exchange, tmp_path: Path) -> None:
    owner, empty = make_organisation(), tmp_path / "empty.csv"
    empty.write_text("")

    code, said = run(app, "import", str(empty), "--organisation", owner.uscc)

    assert code == 1
    assert said.startswith("Error: ")


def test_the_template_is_written(app: Exchange, tmp_path: Path) -> None:
    out = tmp_path / "t.xlsx"

    assert run(app, "template", "--out", str(out))[0] == 0
    assert reading.read(out.read_bytes(), "t.xlsx").unknown == []


def test_publicities_are_ended_and_the_search_is_written_anew(app: Exchange) -> None:
    make_listing(ListingState.PUBLICITY)

    assert run(app, "end-publicity") == (0, "Ended: 0.\n")
    assert run(app, "reindex") == (0, "Indexed: 1.\n")
