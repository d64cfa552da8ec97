"""Use cases of the goal: counting, proof that the figure is right, and the windows it is measured against."""

from .counting import change, count, count_due, take_off
from .recounting import Recount, recount
from .windows import set_window

__all__ = ["Recount", "change", "count", "count_due", "recount", "set_window", "take_off"]
