"""`python -m tests.support.check_migrations`: migrations go up, down and up again, and give what the models say."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import psycopg
from alembic.util.exc import CommandError
from flask_migrate import check, downgrade, upgrade

from marketplace.app import create_app
from marketplace.postgres import ensure_running, release

from .databases import Database, settings_for


def main() -> int:
    """Try it on a server of its own."""
    home = Path(tempfile.mkdtemp(prefix="exchange-migrations-")) / "postgres"
    endpoint = ensure_running(home, "tests", temporary=True)
    try:
        with psycopg.connect(endpoint.admin_url, autocommit=True) as admin:
            admin.execute("CREATE DATABASE migrations OWNER exchange_owner")
        app = create_app(settings_for(Database("migrations", endpoint), home / "instance"))
        with app.app_context():
            upgrade()
            downgrade(revision="base")
            upgrade()
            check()
    except CommandError as error:
        print(error)  # noqa: T201 - a command
        return 1
    except SystemExit as stop:
        return int(stop.code or 0)
    finally:
        release(home)
    return 0


if __name__ == "__main__":
    sys.exit(main())
