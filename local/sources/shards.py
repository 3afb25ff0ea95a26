"""Which shards of a stream are read, and from where: a child not before its parents are finished. Pure.

Sources: Amazon Kinesis Data Streams developer guide, "Complete the resharding action" (read the parents to
their end before the children, so that records keep their order); Amazon DynamoDB developer guide, "Change
data capture for DynamoDB Streams" (a parent is processed before its children). The starting position is that
of the mapping for the shards found at its start; one that appears later is read from its first record.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from local.sources.lane import Lane, lane_of
from local.sources.model import Record, Rules


@dataclass(frozen=True, slots=True)
class Position:
    """Where to read in a shard."""

    kind: Literal["TRIM_HORIZON", "LATEST", "AT_TIMESTAMP", "AFTER_SEQUENCE_NUMBER"]
    sequence: str = ""
    """The last record read, for AFTER_SEQUENCE_NUMBER."""
    since_s: float = 0.0
    """For AT_TIMESTAMP."""


TRIM_HORIZON, LATEST = Position("TRIM_HORIZON"), Position("LATEST")


class Found(NamedTuple):
    """A shard as the stream lists it."""

    shard: str
    parents: tuple[str, ...] = ()
    """One after a split, two after a merge."""


@dataclass(slots=True)
class Shard:
    """How far one shard is. Its lanes hold what was read and is not done."""

    id: str
    parents: tuple[str, ...]
    lanes: tuple[Lane, ...]
    position: Position
    begun: bool = False
    ended: bool = False
    """Closed, and read to its end."""

    def opened(self, now_s: float) -> None:
        """An iterator was given. If it expires before it gave a record, "latest" still means this moment."""
        if self.position.kind == "LATEST":
            self.position = Position("AT_TIMESTAMP", since_s=float(math.floor(now_s)))

    def read(self, records: Sequence[Record], wanted: Callable[[Record], bool], now_s: float) -> None:
        """A page came; what no filter wants is done at once."""
        if not records:
            return
        self.position = Position("AFTER_SEQUENCE_NUMBER", sequence=records[-1].sequence)
        kept = [record for record in records if wanted(record)]
        count = len(self.lanes)
        for at, lane in enumerate(self.lanes):
            lane.offer([r for r in kept if lane_of(r.key, count) == at] if count > 1 else kept, now_s)

    @property
    def backlog(self) -> int:
        return sum(lane.backlog for lane in self.lanes)

    @property
    def finished(self) -> bool:
        """Nothing of it will be delivered again: its children may begin."""
        return self.ended and not self.backlog


@dataclass(slots=True)
class Shards:
    rules: Rules
    start: Position
    _known: dict[str, Shard] = field(default_factory=dict)
    _listed: bool = False

    def listed(self, found: Sequence[Found]) -> list[Shard]:
        """The stream's shards; gives those that are new. What is finished and no longer kept is forgotten."""
        start = TRIM_HORIZON if self._listed else self.start
        self._listed = True
        new = [
            Shard(shard, parents, tuple(Lane(self.rules) for _ in range(self.rules.parallel)), start)
            for shard, parents in found
            if shard not in self._known
        ]
        kept = {shard for shard, _ in found}
        known = [shard for shard in self._known.values() if shard.id in kept or not shard.finished]
        self._known = {shard.id: shard for shard in (*known, *new)}
        return new

    def begin(self) -> list[Shard]:
        """The shards that may be read from now on, each given once. A parent no longer kept holds up none."""
        free = [
            shard
            for shard in self._known.values()
            if not shard.begun and all(self._known[p].finished for p in shard.parents if p in self._known)
        ]
        for shard in free:
            shard.begun = True
        return free
