"""The figure: counted once, moved by exactly the amounts, the same on page, CSV, API and PDF."""

from __future__ import annotations

import csv
import io
from datetime import date
from decimal import Decimal
from itertools import pairwise

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
from tests.factories.accounts import actor_for, make_organisation, make_staff, sign_in
from tests.factories.contracts import application, make_deal


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


def test_a_change_moves_the_breakdown_and_not_the_whole(registered):
    contract = db.session.get_one(Contract, registered.contract.id)
    form = application(contract, field="energy", non_technical_items=[{"label": "设备", "amount": "234567.89"}])
    contracts.ask_change(registered.actor("registrar"), contract, form, "更正")
    contracts.settle_request(actor_for(make_staff(StaffRole.REGISTRAR)), contract)
    db.session.commit()
    outbox.deliver_due()

    scope = Scope(queries.window(None))
    assert [(value, one.technical_amount) for value, one in queries.breakdown(scope, "field")] == [
        ("energy", Decimal("1000000.00"))
    ]
    assert (figure().contracts, figure().amount) == (1, Decimal("1234567.89"))
    assert len(db.session.scalars(queries.contracts(scope)).all()) == 1
    assert services.recount().agrees


def test_a_changed_contract_is_taken_off_as_it_is_now(registered):
    contract = db.session.get_one(Contract, registered.contract.id)
    other = actor_for(make_staff(StaffRole.REGISTRAR))
    contracts.ask_change(registered.actor("registrar"), contract, application(contract, field="energy"), "更正")
    contracts.settle_request(other, contract)
    contracts.ask_cancellation(registered.actor("registrar"), contract, "解除")
    contracts.settle_request(other, contract)
    db.session.commit()
    outbox.deliver_due()

    assert figure() == queries.Figure(0, Decimal(0), Decimal(0))
    assert services.recount().agrees


def test_a_cancellation_told_before_the_count_is_handled_waits_for_it(app):
    deal = make_deal(ContractState.REGISTERED)
    contracts.ask_cancellation(deal.actor("registrar"), deal.contract, "解除")
    contracts.settle_request(actor_for(make_staff(StaffRole.REGISTRAR)), deal.contract)
    db.session.commit()
    with db.engine.begin() as connection:
        connection.execute(
            text("UPDATE fact_deliveries SET next_try_at = clock_timestamp() + interval '1 hour' FROM facts f"
                 " WHERE f.id = fact_id AND f.name = 'ContractRegistered' AND handler = 'targets.count'")
        )  # fmt: skip
    outbox.deliver_due()
    assert services.recount().under_way == 2
    with db.engine.begin() as connection:
        connection.execute(text("UPDATE fact_deliveries SET next_try_at = clock_timestamp()"))

    outbox.deliver_due()

    assert figure().contracts == 0
    assert services.recount().agrees


def test_counting_many_at_once_gives_what_the_outbox_gives(app):
    for day, amount in ((date(2025, 3, 1), "10.00"), (date(2025, 3, 1), "20.50"), (date(2026, 2, 2), "40.00")):
        seller = make_organisation(region="230600")
        terms = Terms(
            source=f"outside:{amount}", title="技术开发", kind=ContractKind.DEVELOPMENT, subtype="joint", seller_id=seller.id,
            buyer_id=make_organisation().id, amount=Decimal(amount), field="energy",
        )  # fmt: skip
        contracts.import_registered(SYSTEM, [Outside(terms, start_of_day(day), start_of_day(day))])
    db.session.commit()

    assert [services.count_due(), services.count_due()] == [3, 0]
    db.session.commit()
    outbox.deliver_due()

    assert (figure("plan-2022").amount, figure().amount) == (Decimal("30.50"), Decimal("40.00"))
    assert services.recount().agrees


def test_a_month_holds_its_days(app):
    bring_in(date(2025, 1, 31), "1.00", "january")
    bring_in(date(2025, 2, 1), "2.00", "february")
    bring_in(date(2025, 12, 31), "4.00", "december")
    plan = queries.window("plan-2022")

    assert [queries.total(Scope(plan, 2025, month)).amount for month in (1, 2, 12)] == [1, 2, 4]
    assert [month for month, _ in queries.by_month(Scope(plan, 2025))] == [1, 2, 12]


@pytest.mark.parametrize("query", ["city=230600", "year=2026", "year=2026&month=5", "kind=development&source=outside"])
def test_page_csv_api_and_pdf_agree_however_it_is_filtered(registered, client, query):
    bring_in(date(2026, 5, 1), "99.10", "more")
    amount = Decimal(client.get(f"/api/v1/turnover?{query}").json["amount"])

    page = client.get(f"/turnover?{query}").text
    rows = client.get(f"/turnover/contracts?{query}").text
    table = list(csv.reader(io.StringIO(client.get(f"/turnover?{query}&format=csv").data.decode("utf-8-sig"))))
    document = PdfReader(io.BytesIO(client.get(f"/turnover/report.pdf?{query}").data)).pages[0].extract_text()

    assert amount > 0
    assert f'data-amount="{amount}"' in page
    assert f'data-amount="{amount}"' in rows
    assert table[1][3] == str(amount)
    assert f"{amount:,}" in document


def test_the_front_page_shows_the_running_window(registered, client):
    page = client.get("/?lang=en").text

    assert "1,234,567.89 yuan" in page
    assert "2026–2029 (sample)" in page


def test_a_supervisor_sets_the_official_window_and_every_page_follows(registered, client):
    supervisor = make_staff(StaffRole.SUPERVISOR)
    sign_in(client, supervisor)
    data = {"key": "plan-2026", "name_zh": "行动计划 2026—2030", "name_en": "Action plan 2026–2030", "starts_on": "2026-01-01",
            "ends_on": "2031-01-01", "target_yi": "3000", "running": "y"}  # fmt: skip

    assert client.post("/desk/windows/new", data=data).status_code == 303

    answer = client.get("/api/v1/turnover").json
    assert (answer["window"], answer["target"], answer["sample"]) == ("plan-2026", "300000000000.00", False)
    assert answer["amount"] == "1234567.89"
    assert client.get("/desk/windows").status_code == client.get("/desk/windows/plan-2026").status_code == 200


@pytest.mark.parametrize(
    "wrong", [{"ends_on": "2026-01-01"}, {"target_yi": "0"}, {"key": "Mit Leerzeichen"}, {"key": "plan-2022"}]
)
def test_a_window_that_makes_no_sense_is_refused_and_kept_in_the_form(client, wrong):
    sign_in(client, make_staff(StaffRole.SUPERVISOR))
    data = {"key": "next", "name_zh": "下一期", "name_en": "The next one", "starts_on": "2026-01-01", "ends_on": "2031-01-01",
            "target_yi": "3000"}  # fmt: skip

    answer = client.post("/desk/windows/new", data=data | wrong)

    assert answer.status_code == 422
    assert "The next one" in answer.text


def test_a_registrar_sets_no_window(client):
    sign_in(client, make_staff(StaffRole.REGISTRAR))

    assert client.get("/desk/windows").status_code == 403


def test_the_forecast_never_falls_below_what_is_registered():
    daily = {date(year, month, 1): Decimal(year - 2020) * month for year in range(2022, 2026) for month in range(1, 13)}
    daily |= {date(2026, 1, 15): Decimal(500)}

    points = forecast(daily, date(2026, 2, 29 - 1), date(2026, 1, 1), date(2030, 1, 1))

    assert points[0].low == points[0].high == 500
    assert all(a.low <= b.low and a.low <= a.middle <= a.high for a, b in pairwise(points))
    assert points[-1].day == date(2029, 12, 31)
