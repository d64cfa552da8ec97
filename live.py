"""The live process: `granian --interface asgi live:app`. One stream a watcher, no framework, no work but reading.

`GET /live/auctions/<number>?since=SEQ[&token=T]` answers with server-sent events; `GET /health` with counts.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qs

from auctions import keys
from auctions.live_rooms import Room, Rooms
from marketplace import lifeline
from marketplace.settings import Settings, load_settings

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]

PREFIX = "/live/auctions/"
#: More would make everybody's updates late; the page polls when it is turned away.
MOST_WATCHERS = 20_000


class Live:
    """The ASGI application."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._rooms: Rooms | None = None

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
        elif scope["type"] == "http":
            await self._http(scope, receive, send)

    async def _http(self, scope: Message, receive: Receive, send: Send) -> None:
        if self._rooms is None:
            self._rooms = Rooms(self._settings)
        path: str = scope["path"]
        if path == "/health":
            await _answer(send, 200, {"status": "ok", "watchers": self._rooms.watchers})
        elif path.startswith(PREFIX) and scope["method"] == "GET":
            await self._watch(path.removeprefix(PREFIX), scope, receive, send)
        else:
            await _answer(send, 404, {"code": "not_found"})

    async def _watch(self, number: str, scope: Message, receive: Receive, send: Send) -> None:
        assert self._rooms is not None  # noqa: S101 - made above
        query = parse_qs(scope["query_string"].decode("latin-1"))
        cors = self._cors(scope)
        if self._rooms.watchers >= MOST_WATCHERS:
            await _answer(send, 503, {"code": "full"}, cors)
            return
        try:
            room = await self._rooms.open(number[:20])
        except TimeoutError:
            await _answer(send, 503, {"code": "unavailable"}, cors)
            return
        token = query.get("token", [""])[0]
        if room is None or (room.restricted and not keys.opens(self._settings, token, room.number)):
            # Who may not watch is not told that there is something to watch.
            await _answer(send, 404, {"code": "not_found"}, cors)
            return
        await _start_stream(send, cors)
        await self._stream(room, _since(scope, query), receive, send)

    async def _stream(self, room: Room, since: int, receive: Receive, send: Send) -> None:
        assert self._rooms is not None  # noqa: S101 - made above
        self._rooms.enter(room)
        following = asyncio.ensure_future(_follow(self._rooms, room, since, send))
        gone = asyncio.ensure_future(_gone(receive))
        try:
            await asyncio.wait((following, gone), return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._rooms.leave(room)
            for task in (following, gone):
                task.cancel()
                with suppress(asyncio.CancelledError, Exception):
                    await task

    def _cors(self, scope: Message) -> Headers:
        """The site itself may read from its own pages; nobody else's may."""
        origin = next((value for name, value in scope["headers"] if name == b"origin"), b"")
        headers: Headers = [(b"vary", b"Origin")]
        if origin.decode("latin-1") == self._settings.site_url:
            headers.append((b"access-control-allow-origin", origin))
        return headers


async def _follow(rooms: Rooms, room: Room, since: int, send: Send) -> None:
    """Bring one watcher up to date, and then along with the room."""
    await _chunk(send, room.catch_up(since, rooms.now()))
    here = room.sequence
    while True:
        if here < room.told:
            # It was still sending when the others were told.
            data, here = room.catch_up(here, rooms.now()), room.sequence
        else:
            turn = await room.turn
            if turn.sequence < here:
                continue
            data = turn.data if turn.since in (here, turn.sequence) else room.catch_up(here, rooms.now())
            here = turn.sequence
        await _chunk(send, data)


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _since(scope: Message, query: dict[str, list[str]]) -> int:
    """Where the page stands: what the browser says when it comes back by itself, else what the page asks for."""
    last = next((value for name, value in scope["headers"] if name == b"last-event-id"), b"")
    for text in (last.decode("latin-1"), query.get("since", [""])[0]):
        if text.isascii() and text.isdigit() and len(text) < 18:
            return int(text)
    return 0


async def _start_stream(send: Send, cors: Headers) -> None:
    headers = [
        (b"content-type", b"text/event-stream; charset=utf-8"),
        (b"cache-control", b"no-store"),
        # nginx would otherwise hold updates back until its buffer is full.
        (b"x-accel-buffering", b"no"),
        *cors,
    ]
    await send({"type": "http.response.start", "status": 200, "headers": headers})


async def _chunk(send: Send, data: bytes) -> None:
    await send({"type": "http.response.body", "body": data, "more_body": True})


async def _answer(send: Send, status: int, data: dict[str, Any], headers: Headers | None = None) -> None:
    given = [(b"content-type", b"application/json"), (b"cache-control", b"no-store"), *(headers or [])]
    await send({"type": "http.response.start", "status": status, "headers": given})
    await send({"type": "http.response.body", "body": json.dumps(data).encode()})


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        event = await receive()
        await send({"type": f"{event['type']}.complete"})
        if event["type"] == "lifespan.shutdown":
            return


lifeline.follow_if_marked()
app = Live(load_settings())
