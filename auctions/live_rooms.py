"""Rooms of the live stream: one encoding for all who watch, at most two updates a second, whoever is slow catches up."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from marketplace.settings import Settings

from .live_feed import KEPT, SHOWN, Json, Reader, Seen

#: Least time between two updates of a room: a watcher cannot read faster, and the last one has everything.
PACE_SECONDS = 0.5
HEARTBEAT_SECONDS = 15.0
HEARTBEAT = b": still here\n\n"
#: How long a new watcher waits for the first look at a room.
OPEN_SECONDS = 5.0


class Turn(NamedTuple):
    """What all watchers of a room get at once: bytes that lead from one sequence to another."""

    since: int
    sequence: int
    data: bytes


@dataclass(slots=True, eq=False)
class Room:
    """One auction that somebody watches."""

    id: int
    number: str
    restricted: bool
    sequence: int
    view: Json
    bids: deque[Json] = field(default_factory=lambda: deque(maxlen=KEPT))
    watchers: int = 0
    #: Resolved with what all watchers get next, then replaced.
    turn: asyncio.Future[Turn] = field(default_factory=lambda: asyncio.get_running_loop().create_future())
    told_at: float = 0.0
    timer: asyncio.TimerHandle | None = None
    #: The sequence that the watchers have been told of, and the messages from elsewhere to the newest one.
    told: int = 0
    encoded: dict[int, bytes] = field(default_factory=dict)

    def take(self, seen: Seen) -> None:
        self.sequence, self.view = seen.sequence, seen.view
        self.bids.extend(seen.bids)
        self.encoded.clear()

    def catch_up(self, since: int, now: datetime) -> bytes:
        """The message that brings a watcher from `since` to here; all but the time is encoded once for all."""
        rest = self.encoded.get(since)
        if rest is None:
            rest = self.encoded[since] = self._encode(since)
        return b'id: %d\nevent: auction\ndata: {"now":"%s",%s\n\n' % (self.sequence, _iso(now), rest)

    def _encode(self, since: int) -> bytes:
        bids = [bid for bid in self.bids if bid["sequence"] > since]
        # Whoever comes new, or from before what is kept, gets everything that the page shows.
        whole = since <= 0 or since > self.sequence or len(bids) == self.bids.maxlen
        if whole:
            bids = list(self.bids)[-SHOWN:]
        body = json.dumps({"auction": self.view, "bids": bids, "whole": whole}, separators=(",", ":"))
        return body[1:].encode()


def _iso(moment: datetime) -> bytes:
    return moment.isoformat(timespec="microseconds").encode()


class Rooms:
    """All rooms of this process."""

    def __init__(self, settings: Settings) -> None:
        self._loop = asyncio.get_running_loop()
        self._rooms: dict[str, Room] = {}
        self._opening: dict[str, asyncio.Future[Room | None]] = {}
        #: The database's clock against ours: pages count down by its time.
        self._offset = timedelta(0)
        self.reader = Reader(settings, lambda *given: self._loop.call_soon_threadsafe(self._take, *given))
        self.reader.start()
        self._beat = self._loop.create_task(self._heartbeats())

    @property
    def watchers(self) -> int:
        return sum(room.watchers for room in self._rooms.values())

    def now(self) -> datetime:
        return datetime.now(UTC) + self._offset

    async def open(self, number: str) -> Room | None:
        """The room of this auction, or None if there is none to watch. Raises TimeoutError without a database."""
        room = self._rooms.get(number)
        if room is not None:
            return room
        opening = self._opening.get(number)
        if opening is None:
            opening = self._opening[number] = self._loop.create_future()
            self.reader.want(number)
        return await asyncio.wait_for(asyncio.shield(opening), OPEN_SECONDS)

    def enter(self, room: Room) -> None:
        room.watchers += 1

    def leave(self, room: Room) -> None:
        """Close a room behind its last watcher."""
        room.watchers -= 1
        if room.watchers <= 0 and self._rooms.get(room.number) is room:
            del self._rooms[room.number]
            self.reader.watched.pop(room.id, None)

    def _take(self, seen: list[Seen], wanted: set[str]) -> None:
        """What the reader found, on the loop."""
        for one in seen:
            self._offset = one.now - datetime.now(UTC)
            room = self._rooms.get(one.number)
            if room is None:
                self._open_room(one)
            elif one.sequence > room.sequence:
                room.take(one)
                self.reader.watched[room.id] = room.sequence
                self._tell_soon(room)
        for number in wanted:
            opening = self._opening.pop(number, None)
            if opening is not None and not opening.done():
                opening.set_result(self._rooms.get(number))

    def _open_room(self, seen: Seen) -> None:
        if seen.number not in self._opening:
            return
        room = Room(seen.id, seen.number, seen.restricted, seen.sequence, seen.view, told=seen.sequence)
        room.bids.extend(seen.bids)
        self._rooms[room.number] = room
        self.reader.watched[room.id] = room.sequence

    def _tell_soon(self, room: Room) -> None:
        """Tell everybody now, or when the room's pace allows."""
        if room.timer is None:
            wait = max(0.0, room.told_at + PACE_SECONDS - self._loop.time())
            room.timer = self._loop.call_later(wait, self._tell, room)

    def _tell(self, room: Room) -> None:
        room.timer, room.told_at = None, self._loop.time()
        before, room.told = room.told, room.sequence
        self._turn(room, Turn(before, room.sequence, room.catch_up(before, self.now())))

    def _turn(self, room: Room, told: Turn) -> None:
        turn, room.turn = room.turn, self._loop.create_future()
        turn.set_result(told)

    async def _heartbeats(self) -> None:
        """Keep quiet streams open through proxies, and notice watchers who went away."""
        while True:
            await asyncio.sleep(HEARTBEAT_SECONDS)
            for room in list(self._rooms.values()):
                self._turn(room, Turn(room.told, room.told, HEARTBEAT))
