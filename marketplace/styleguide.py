"""The page kit on one page, in every state and both themes. Served in development only."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from flask import Blueprint, current_app, render_template
from flask_babel import lazy_gettext as _l
from flask_sqlalchemy.pagination import Pagination
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    DateField,
    FileField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, Length

from . import charts
from .errors import NotFound
from .permissions import public
from .settings import Settings
from .ui import State, register_states

blueprint = Blueprint("styleguide", __name__)

NOW = datetime(2026, 11, 25, 6, 2, 19, tzinfo=UTC)

register_states(
    "styleguide",
    {
        "draft": State(_l("Draft")),
        "listed": State(_l("Listed"), "done"),
        "publicity": State(_l("On public notice"), "waiting"),
        "bidding": State(_l("Open for bids"), "action"),
        "extended": State(_l("Extended bidding"), "waiting", "triangle"),
        "sold": State(_l("Sold"), "done", "check"),
        "refused": State(_l("Refused"), "refused"),
    },
)


class SampleForm(FlaskForm):  # type: ignore[misc]
    """One field of each kind."""

    title = StringField(
        _l("Name of the result"),
        [DataRequired(_l("Enter the name of the result.")), Length(max=100)],
        description=_l("As on the patent or the appraisal certificate, at most 100 characters."),
    )
    price = StringField(_l("Asking price"), [DataRequired(_l("Enter an amount, such as 386.50."))])
    field = SelectField(_l("Industry field"), choices=[("materials", _l("New materials")), ("bio", _l("Bio-economy"))])
    way = RadioField(
        _l("How it is offered"),
        [DataRequired(_l("Choose one way."))],
        choices=[("transfer", _l("Transfer")), ("exclusive", _l("Exclusive licence")), ("open", _l("Open licence"))],
    )
    rights = SelectMultipleField(
        _l("Kinds of right"),
        choices=[("invention", _l("Invention patent")), ("utility", _l("Utility model")), ("software", _l("Software"))],
    )
    until = DateField(_l("Open until"))
    summary = TextAreaField(_l("What it does"), description=_l("Two or three sentences a buyer understands."))
    proof = FileField(_l("Proof of ownership"))
    agreed = BooleanField(
        _l("The facts stated are true"), description=_l("False statements lead to removal and a record.")
    )


class SamplePage(Pagination):
    """A page of invented rows, to show the page links."""

    def _query_items(self) -> list[Any]:
        return list(range(self.per_page))

    def _query_count(self) -> int:
        return 1284


@blueprint.get("/styleguide", endpoint="index")
@public
def index() -> str:
    """Show every macro in every state."""
    settings: Settings = current_app.extensions["exchange.settings"]
    if settings.production:
        raise NotFound
    return render_template("styleguide/index.html", **_samples())


def _samples() -> dict[str, Any]:
    wrong = SampleForm(
        formdata=None, prefix="wrong-", meta={"csrf": False}, data={"field": "bio", "rights": ["utility"]}
    )
    wrong.validate()
    return {
        "form": SampleForm(formdata=None, data={"price": "386.50", "way": "exclusive", "rights": ["invention"]}),
        "wrong": wrong,
        "page": SamplePage(page=4, per_page=20),
        "now": NOW,
        "soon": NOW + timedelta(seconds=161),
        "later": NOW + timedelta(days=2, hours=3),
        "amount": Decimal(3_865_000),
        "turnover": Decimal(162_340_000_000),
        "small": Decimal("1250.50"),
        "price_steps": _price_steps(),
        "turnover_line": _turnover_line(),
        "by_city": _by_city(),
    }


def _price_steps() -> charts.Figure:
    opening = NOW - timedelta(days=5)
    prices = [280, 290, 300, 310, 320, 330]
    points = [(opening + timedelta(hours=20 * i), Decimal(price)) for i, price in enumerate(prices)]
    extended = NOW - timedelta(minutes=20)
    late = [Decimal(x) for x in ("344", "350.5", "360", "370", "376.5", "386.5")]
    points += [(extended + timedelta(minutes=3 * i), price) for i, price in enumerate(late)]
    return charts.step_chart(
        points,
        title=str(_l("Price by bid")),
        unit=str(_l("10k yuan")),
        sentence=str(_l("Twelve bids took the price from 280.00 to 386.50; half of them in extended bidding.")),
        mark=(extended, str(_l("Extended"))),
    )


def _turnover_line() -> charts.Figure:
    months = [date(2026 + i // 12, i % 12 + 1, 1) for i in range(0, 37, 3)]
    actual = [(day, Decimal(i * 123 + i * i)) for i, day in enumerate(months)]
    value = actual[-1][1]
    forecast = [
        (date(2029, 7, 1), value + 190, value + 230, value + 270),
        (date(2029, 12, 31), value + 330, value + 420, value + 510),
    ]
    return charts.target_chart(
        actual,
        target=Decimal(2000),
        forecast=forecast,
        title=str(_l("Registered contract turnover")),
        unit=str(_l("100m yuan")),
        sentence=str(_l("81.0% of the target is reached; the forecast ends between 1,950 and 2,130.")),
        start=date(2026, 1, 1),
        end=date(2029, 12, 31),
    )


def _by_city() -> charts.Figure:
    rows = [("哈尔滨", Decimal("812.4"), "#"), ("大庆", Decimal("264.1"), "#"), ("齐齐哈尔", Decimal("131.8"), "#")]
    return charts.bar_chart(
        rows,
        title=str(_l("Turnover by city")),
        unit=str(_l("100m yuan")),
        sentence=str(_l("Harbin carries two thirds of the turnover shown.")),
    )
