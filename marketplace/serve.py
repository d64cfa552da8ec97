"""`script/server`: the whole exchange on one machine, from nothing to a page.

Database, migrations and sample data if they are missing, then the processes of the Procfile. Ends
cleanly on Ctrl-C; after `kill -9` the reaper ends the processes and the database's watchdog the server.
"""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
from functools import partial
from pathlib import Path

from . import lifeline, postgres, reaper
from .installation import ROOT, NotReady, database_home, database_state, enter, folder
from .postgres import PostgresError
from .procfile import Procfile

USAGE = "usage: script/server [--fresh]   (--fresh deletes this installation's data and starts anew)"


def main(arguments: list[str]) -> int:
    """Run until stopped; the exit code says whether the processes ended well."""
    if arguments not in ([], ["--fresh"]):
        sys.exit(USAGE)
    signal.signal(signal.SIGINT, _stop_preparing)
    try:
        _check_ports()
        if arguments:
            _start_anew()
        enter()
        _bring_up_to_date()
    except (NotReady, PostgresError) as error:
        sys.exit(str(error))
    return _run()


def _stop_preparing(*_: object) -> None:
    """Ctrl-C before the processes run. At once: an exception could be swallowed by whatever it interrupts.

    What was started follows us by itself, as it does after `kill -9`.
    """
    os.write(2, b"\nStopped before everything was ready; the next start goes on from here.\n")
    os._exit(128 + signal.SIGINT)


def port(name: str, default: int) -> int:
    """A port from the environment."""
    value = os.environ.get(name) or str(default)
    if not value.isdigit() or not 0 < int(value) < 65536:
        raise NotReady(f"{name}={value} is not a port: choose a number from 1 to 65535.")
    return int(value)


def _check_ports() -> None:
    for name, default in (("PORT", 8000), ("LIVE_PORT", 8001)):
        number = port(name, default)
        os.environ[name] = str(number)
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("0.0.0.0", number))  # noqa: S104 - the same address the web process will use
            except OSError as error:
                raise NotReady(
                    f"Port {number} is in use: stop what uses it (another script/server?), or choose one with {name}."
                ) from error


def _start_anew() -> None:
    if os.environ.get("DATABASE_URL"):
        raise NotReady("--fresh deletes the embedded database only: empty the one that DATABASE_URL names yourself.")
    if database_home().exists():
        postgres.remove(database_home())
    for name in ("files", "mail", "search", "keys", "demo-accounts.txt", "demo-unfinished"):
        path = folder() / name
        shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)


def _bring_up_to_date() -> None:
    """Migrate and load the sample data where needed; a second start finds both done."""
    current, inhabited = database_state()
    if not current:
        _flask("Preparing the database …", "db", "upgrade")
        inhabited = database_state()[1]
    # Left behind by a first start that was interrupted while it made the sample: it goes on where it was.
    unfinished = folder() / "demo-unfinished"
    if os.environ["EXCHANGE_ENV"] == "development" and (unfinished.exists() or not inhabited):
        unfinished.touch()
        _flask("Making the sample data (first run only, about a minute) …", "demo", "load")
        unfinished.unlink()


def _flask(message: str, *arguments: str) -> None:
    print(message, flush=True)  # noqa: T201 - a command talks to a person
    command = [sys.executable, "-m", "flask", "--app", "wsgi", *arguments]
    done = subprocess.run(  # noqa: S603 - our own command
        command,
        cwd=ROOT,
        check=False,
        env={**os.environ, "LOG_LEVEL": "WARNING"},
        preexec_fn=partial(lifeline.follow, os.getpid()),
    )
    if done.returncode:
        raise NotReady(f"`flask {' '.join(arguments)}` failed; its message above says why.")


def _greet() -> None:
    """Printed when the address answers, so that what it says is true."""
    accounts = folder() / "demo-accounts.txt"
    lines = [f"龙江科技成果交易网   http://localhost:{os.environ['PORT']}", ""]
    if accounts.exists():
        lines += [*accounts.read_text().rstrip().splitlines(), ""]
    lines += [f"The data are in {folder()}.", "Ctrl-C stops everything and keeps them; --fresh starts anew."]
    rule = "─" * 78
    print("\n".join(["", rule, *(f"  {line}" for line in lines), rule, ""]), flush=True)  # noqa: T201 - see above


def _run() -> int:
    mark = secrets.token_hex(16)
    pipe = _post_reaper(mark)
    os.environ.setdefault("LOG_FORMAT", "text")
    environment = {**os.environ, lifeline.MARK: mark, "PYTHONUNBUFFERED": "1"}
    code = Procfile(ROOT / "Procfile", environment).run(int(os.environ["PORT"]), _greet)
    reaper.end(mark)
    os.write(pipe, b"done")
    return code


def _post_reaper(mark: str) -> int:
    """Start the reaper; returns the end of its pipe that must live as long as we do."""
    ours, theirs = os.pipe()
    subprocess.Popen(  # noqa: S603 - our own file
        [sys.executable, "-I", "-S", str(Path(reaper.__file__)), str(ours), mark],
        pass_fds=(ours,),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd="/",
    )
    os.close(ours)
    return theirs


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
