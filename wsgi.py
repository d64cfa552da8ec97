"""The web process: `granian --interface wsgi wsgi:app`."""

from marketplace import lifeline
from marketplace.app import create_app

lifeline.follow_if_marked()
app = create_app()
