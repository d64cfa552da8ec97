"""Other ways to pay than a bank transfer. A gateway that is not connected says so; no page pretends otherwise."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Protocol

from flask_babel import lazy_gettext as _l

from marketplace.errors import Unavailable


class CardGateway(Protocol):
    """Takes a deposit by card. An implementation is chosen once, when the application starts."""

    @property
    def connected(self) -> bool:
        """Whether a payment can be begun at all."""

    @property
    def notice(self) -> Any:
        """What the payer reads beside this way of paying."""

    def begin(self, number: str, amount: Decimal) -> str:
        """Begin a payment for the deposit of this number; the address at which the payer goes on.

        Raises:
            Unavailable: no payment can be begun.
        """


class NotConnected:
    """This installation takes no cards."""

    connected = False
    notice = _l("Card payment is not connected in this installation. Please pay by bank transfer.")

    def begin(self, number: str, amount: Decimal) -> str:  # noqa: ARG002 - the protocol's
        raise Unavailable(self.notice)


def card_gateway() -> CardGateway:
    """The gateway of this installation."""
    return NotConnected()
