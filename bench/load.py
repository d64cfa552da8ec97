"""The load client: one lean process that keeps every connection busy. It shares the machine with what it measures.

`python -m bench.load` reads a `Load` as JSON from standard input and writes a `Tally` to standard output.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import cast

import uvloop

from .ground import ROOT


@dataclass(frozen=True)
class Client:
    """One kept-alive connection: its headers, and the addresses it asks in turn."""

    headers: str
    paths: list[str]


@dataclass(frozen=True)
class Load:
    """What to send. With `bids`, each request is a bid one step above the last one sent to that address."""

    port: int
    clients: list[Client]
    seconds: float
    warm: float = 1.0
    bids: bool = False
    first: int = 1000
    step: int = 10
    #: Adds a number of its own to each address, so that no answer was kept.
    distinct: bool = False


@dataclass
class Tally:
    """What came back: in the measured time, and in all (with warming up and the last answers)."""

    seconds: float = 0.0
    measured: int = 0
    answered: int = 0
    accepted: int = 0
    statuses: dict[str, int] = field(default_factory=dict)

    @property
    def rate(self) -> float:
        return self.measured / self.seconds


def run(load: Load) -> Tally:
    """Send it from a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.load"], cwd=ROOT, input=json.dumps(asdict(load)), capture_output=True, text=True,
        check=False, timeout=load.seconds + load.warm + 60,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(done.stderr)
    return Tally(**json.loads(done.stdout))


class _Run:
    """State that all connections share."""

    def __init__(self, load: Load) -> None:
        self.load = load
        self.tally = Tally()
        self.statuses: Counter[str] = Counter()
        self.begin = self.finish = 0.0
        self.serial = itertools.count(1)
        self.amounts: dict[str, Iterator[int]] = {}
        self.open = len(load.clients)
        self.over = asyncio.Event()

    def amount(self, path: str) -> int:
        if path not in self.amounts:
            self.amounts[path] = itertools.count(self.load.first, self.load.step)
        return next(self.amounts[path])

    def count(self, status: str, body: bytes) -> None:
        now = time.monotonic()
        self.statuses[status] += 1
        self.tally.answered += 1
        self.tally.measured += self.begin <= now < self.finish
        self.tally.accepted += body.startswith(b'{"accepted": true')


class _Connection(asyncio.Protocol):
    def __init__(self, run: _Run, client: Client) -> None:
        self.run, self.client = run, client
        self.paths = itertools.cycle(client.paths)
        self.buffer = b""
        self.done = False
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are of no class of asyncio's.
        self.transport = cast("asyncio.Transport", transport)
        self._send()

    def _send(self) -> None:
        assert self.transport is not None  # noqa: S101 - connected
        if time.monotonic() >= self.run.finish:
            self.done = True
            self.transport.close()
            return
        path, serial = next(self.paths), next(self.run.serial)
        address = f"{path}{'&' if '?' in path else '?'}n={serial}" if self.run.load.distinct else path
        if not self.run.load.bids:
            self.transport.write(f"GET {address} HTTP/1.1\r\n{self.client.headers}\r\n".encode())
            return
        body = f'{{"key":"bench-{serial:09d}","kind":"bid","amount":"{self.run.amount(path)}"}}'
        head = f"POST {address} HTTP/1.1\r\n{self.client.headers}Content-Type: application/json\r\n"
        self.transport.write(f"{head}Content-Length: {len(body)}\r\n\r\n{body}".encode())

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        end = self.buffer.find(b"\r\n\r\n")
        if end < 0:
            return
        size = _length(self.buffer[:end].lower())
        if len(self.buffer) < end + 4 + size:
            return
        self.run.count(self.buffer[9:12].decode(), self.buffer[end + 4 : end + 30])
        self.buffer = b""
        self._send()

    def connection_lost(self, _exc: Exception | None) -> None:
        if not self.done:
            self.run.statuses["lost"] += 1
        self.run.open -= 1
        if not self.run.open:
            self.run.over.set()


def _length(head: bytes) -> int:
    place = head.find(b"\r\ncontent-length:")
    return int(head[place + 17 :].split(b"\r\n", 1)[0])


async def _drive(load: Load) -> Tally:
    run, loop = _Run(load), asyncio.get_running_loop()
    run.begin = time.monotonic() + load.warm
    run.finish = run.begin + load.seconds
    for client in load.clients:
        await loop.create_connection(lambda client=client: _Connection(run, client), "127.0.0.1", load.port)
    await asyncio.wait_for(run.over.wait(), load.warm + load.seconds + 30)
    run.tally.seconds, run.tally.statuses = load.seconds, dict(run.statuses)
    return run.tally


def main() -> None:
    """Read, drive, report."""
    given = json.load(sys.stdin)
    load = Load(**{**given, "clients": [Client(**one) for one in given["clients"]]})
    print(json.dumps(asdict(uvloop.run(_drive(load)))))


if __name__ == "__main__":
    main()
