"""The web process: `granian --interface wsgi wsgi:app`."""

import gc

# Nothing of what a start makes is garbage: looking for some costs a seventh of it, and later at every collection.
gc.disable()

from marketplace import lifeline  # noqa: E402
from marketplace.app import create_app  # noqa: E402

lifeline.follow_if_marked()
app = create_app()

gc.freeze()
gc.enable()
