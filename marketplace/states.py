"""State machines: one transition table each, a history row per step, a diagram from the same table."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import ForeignKey, Index, String, select
from sqlalchemy.orm import Mapped, mapped_column

from .db import Base, BigId, CreatedAt, append_only, db
from .errors import IllegalTransition
from .permissions import Actor

S = TypeVar("S", bound=enum.StrEnum)
A = TypeVar("A", bound=enum.StrEnum)


@dataclass(frozen=True)
class Machine(Generic[S, A]):
    """A named table `(state, action) -> state`. What is not in the table cannot happen."""

    name: str
    start: S
    table: Mapping[tuple[S, A], S]

    def next_state(self, state: S, action: A) -> S:
        """The state after the action.

        Raises:
            IllegalTransition: the table has no such step.
        """
        try:
            return self.table[state, action]
        except KeyError:
            raise IllegalTransition(state=state.value, action=action.value) from None

    def allows(self, state: S, action: A) -> bool:
        return (state, action) in self.table

    def mermaid(self) -> str:
        """The diagram that the documentation shows."""
        lines = ["stateDiagram-v2", f"    [*] --> {self.start.value}"]
        lines += [f"    {s.value} --> {t.value}: {a.value}" for (s, a), t in self.table.items()]
        ends = set(self.table.values()) - {s for s, _ in self.table}
        lines += [f"    {end.value} --> [*]" for end in sorted(ends)]
        return "\n".join(lines)


#: Every machine of the product, by name; the documentation's diagrams are generated from here.
MACHINES: dict[str, Machine[Any, Any]] = {}


def machine(name: str, start: S, table: Mapping[tuple[S, A], S]) -> Machine[S, A]:
    """Declare a state machine (once, at import)."""
    MACHINES[name] = Machine(name, start, dict(table))
    return MACHINES[name]


@append_only
class StateChange(Base):
    """One step of one object: who, when, from, to, why."""

    __tablename__ = "state_changes"
    __table_args__ = (Index("ix_state_changes_object", "object_type", "object_id", "id"),)

    id: Mapped[BigId]
    object_type: Mapped[str] = mapped_column(String(40))
    object_id: Mapped[int]
    action: Mapped[str] = mapped_column(String(40))
    from_state: Mapped[str] = mapped_column(String(40))
    to_state: Mapped[str] = mapped_column(String(40))
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    actor_name: Mapped[str] = mapped_column(String(200))
    reason: Mapped[str] = mapped_column(default="")
    at: Mapped[CreatedAt]


def move(obj: Any, rules: Machine[S, A], action: A, actor: Actor, reason: str = "") -> S:
    """Take `obj.state` through one step and write its history row. Only services call this.

    Raises:
        IllegalTransition: the step is not in the table.
    """
    before = obj.state
    after = rules.next_state(before, action)
    obj.state = after
    db.session.flush()
    db.session.add(
        StateChange(
            object_type=obj.__tablename__,
            object_id=obj.id,
            action=action.value,
            from_state=before.value,
            to_state=after.value,
            actor_id=actor.user_id,
            actor_name=actor.name,
            reason=reason,
        )
    )
    return after


def history(obj: Any) -> list[StateChange]:
    """All steps of an object, oldest first."""
    query = (
        select(StateChange)
        .where(StateChange.object_type == obj.__tablename__, StateChange.object_id == obj.id)
        .order_by(StateChange.id)
    )
    return list(db.session.scalars(query))
