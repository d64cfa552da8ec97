"""A test that is never done, for `script/test` to be killed at; not collected by itself."""

from __future__ import annotations

import os
import threading
from pathlib import Path

from tests.support.databases import run_home


def test_never_done(database):
    Path(os.environ["INSTANCE_DIR"], "test-home").write_text(str(run_home()))
    threading.Event().wait()
