"""Processes that end with the one that started them, by the kernel's own hand (Linux; elsewhere nothing happens)."""

from __future__ import annotations

import ctypes
import os
import signal

_SET_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG

#: Set by `script/server` for all it starts; the reaper knows its processes by it.
MARK = "EXCHANGE_RUN"


def follow(parent: int, number: signal.Signals = signal.SIGTERM) -> None:
    """Have the kernel send this process `number` when `parent` ends; at once if it already has."""
    prctl = getattr(ctypes.CDLL(None), "prctl", None)
    if prctl is None:
        return
    prctl(_SET_DEATH_SIGNAL, number)
    if os.getppid() != parent:
        os.kill(os.getpid(), number)


def follow_if_marked() -> None:
    """For the web server's workers, which a `kill -9` of their parent would leave holding the port.

    Only under `script/server`: elsewhere who outlives whom is the init system's decision.
    """
    if MARK in os.environ:
        follow(os.getppid())
