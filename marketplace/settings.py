"""Deployment settings: one frozen object, read once from the environment, wrong values named at start.

Business parameters (fees, increments, windows) are rows with dates, never settings.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Literal, cast

Environment = Literal["development", "test", "production"]

#: What a fresh checkout signs with. Known to everybody, so production refuses to start on it.
DEMO_SECRET = "demo-secret-known-to-everybody"  # noqa: S105 - a public constant, refused in production


class SettingsError(Exception):
    """A setting is missing or malformed; the message names the variable."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Where this installation runs and what it may reach. Field `x` is read from variable `X`."""

    #: development | test | production. Production is the default, so that forgetting it is safe.
    exchange_env: Environment = "production"
    #: The application's connection; its role may not change append-only tables.
    database_url: str = ""
    #: The owner's connection, used by migrations alone. Empty: the same as `database_url`.
    database_owner_url: str = ""
    #: Role taken on when both connections are one login, so that append-only guards still hold.
    database_role: str = "exchange_app"
    #: Connections per web process for ordinary requests, and those kept apart for the bidding desk.
    pool_size: int = 8
    desk_pool_size: int = 2
    #: Connections per process for counters and heartbeats, which a rollback must not undo.
    side_pool_size: int = 2
    #: Processes that answer requests; each has the pools above (the Procfile starts this many).
    web_workers: int = 2
    #: Seconds a request waits for a free connection before it is answered 503.
    pool_timeout: float = 5.0
    #: Everything this installation writes on disk: files, mail in development, keys, search index.
    instance_dir: Path = Path("instance")
    #: Signs sessions and tokens.
    secret_key: str = DEMO_SECRET
    #: Hex of the 32-byte Ed25519 seed that signs receipts and published heads.
    evidence_seed: str = ""
    port: int = 8000
    live_port: int = 8001
    #: How the outside reaches us, without a trailing slash; used in mails, QR codes and feeds.
    public_url: str = ""
    #: Where the browser finds the live stream. Empty: same origin, under /live (behind nginx).
    live_url: str = ""
    #: Peers in front of us whose X-Forwarded-* headers are believed.
    trusted_proxies: int = 0
    #: smtp://user:password@host:port or smtps://…; empty writes mails to INSTANCE_DIR/mail.
    mail_url: str = ""
    mail_from: str = "龙江科技成果交易网 <exchange@localhost>"
    #: Largest upload in MiB.
    max_upload_mib: int = 20
    #: Structured logs: json in production, text for people.
    log_format: str = "json"
    log_level: str = "INFO"
    sentry_dsn: str = ""
    #: Token that /metrics asks for outside development; empty closes the page there.
    metrics_token: str = ""

    @property
    def development(self) -> bool:
        return self.exchange_env == "development"

    @property
    def testing(self) -> bool:
        return self.exchange_env == "test"

    @property
    def production(self) -> bool:
        return self.exchange_env == "production"

    @property
    def owner_url(self) -> str:
        return self.database_owner_url or self.database_url

    @property
    def site_url(self) -> str:
        return self.public_url or f"http://localhost:{self.port}"

    @property
    def stream_url(self) -> str:
        """Base address of the live stream; empty means the page's own origin."""
        if self.live_url or self.production:
            return self.live_url
        return f"http://localhost:{self.live_port}"


def load_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the environment.

    Raises:
        SettingsError: a value does not fit its type, or production runs on a demo secret.
    """
    source = os.environ if environ is None else environ
    values: dict[str, Any] = {}
    for field in fields(Settings):
        raw = source.get(field.name.upper())
        if raw is None or raw == "":
            continue
        values[field.name] = _coerce(field.name.upper(), str(field.type), raw)
    settings = Settings(**values)
    _refuse_unsafe(settings)
    return settings


def _coerce(name: str, kind: str, raw: str) -> object:
    readers: dict[str, Callable[[str], object]] = {
        "int": int,
        "float": float,
        "Path": Path,
        "str": str,
        "Environment": _environment,
    }
    try:
        return readers[kind](raw)
    except ValueError as error:
        raise SettingsError(f"{name}={raw!r} is not a valid {kind}: {error}") from error


def _environment(raw: str) -> Environment:
    if raw not in ("development", "test", "production"):
        raise ValueError("expected development, test or production")
    return cast("Environment", raw)


def _refuse_unsafe(settings: Settings) -> None:
    if not settings.production:
        return
    if settings.secret_key == DEMO_SECRET or len(settings.secret_key) < 32:
        raise SettingsError("SECRET_KEY must be set to at least 32 random characters in production.")
    if len(settings.evidence_seed) != 64:
        raise SettingsError(
            "EVIDENCE_SEED must be 64 hexadecimal digits in production: it signs every bidder's receipt."
        )
    if not settings.public_url:
        raise SettingsError("PUBLIC_URL must be set in production: mails and certificates print it.")
