"""The web process: `granian --interface wsgi wsgi:app`."""

from marketplace.app import create_app

app = create_app()
