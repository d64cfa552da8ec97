"""Where bids wait for a transaction, and who leads the next one. Threads and tickets only: no database in here.

Tickets stand in line by room (auction). A few at a time lead: a leader takes every room that is not in somebody
else's hands, as far as a batch goes. Nobody polls; a leader who ends wakes the next one.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from dataclasses import dataclass, field

from .batch import BidAnswer
from .eligibility import BidRequest


@dataclass(slots=True, eq=False)
class Ticket:
    """One waiting bid. `wake` is set when it is done, or when the lead passes to it."""

    request: BidRequest
    wake: threading.Event = field(default_factory=threading.Event)
    done: bool = False
    #: Its thread has given up: it may still be decided, but it cannot lead.
    gone: bool = False
    leads: bool = False
    answer: BidAnswer | None = None
    error: Exception | None = None


@dataclass(slots=True, eq=False)
class Room:
    """Those who wait for one auction."""

    number: str
    waiting: list[Ticket] = field(default_factory=list)
    #: In a leader's hands: no second transaction may take it meanwhile.
    busy: bool = False
    #: How often it was locked by others when a transaction of many rooms came by; then it goes alone, and waits.
    passed_over: int = 0

    @property
    def alone(self) -> bool:
        return self.passed_over > 1


class Line:
    """The line of one process, with at most `leaders` transactions at once and `batch` tickets in each."""

    def __init__(self, leaders: int, batch: int) -> None:
        self._lock = threading.Lock()
        self._rooms: dict[str, Room] = {}
        self._ready: deque[Room] = deque()
        self._free = leaders
        self._batch = batch

    def join(self, ticket: Ticket) -> bool:
        """Stand in line; True for whoever is to lead at once."""
        number = ticket.request.auction_number
        with self._lock:
            room = self._rooms.get(number)
            if room is None:
                room = self._rooms[number] = Room(number)
            if not room.waiting and not room.busy:
                self._ready.append(room)
            room.waiting.append(ticket)
            if not self._free or not self._ready:
                return False
            self._free -= 1
            return True

    def wait(self, ticket: Ticket, deadline: float) -> bool:
        """Wait until done or chosen to lead; True for the lead. After the deadline, leave the line."""
        ticket.wake.wait(max(0.0, deadline - time.monotonic()))
        with self._lock:
            if ticket.leads:
                ticket.leads = False
                if not ticket.done:
                    ticket.wake.clear()
                return True
            if not ticket.done:
                ticket.gone = True
                self._leave(ticket)
            return False

    def _leave(self, ticket: Ticket) -> None:
        room = self._rooms.get(ticket.request.auction_number)
        if room is None or ticket not in room.waiting:
            return
        room.waiting.remove(ticket)
        if not room.waiting and not room.busy:
            self._ready.remove(room)
            del self._rooms[room.number]

    def take(self) -> list[tuple[Room, list[Ticket]]]:
        """What the leader decides now: rooms in the order in which they became ready, whole if they fit."""
        taken: list[tuple[Room, list[Ticket]]] = []
        with self._lock:
            space = self._batch
            while self._ready and space and not (taken and self._ready[0].alone):
                room = self._ready.popleft()
                tickets, room.waiting = room.waiting[:space], room.waiting[space:]
                room.busy = True
                space -= len(tickets)
                taken.append((room, tickets))
                if room.alone:
                    break
        return taken

    def hand_on(self, taken: list[tuple[Room, list[Ticket]]]) -> None:
        """Give the rooms back, put whom nobody answered in front again, and wake the next leader."""
        with self._lock:
            for room, tickets in taken:
                room.busy = False
                room.waiting[:0] = [ticket for ticket in tickets if not (ticket.done or ticket.gone)]
                if room.waiting:
                    self._ready.append(room)
                else:
                    del self._rooms[room.number]
            self._free += 1
            self._choose()
        for _, tickets in taken:
            for ticket in tickets:
                if ticket.done:
                    ticket.wake.set()

    def _choose(self) -> None:
        """Let somebody who waits lead, as long as there are rooms and leaders to spare."""
        for room in list(self._ready)[: self._free]:
            self._free -= 1
            chosen = room.waiting[0]
            chosen.leads = True
            chosen.wake.set()
