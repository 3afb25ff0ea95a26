"""All pings of a trip as one set: put together from its two places, ordered, and told apart by a digest."""

from __future__ import annotations

import hashlib

from telemetry.history import BUCKET_MS, Sighting, Sightings, join_all
from telemetry.live import Live, Window


def united(live: Live | None, window: Window, chunks: Sightings) -> Sightings:
    """The pings of a trip's window, both ends included, from the live item's tail and the history's chunks.

    The live item must have been read before the chunks: what leaves the tail is in a chunk by then.
    A finish may lie before its request (docs/decisions/0017): what was taken in between is in the trip's
    chunks, and not the trip's.
    """
    tail = live.tail.parts if live and live.trip == window.trip else ()
    found = join_all(chunks, tail).sightings.since(window.start_ms)
    if window.end_ms is None:
        return found
    return Sightings({part.device: part.pings for part in found.before(window.end_ms + 1)})


def ordered(sightings: Sightings) -> list[Sighting]:
    """By time, and where several phones have the same time, by device."""
    return sorted(sightings.values(), key=lambda s: (s.ping.t_ms, s.device))


def digest(about: str, sightings: Sightings) -> str:
    """Hex SHA-256 of the set and of what else decides: equal exactly for equal sets and equal `about`."""
    found = hashlib.sha256(about.encode() + b"\n")
    while sightings:
        bucket = sightings.times()[0] // BUCKET_MS
        end = (bucket + 1) * BUCKET_MS
        packed = Sightings({p.device: p.pings for p in sightings.before(end)}).packed  # equal for equal sets
        found.update(b"%d %d\n" % (bucket, len(packed)) + packed)
        sightings = sightings.since(end)
    return found.hexdigest()
