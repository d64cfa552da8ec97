"""Yuan: Decimal, two places, one rounding rule. No float ever touches money."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Annotated

from sqlalchemy import Numeric
from sqlalchemy.orm import mapped_column

FEN = Decimal("0.01")
WAN = Decimal(10_000)
YI = Decimal(100_000_000)
#: The largest amount that NUMERIC(16,2) holds.
MAX_YUAN = Decimal("99999999999999.99")

#: Column type of every amount: exact yuan and fen.
Yuan = Annotated[Decimal, mapped_column(Numeric(16, 2))]


class NotAnAmount(ValueError):
    """The text is no amount of yuan in whole fen."""


def round_yuan(value: Decimal) -> Decimal:
    """Round to the fen, half up, as Chinese invoices do."""
    return value.quantize(FEN, rounding=ROUND_HALF_UP)


def parse_yuan(text: str, unit: Decimal = Decimal(1)) -> Decimal:
    """Read what a person typed (`1,250.5`, full-width digits, spaces) in `unit`s as exact yuan.

    Raises:
        NotAnAmount: not a number, negative, finer than a fen, or too large.
    """
    cleaned = text.strip().replace(",", "").replace("，", "").replace(" ", "")
    try:
        value = Decimal(cleaned) * unit
    except InvalidOperation as error:
        raise NotAnAmount(text) from error
    if not value.is_finite() or value < 0 or value > MAX_YUAN or value != value.quantize(FEN):
        raise NotAnAmount(text)
    return value.quantize(FEN)


def format_yuan(value: Decimal) -> str:
    """`3865000` → `3,865,000.00`."""
    return f"{value:,.2f}"


def format_unit(value: Decimal, unit: Decimal, places: int = 2) -> str:
    """The amount in 万元 or 亿元, rounded half up for the eye; exact yuan belong in a title beside it."""
    shown = (value / unit).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    return f"{shown:,.{places}f}"
