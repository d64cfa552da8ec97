"""What counts as an amount of money here: whole fen, positive, within the column that stores it."""

from decimal import Decimal

FEN = Decimal("0.01")
ZERO = Decimal("0.00")
#: The largest value of Numeric(16, 2), in which every amount of the exchange is kept.
MAXIMUM = Decimal("99999999999999.99")


def in_range(amount: Decimal) -> bool:
    """Say whether the amount is a number that the exchange can store (NaN and infinity are not)."""
    return amount.is_finite() and -MAXIMUM <= amount <= MAXIMUM


def to_fen(amount: Decimal) -> Decimal | None:
    """Give the amount with exactly two places, or None when it carries a fraction of a fen.

    Equal amounts must be written alike ("5" and "5.00"), because what is written is hashed.
    """
    exact = amount.quantize(FEN)
    return exact if exact == amount else None
