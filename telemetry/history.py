"""Sets of pings by identity, and their union: what a history chunk and the live tail hold.

A ping's identity is (device, raw time in ms). Where two differ at the same identity, better accuracy
wins, then the smaller encoding; the loser is handed back for the quarantine. Union commutes, so any
order and repetition of batches ends in the same set.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from itertools import groupby, pairwise
from typing import NamedTuple

from telemetry import columns
from telemetry.ping import UNKNOWN, Ping
from telemetry.pings import Pings
from telemetry.upload import pack_text, unpack_text

CONFLICT = "another ping has the same device and time"
"""Why a union's loser is in quarantine: by rule, so that sending it again changes nothing."""
BUCKET_S = 480  # 48 pings of 10 s: one chunk write for 48 pings
BUCKET_MS = BUCKET_S * 1000


class Sighting(NamedTuple):
    """A ping with the device that made it."""

    device: str
    ping: Ping

    @property
    def identity(self) -> tuple[str, int]:
        return self.device, self.ping.t_ms

    @property
    def bucket(self) -> int:
        return self.ping.t_ms // BUCKET_MS


class Sighted(NamedTuple):
    """Pings of one device, in order of time."""

    device: str
    pings: Pings

    def before(self, t_ms: int) -> Sighted:
        return Sighted(self.device, self.pings[: bisect_left(self.pings.times(), t_ms)])

    def since(self, t_ms: int) -> Sighted:
        return Sighted(self.device, self.pings[bisect_left(self.pings.times(), t_ms) :])

    def by_bucket(self) -> Iterator[tuple[int, Sighted]]:
        """Its parts by time bucket."""
        rest = self
        while rest.pings:
            bucket = rest.pings.first_ms // BUCKET_MS
            end = (bucket + 1) * BUCKET_MS
            if rest.pings.last_ms < end:
                yield bucket, rest
                return
            yield bucket, rest.before(end)
            rest = rest.since(end)

    def each(self) -> Iterator[Sighting]:
        return (Sighting(self.device, ping) for ping in self.pings)


class Sightings(Mapping[tuple[str, int], Sighting]):
    """An immutable set, keyed by identity. devices: each one's pings in order of time, none twice."""

    def __init__(self, devices: Mapping[str, Pings] | None = None) -> None:
        self.devices = dict(devices or {})

    @classmethod
    def of(cls, sightings: Iterable[Sighting]) -> Sightings:
        """Of one identity the last counts."""
        found = {s.identity: s for s in sightings}
        ordered = [found[identity] for identity in sorted(found)]
        groups = groupby(ordered, key=lambda s: s.device)
        return cls({device: Pings.of([s.ping for s in group]) for device, group in groups})

    @property
    def parts(self) -> Iterator[Sighted]:
        return (Sighted(device, pings) for device, pings in self.devices.items())

    @cached_property
    def _by_identity(self) -> dict[tuple[str, int], Sighting]:
        return {s.identity: s for part in self.parts for s in part.each()}

    def __getitem__(self, identity: tuple[str, int]) -> Sighting:
        return self._by_identity[identity]

    def __iter__(self) -> Iterator[tuple[str, int]]:
        return iter(self._by_identity)

    def __len__(self) -> int:
        return sum(len(pings) for pings in self.devices.values())

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Sightings):
            return self.devices == other.devices
        return isinstance(other, Mapping) and self._by_identity == other

    def __hash__(self) -> int:
        return hash(frozenset(self.devices.items()))

    @cached_property
    def packed(self) -> bytes:
        """See `pack`."""
        groups = sorted(self.devices.items())
        return b"".join(pack_text(device) + columns.encode(pings) for device, pings in groups)

    def before(self, t_ms: int) -> list[Sighted]:
        return [part for part in (p.before(t_ms) for p in self.parts) if part.pings]

    def since(self, t_ms: int) -> Sightings:
        kept = (part.since(t_ms) for part in self.parts)
        return Sightings({part.device: part.pings for part in kept if part.pings})

    def times(self) -> list[int]:
        """t_ms of all, in order."""
        return sorted(t for pings in self.devices.values() for t in pings.times())


class Union(NamedTuple):
    sightings: Sightings
    added: list[Sighting]
    """New identities, in the order given."""
    losers: list[Sighting]
    """Same identity, other content, worse: quarantine them."""
    changed: bool


def unite(known: Mapping[tuple[str, int], Sighting], new: Iterable[Sighting]) -> Union:
    merged = dict(known)
    added: list[Sighting] = []
    losers: list[Sighting] = []
    changed = False
    for sighting in new:
        present = merged.get(sighting.identity)
        if present is None:
            added.append(sighting)
        elif present.ping == sighting.ping:
            continue
        else:
            loser = max(present, sighting, key=_rank)
            losers.append(loser)
            if loser is sighting:
                continue
        merged[sighting.identity] = sighting
        changed = True
    return Union(Sightings.of(merged.values()), added, losers, changed)


class Joined(NamedTuple):
    """As Union, of one device's pings."""

    sightings: Sightings
    added: Pings
    losers: list[Sighting]
    changed: bool


def join(known: Sightings, new: Sighted) -> Joined:
    """`unite` for one device's pings in order of time; what is newer than all that is known is appended."""
    present = known.devices.get(new.device, Pings())
    times = new.pings.times()
    if all(a < b for a, b in pairwise(times)) and (not present or present.last_ms < times[0]):
        return Joined(
            Sightings(known.devices | {new.device: present + new.pings}), new.pings, [], changed=True
        )
    union = unite(known, new.each())
    return Joined(union.sightings, Pings.of([s.ping for s in union.added]), union.losers, union.changed)


def join_all(known: Sightings, new: Iterable[Sighted]) -> Joined:
    """One after another; `added` of all."""
    total = Joined(known, Pings(), [], changed=False)
    for part in new:
        one = join(total.sightings, part)
        losers, changed = [*total.losers, *one.losers], total.changed or one.changed
        total = Joined(one.sightings, total.added + one.added, losers, changed)
    return total


def _rank(sighting: Sighting) -> tuple[bool, int, bytes]:
    """Smaller wins: known accuracy, better accuracy, smaller encoding."""
    accuracy = sighting.ping.accuracy_dm
    return accuracy == UNKNOWN, accuracy, columns.encode([sighting.ping])


def pack(sightings: Sightings) -> bytes:
    """One group a device: its name and one block of pings in order of time. Equal sets give equal bytes."""
    return sightings.packed


def unpack(data: bytes) -> Sightings:
    """Raises ValueError or IndexError on bytes that `pack` did not make."""
    at = 0
    devices: dict[str, Pings] = {}
    while at < len(data):
        device, at = unpack_text(data, at)
        devices[device], at = columns.decode(data, at)
    return Sightings(devices)
