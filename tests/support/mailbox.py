"""A real SMTP server on a free port; what it received is what was sent."""

from __future__ import annotations

import email
import email.policy
from email.message import EmailMessage
from typing import Any, cast

from aiosmtpd.controller import Controller

from .processes import free_port


class Mailbox:
    """Receives mail and keeps it in order."""

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []
        self._controller = Controller(self, hostname="127.0.0.1", port=free_port())

    def start(self) -> None:
        self._controller.start()

    def stop(self) -> None:
        self._controller.stop()

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self._controller.port}"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        self.messages.append(cast(EmailMessage, message))
        return "250 OK"

    def to(self, address: str) -> list[EmailMessage]:
        """Messages to this address."""
        return [message for message in self.messages if address in str(message["To"])]
