"""`script/flask`: any of our commands, on the running installation or on a database started for it."""

from __future__ import annotations

import os
import sys

from flask.cli import cli

from .installation import ROOT, NotReady, enter, owner_connection


def main() -> None:
    """Prepare the installation, then hand over to Flask's command line."""
    try:
        enter()
        owner_connection().close()
    except NotReady as error:
        sys.exit(str(error))
    os.environ["FLASK_APP"] = str(ROOT / "wsgi.py")
    sys.path.insert(0, str(ROOT))
    cli.main(prog_name="script/flask")


if __name__ == "__main__":
    main()
