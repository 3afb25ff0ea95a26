"""A trip's life: its states, what may be done in each, by whom, and what that changes.

This table is the only place that says so. The store's transactions, the endpoints, the timers and the diagram
in docs/life.md are made from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

State = Literal[
    "claimed", "started", "paused", "finished", "settled", "approved", "paid",
    "released", "cancelled", "expired", "abandoned",
]  # fmt: skip
Action = Literal[
    "claim", "release", "reassign", "expire", "cancel", "start", "pause", "resume", "propose", "dispute",
    "finish", "abandon", "settle", "approve", "reject", "pay", "revise",
]  # fmt: skip
Who = Literal["courier", "manager", "admin", "system"]
"""`courier`: the one whose trip it is, nobody else."""
STATES: tuple[State, ...] = get_args(State)
ACTIONS: tuple[Action, ...] = get_args(Action)

OPEN: frozenset[State] = frozenset({"claimed", "started", "paused"})
"""They count towards a courier's limit, and somebody watches over them."""
RIDING: frozenset[State] = frozenset({"started", "paused", "abandoned"})
"""The courier's window is open: no other trip of theirs can start. They can still finish an abandoned one."""
HELD: frozenset[State] = OPEN | RIDING
"""The courier has the task and cannot claim it once more."""
FINISHED: frozenset[State] = frozenset({"finished", "settled", "approved", "paid"})
"""The courier has finished it, whatever came of that since."""
RECORDED: frozenset[Action] = frozenset({"settle", "revise"})
"""Brought about by a new record of the pipeline's: what it tells may be news."""
PLACE_BACK: frozenset[State] = frozenset({"released", "expired", "cancelled"})
"""Entered from `claimed`, these give the task's place to whoever claims it next."""


@dataclass(frozen=True, slots=True)
class Transition:
    """target: None where the state stays. done: states that tell of a repetition, which changes nothing."""

    sources: frozenset[State]
    target: State | None
    who: frozenset[Who]
    done: frozenset[State] = frozenset()
    note: str = ""


def _one(sources: str, target: State | None, who: str, done: str = "", note: str = "") -> Transition:
    def states(text: str) -> frozenset[State]:
        return frozenset(state for state in STATES if state in text.split())

    people: tuple[Who, ...] = get_args(Who)
    may = frozenset(person for person in people if person in who.split())
    return Transition(states(sources), target, may, states(done), note)


_ENDED = " ".join(sorted(FINISHED))

TRANSITIONS: Mapping[Action, Transition] = {
    "claim": _one("", "claimed", "courier", note="the first of its life"),
    "release": _one("claimed", "released", "courier manager", "released"),
    "reassign": _one("claimed", "released", "manager", note="and claimed for another courier"),
    "expire": _one("claimed", "expired", "system", "expired", "the start window is over"),
    "cancel": _one("claimed started paused abandoned", "cancelled", "manager admin", "cancelled"),
    "start": _one("claimed", "started", "courier", f"started paused abandoned {_ENDED}"),
    "pause": _one("started", "paused", "courier", "paused"),
    "resume": _one("paused abandoned", "started", "courier", "started"),
    "propose": _one("started", None, "system", note="arrived: the finish is proposed"),
    "dispute": _one("started", None, "courier", note="takes the proposal back"),
    "finish": _one("started paused abandoned", "finished", "courier", _ENDED),
    "abandon": _one("started paused", "abandoned", "system", "abandoned", "silent for too long"),
    "settle": _one("finished settled", "settled", "system", note="again with each revision of the record"),
    "approve": _one("settled", "approved", "manager", "approved"),
    "reject": _one("approved", "settled", "manager"),
    "pay": _one("approved", "paid", "admin", "paid"),
    "revise": _one("approved paid", None, "system", note="a newer record came too late to change it"),
}
FIRST: frozenset[Action] = frozenset({"claim", "reassign"})
"""A trip's life begins with one of these."""


def target(state: State, action: Action) -> State | None:
    """Where `action` leads from `state`; None where it may not be done."""
    transition = TRANSITIONS[action]
    return (transition.target or state) if state in transition.sources else None


def possible(state: State, who: Who) -> list[Action]:
    """What `who` may do next with a trip in `state`."""
    return [action for action, it in TRANSITIONS.items() if state in it.sources and who in it.who]
