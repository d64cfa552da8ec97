"""The figure: counted once, moved by exactly the amounts, the same on page, CSV, API and PDF."""

from __future__ import annotations

import csv
import io
from datetime import date
from decimal import Decimal

import pytest
from pypdf import PdfReader
from sqlalchemy import text

from accounts.roles import StaffRole
from contracts import services as contracts
from contracts.kinds import ContractKind
from contracts.models import Contract
from contracts.services import Outside, Terms
from contracts.states import ContractState
from marketplace import outbox
from marketplace.clock import start_of_day
from marketplace.db import db
from marketplace.permissions import SYSTEM
from targets import queries, services
from targets.forecast import forecast
from targets.queries import Scope
from tests.factories.accounts import actor_for, make_organisation, make_staff
from tests.factories.contracts import make_deal


def figure(key: str | None = None) -> queries.Figure:
    window = queries.window(key)
    assert window is not None
    return queries.total(Scope(window))


def bring_in(day: date, amount: str, number: str) -> None:
    seller, buyer = make_organisation(region="230600"), make_organisation()
    terms = Terms(
        source=f"outside:{number}", title="技术开发", kind=ContractKind.DEVELOPMENT, subtype="joint",
        seller_id=seller.id, buyer_id=buyer.id, amount=Decimal(amount), field="energy",
    )  # fmt: skip
    contracts.import_registered(SYSTEM, [Outside(terms, start_of_day(day), start_of_day(day))])
    db.session.commit()
    outbox.deliver_due()


@pytest.fixture
def registered(app):
    deal = make_deal(ContractState.REGISTERED, amount="1234567.89")
    outbox.deliver_due()
    return deal


def test_a_registered_contract_counts_once_in_the_running_window(registered):
    assert (figure().contracts, figure().amount) == (1, Decimal("1234567.89"))
    assert figure("plan-2022").contracts == 0


def test_the_same_fact_again_counts_nothing(registered):
    stored = db.session.query(outbox.StoredFact).filter_by(name="ContractRegistered").one()

    services.count(outbox.load(stored))
    db.session.commit()

    assert figure().contracts == 1


def test_a_contract_registered_in_the_plans_window_counts_there(app):
    bring_in(date(2025, 12, 31), "10.00", "last-day")
    bring_in(date(2026, 1, 1), "20.00", "first-day")

    assert figure("plan-2022").amount == Decimal("10.00")
    assert figure().amount == Decimal("20.00")


def test_a_cancellation_moves_the_figure_by_exactly_its_amount(registered):
    contract = db.session.get_one(Contract, registered.contract.id)
    contracts.ask_cancellation(registered.actor("registrar"), contract, "解除")
    contracts.settle_request(actor_for(make_staff(StaffRole.REGISTRAR)), contract)
    db.session.commit()
    outbox.deliver_due()

    assert (figure().contracts, figure().amount) == (0, Decimal(0))
    assert services.recount().agrees


def test_every_breakdown_sums_to_the_whole(registered):
    bring_in(date(2026, 5, 1), "99.10", "more")
    scope = Scope(queries.window(None))

    sums = {name: sum(one.amount for _, one in queries.breakdown(scope, name)) for name in queries.DIMENSIONS}

    assert set(sums.values()) == {figure().amount}
    assert sum(one.amount for _, one in queries.by_year(scope)) == figure().amount


def test_page_csv_api_and_pdf_show_the_same_figure(registered, client):
    page = client.get("/turnover?lang=en").text
    table = list(csv.reader(io.StringIO(client.get("/turnover?format=csv&lang=en").data.decode("utf-8-sig"))))
    answer = client.get("/api/v1/turnover?by=city").json
    document = PdfReader(io.BytesIO(client.get("/turnover/report.pdf").data)).pages[0].extract_text()

    assert 'data-amount="1234567.89"' in page
    assert table[1][3] == "1234567.89"
    assert (answer["amount"], answer["parts"][0]["amount"]) == ("1234567.89", "1234567.89")
    assert "1,234,567.89" in document


def test_a_figure_opens_its_contracts_and_not_their_parties(registered, client):
    text_of_page = client.get("/turnover/contracts?city=230100").text

    assert "1,234,567.89" in text_of_page
    assert registered.seller.name not in text_of_page


@pytest.mark.parametrize("query", ["window=none", "city=999999", "kind=x", "year=20x6", "field=%00"])
def test_an_unknown_scope_is_not_found(registered, client, query):
    assert client.get(f"/turnover?{query}").status_code == 404


def test_the_recount_finds_a_planted_difference(registered, database, app):
    with database.connect_owner() as owner:
        owner.execute("UPDATE turnover_totals SET amount = amount + 0.01")

    result = app.test_cli_runner().invoke(args=["targets", "recount", "--check"])

    assert result.exit_code == 1
    assert "DIFFERENT" in result.output


def test_the_recount_agrees_and_says_how_much(registered, app):
    result = app.test_cli_runner().invoke(args=["targets", "recount", "--check"])

    assert result.exit_code == 0
    assert "1 contracts, 1,234,567.89 yuan registered" in result.output


def test_counted_rows_cannot_be_changed(registered, database):
    with database.connect_owner() as owner, pytest.raises(Exception, match="append-only"):
        owner.execute("UPDATE counted_contracts SET amount = 0")


def test_there_is_one_running_window(registered):
    services.set_window(
        SYSTEM, key="next", name_zh="下一期", name_en="Next", starts_on=date(2026, 1, 1), ends_on=date(2030, 1, 1),
        target=Decimal(1), running=True, sample=False,
    )  # fmt: skip
    db.session.commit()

    assert db.session.execute(text("SELECT key FROM target_windows WHERE running")).scalars().all() == ["next"]


def test_the_forecast_follows_the_seasons():
    daily = {date(2024, 6, 30): Decimal(40), date(2024, 12, 1): Decimal(60), date(2025, 6, 30): Decimal(50),
             date(2025, 12, 1): Decimal(50), date(2026, 6, 30): Decimal(100)}  # fmt: skip

    points = forecast(daily, date(2026, 6, 30), date(2026, 1, 1), date(2027, 1, 1))

    assert [(point.low, point.middle, point.high) for point in points][-1] == (200, 250, 250)


def test_a_closed_window_has_no_forecast():
    assert forecast({date(2024, 1, 1): Decimal(1)}, date(2026, 1, 1), date(2022, 1, 1), date(2026, 1, 1)) == []
