"""Shape of what people type about auctions; the rules stand in `terms` and in the engine."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, ValidationError

from accounts.forms import WanField
from marketplace.form_fields import MomentField
from marketplace.money import WAN, NotAnAmount, format_unit, parse_yuan

from .terms import CYCLES_S, Bands, Terms

required = DataRequired(_l("Please fill this in."))
moment_required = InputRequired(_l("Please fill this in."))


class BandsField(TextAreaField):  # type: ignore[misc]
    """Lines of `from: step` in 万元, or one figure alone that holds from nought on."""

    bands: Bands = ()

    def pre_validate(self, form: Any) -> None:  # noqa: ARG002 - WTForms' own signature
        lines = [line for line in (self.data or "").splitlines() if line.strip()]
        try:
            self.bands = tuple(self._read(line) for line in lines)
        except (NotAnAmount, ValueError):
            raise ValidationError(
                _l("One band a line: the price from which it holds, a colon, the increment.")
            ) from None

    @staticmethod
    def _read(line: str) -> tuple[Decimal, Decimal]:
        start, colon, step = line.replace("：", ":").rpartition(":")
        return parse_yuan(start, WAN) if colon else Decimal("0.00"), parse_yuan(step, WAN)


class TermsForm(FlaskForm):  # type: ignore[misc]
    opening = WanField(
        _l("Opening price"), [required], description=_l("The first valid bid. It becomes public with the announcement.")
    )
    bands = BandsField(
        _l("Increment"),
        [required, Length(max=500)],
        description=_l("In 10k yuan. One figure, or bands by price, one a line: “0: 1”, then “500: 5”."),
    )
    reserve = WanField(
        _l("Hidden reserve"),
        description=_l(
            "Below it there is no sale. Only that there is one is public; the figure is kept apart and sealed in the evidence."
        ),
    )
    announce_reserve_status = BooleanField(_l("Say in the room whether the reserve has been reached"))
    deposit = WanField(
        _l("Deposit"),
        [required],
        description=_l("5 to 30 per cent of the opening price. The losers’ goes back within three working days."),
    )
    registration_ends_at = MomentField(
        _l("Registration and deposits until"),
        [moment_required],
        description=_l("At least 5 days from now, so that strangers learn of the sale. Beijing time."),
    )
    starts_at = MomentField(
        _l("Bidding starts"),
        [moment_required],
        description=_l("At least 12 hours later: bidders are admitted in between."),
    )
    free_ends_at = MomentField(
        _l("Free period ends"),
        [moment_required],
        description=_l("Then the timed period begins: it ends when one full cycle brings no bid. In office hours."),
    )
    cycle_s = SelectField(
        _l("Timed cycle"), coerce=int, choices=[(one, _l("%(minutes)s minutes", minutes=one // 60)) for one in CYCLES_S]
    )
    min_bidders = IntegerField(
        _l("Fewest bidders"),
        [InputRequired(_l("Please fill this in."))],
        description=_l("With fewer that bid there is no sale."),
    )
    multiples_only = BooleanField(_l("Raises only in whole multiples of the increment"))
    proxy = BooleanField(
        _l("Bidders may leave a limit"),
        description=_l("The exchange then bids the least that leads for them, never above it."),
    )
    restricted = BooleanField(
        _l("Only bidders may watch"), description=_l("The auction is then not on the public calendar.")
    )
    conditions = TextAreaField(
        _l("Who may take part, and other terms"),
        [Length(max=4000)],
        description=_l("Bidders declare that they meet this. Say what papers you ask for."),
    )

    def terms(self) -> Terms:
        """The form as the service takes it."""
        values: dict[str, Any] = {
            "opening": self.opening.amount,
            "bands": self.bands.bands,
            "reserve": self.reserve.amount,
            "announce_reserve_status": self.announce_reserve_status.data,
            "deposit": self.deposit.amount,
            "registration_ends_at": self.registration_ends_at.moment,
            "starts_at": self.starts_at.moment,
            "free_ends_at": self.free_ends_at.moment,
            "cycle_s": self.cycle_s.data,
            "min_bidders": self.min_bidders.data,
            "multiples_only": self.multiples_only.data,
            "proxy": self.proxy.data,
            "restricted": self.restricted.data,
            "conditions": self.conditions.data or "",
        }
        return Terms(**values)


def filled(values: Mapping[str, Any]) -> dict[str, Any]:
    """A proposal of `terms.proposal` as the form shows it."""
    return {
        **values,
        "opening": wan_text(values["opening"]),
        "bands": wan_text(values["step"]),
        "deposit": wan_text(values["deposit"]),
    }


def from_terms(terms: Terms, *, with_reserve: bool) -> dict[str, Any]:
    """Terms that stand, as the form shows them; the reserve only to those who may see it."""
    single = len(terms.bands) == 1 and terms.bands[0][0] == 0
    lines = [f"{wan_text(start)}: {wan_text(step)}" for start, step in terms.bands]
    plain = (
        "announce_reserve_status", "registration_ends_at", "starts_at", "free_ends_at", "cycle_s", "min_bidders",
        "multiples_only", "proxy", "restricted", "conditions",
    )  # fmt: skip
    return {
        **{name: getattr(terms, name) for name in plain},
        "opening": wan_text(terms.opening),
        "bands": wan_text(terms.bands[0][1]) if single else "\n".join(lines),
        "reserve": wan_text(terms.reserve) if with_reserve else "",
        "deposit": wan_text(terms.deposit),
    }


def wan_text(amount: Decimal | None) -> str:
    """Yuan as they are typed in 万元: exact, without idle noughts."""
    if amount is None:
        return ""
    text = format_unit(amount, WAN, 6).replace(",", "")
    return text.rstrip("0").rstrip(".")


class RegisterForm(FlaskForm):  # type: ignore[misc]
    """The declarations; the service says which are missing."""

    rules = BooleanField(_l("We have read the announced rules and accept them. Bids cannot be withdrawn."))
    conditions = BooleanField(_l("We meet the seller’s conditions and can prove it."))
    unrelated = BooleanField(
        _l(
            "We are not related to the seller or to another bidder, and bid for ourselves; or we have told the exchange."
        )
    )

    def declared(self) -> set[str]:
        """Names of what is declared."""
        return {field.name for field in self if field.name != "csrf_token" and field.data is True}


class ReasonForm(FlaskForm):  # type: ignore[misc]
    reason = TextAreaField(_l("Reason"), [required, Length(max=1000)])


class CancelForm(ReasonForm):
    number = StringField(_l("Number of the auction"), [Length(max=20)])

    def expect(self, number: str) -> bool:
        """True if the number was typed; otherwise the field says so."""
        if (self.number.data or "").strip().upper() == number:
            return True
        self.number.errors = [*self.number.errors, _l("Type the number of the auction to confirm.")]
        return False


class ReceiptForm(FlaskForm):  # type: ignore[misc]
    receipt = FileField(_l("Receipt file"), [FileRequired(_l("Choose the file that you saved."))])
