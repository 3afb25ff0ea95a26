"""What the tasks table can do. Reads by key are consistent; lists may lag a moment behind the writes."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from storage.tasks.model import Claim, Courier, Kept, Line, Task, Trip
from telemetry.life import State


class Desk(NamedTuple):
    """What a claim looks at."""

    task: Task | None
    claim: Claim | None
    courier: Courier


class Made(NamedTuple):
    """A trip that begins, and the first line of its life. limit: of the courier's open trips."""

    trip: Trip
    line: Line
    limit: int


class Move(NamedTuple):
    """A transition: the trip as read, as it becomes, and its line.

    task: as read, where the trip gives its place back; passed: the trip of another courier that gets it then.
    rider: the courier as read, where the trip starts.
    """

    before: Trip
    after: Trip
    line: Line
    task: Task | None = None
    passed: Made | None = None
    rider: Courier | None = None


class TaskStore(Protocol):
    """Every write is one transaction. It says False, and changes nothing, when something is not as it was
    read, somebody else was quicker, or `kept`'s key is known: read again, and decide anew.
    """

    def add(self, task: Task, kept: Kept | None = None) -> bool: ...

    def get(self, fleet: str, task: str) -> Task | None: ...

    def page(self, fleet: str, status: str | None, after: str | None, limit: int) -> list[Task]:
        """Newest first, beginning behind the task `after`."""

    def change(self, before: Task, after: Task, kept: Kept | None = None) -> bool:
        """Withdraw it, or tell the lists its status."""

    def desk(self, fleet: str, task: str, courier: str) -> Desk: ...

    def trip(self, fleet: str, trip: str) -> Trip | None: ...

    def courier(self, fleet: str, courier: str) -> Courier: ...

    def trips_of(self, fleet: str, courier: str, after: str | None, limit: int) -> list[Trip]:
        """A courier's, newest first, beginning behind the trip `after`."""

    def trips_in(self, fleet: str, state: State, after: str | None, limit: int) -> list[Trip]:
        """The fleet's in one state, newest first, beginning behind the trip `after`."""

    def trips_on(self, fleet: str, task: str, after: str | None, limit: int) -> list[Trip]:
        """The newest of each courier who ever claimed the task, by courier, beginning behind `after`."""

    def audit(self, fleet: str, trip: str) -> list[Line]:
        """The first line first."""

    def claim(self, task: Task, made: Made, kept: Kept | None = None) -> bool:
        """Give `made.trip` one of the task's places, where it is open and the courier has neither this task
        nor too many.
        """

    def move(self, move: Move, kept: Kept | None = None) -> bool: ...

    def kept(self, fleet: str, user: str, key: str, now_s: float) -> Kept | None: ...

    def keep(self, fleet: str, kept: Kept) -> bool:
        """Where nothing else had to be written."""
