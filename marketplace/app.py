"""The application factory, and the only module that knows the features."""

from __future__ import annotations

import importlib
from datetime import timedelta

from flask_migrate import Migrate
from werkzeug.middleware.proxy_fix import ProxyFix

from . import db as database
from . import edge, i18n, kernel
from .db import db
from .edge import Exchange
from .sessions import RememberedSessions
from .settings import Settings, load_settings

#: Lower packages first: a package may use those before it, never those after.
FEATURES = ("accounts", "payments", "listings", "pricing", "auctions", "contracts", "targets", "demo")

migrate = Migrate(compare_type=True)


def create_app(settings: Settings | None = None) -> Exchange:
    """Build the application for these settings (default: the environment's)."""
    settings = settings or load_settings()
    app = Exchange(
        "exchange",
        root_path=str(i18n.ROOT),
        template_folder="templates",
        static_folder="static",
        instance_path=str(settings.instance_dir.resolve()),
    )
    app.session_interface = RememberedSessions()
    _configure(app, settings)
    database.init_app(app, settings)
    migrate.init_app(app, db, directory=str(i18n.ROOT / "migrations"))
    edge.init_app(app)
    i18n.init_app(app)
    kernel.init_app(app, settings)
    for name in FEATURES:
        importlib.import_module(name).init_app(app)
    kernel.finish(app)
    return app


def _configure(app: Exchange, settings: Settings) -> None:
    app.config.update(
        SECRET_KEY=settings.secret_key,
        MAX_CONTENT_LENGTH=settings.max_upload_mib * 1024 * 1024,
        SESSION_COOKIE_NAME="exchange",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.production,
        SESSION_REFRESH_EACH_REQUEST=False,
        PERMANENT_SESSION_LIFETIME=timedelta(days=14),
        WTF_CSRF_TIME_LIMIT=None,
        TEMPLATES_AUTO_RELOAD=settings.development,
        TESTING=settings.testing,
        PROPAGATE_EXCEPTIONS=False,
        SEND_FILE_MAX_AGE_DEFAULT=0 if settings.development else 86400,
    )
    app.extensions["exchange.settings"] = settings
    app.jinja_options = {"autoescape": _is_markup, "trim_blocks": True, "lstrip_blocks": True}
    app.jinja_env.add_extension("jinja2.ext.do")
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]


def _is_markup(template: str | None) -> bool:
    """Everything is escaped but the plain-text parts of mails."""
    return template is None or not template.endswith(".txt")
