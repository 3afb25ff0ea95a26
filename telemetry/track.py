"""All pings of a trip as one set: put together from its two places, ordered, and told apart by a digest."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from itertools import groupby

from telemetry.history import Sighting, Sightings, pack, unite
from telemetry.live import Live


def united(live: Live | None, trip: str, chunks: Sightings) -> dict[tuple[str, int], Sighting]:
    """The trip's pings from the live item's tail and from the history's chunks.

    The live item must have been read before the chunks: what leaves the tail is in a chunk by then.
    """
    tail: Iterable[Sighting] = live.tail.values() if live and live.trip == trip else ()
    return unite(chunks, tail).sightings


def ordered(sightings: Sightings) -> list[Sighting]:
    """By time, and where several phones have the same time, by device."""
    return sorted(sightings.values(), key=lambda s: (s.ping.t_ms, s.device))


def digest(about: str, sightings: Sightings) -> str:
    """Hex SHA-256 of the set and of what else decides: equal exactly for equal sets and equal `about`."""
    found = hashlib.sha256(about.encode() + b"\n")
    for bucket, group in groupby(sorted(sightings.values(), key=lambda s: s.bucket), lambda s: s.bucket):
        packed = pack({s.identity: s for s in group})  # equal sets give equal bytes
        found.update(b"%d %d\n" % (bucket, len(packed)) + packed)
    return found.hexdigest()
