"""Sets of pings by identity, and their union: what a history chunk and the live tail hold.

A ping's identity is (device, raw time in ms). Where two differ at the same identity, better accuracy
wins, then the smaller encoding; the loser is handed back for the quarantine. Union commutes, so any
order and repetition of batches ends in the same set.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import NamedTuple

from telemetry import columns
from telemetry.ping import UNKNOWN, Ping
from telemetry.upload import pack_text, unpack_text

CONFLICT = "another ping has the same device and time"
"""Why a union's loser is in quarantine: by rule, so that sending it again changes nothing."""
BUCKET_S = 480  # 48 pings of 10 s: one chunk write for 48 pings


class Sighting(NamedTuple):
    """A ping with the device that made it."""

    device: str
    ping: Ping

    @property
    def identity(self) -> tuple[str, int]:
        return self.device, self.ping.t_ms

    @property
    def bucket(self) -> int:
        return self.ping.t_ms // 1000 // BUCKET_S


Sightings = Mapping[tuple[str, int], Sighting]
"""Keyed by identity."""


class Union(NamedTuple):
    sightings: dict[tuple[str, int], Sighting]
    added: list[Sighting]
    """New identities, in the order given."""
    losers: list[Sighting]
    """Same identity, other content, worse: quarantine them."""
    changed: bool


def unite(known: Sightings, new: Iterable[Sighting]) -> Union:
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
    return Union(merged, added, losers, changed)


def _rank(sighting: Sighting) -> tuple[bool, int, bytes]:
    """Smaller wins: known accuracy, better accuracy, smaller encoding."""
    accuracy = sighting.ping.accuracy_dm
    return accuracy == UNKNOWN, accuracy, columns.encode([sighting.ping])


def pack(sightings: Sightings) -> bytes:
    """One group a device: its name and one block of pings in order of time. Equal sets give equal bytes."""
    data = b""
    ordered = sorted(sightings.values(), key=lambda s: s.identity)
    for device, group in groupby(ordered, key=lambda s: s.device):
        data += pack_text(device) + columns.encode([s.ping for s in group])
    return data


def unpack(data: bytes) -> dict[tuple[str, int], Sighting]:
    """Raises ValueError or IndexError on bytes that `pack` did not make."""
    at = 0
    sightings: dict[tuple[str, int], Sighting] = {}
    while at < len(data):
        device, at = unpack_text(data, at)
        pings, at = columns.decode(data, at)
        sightings |= {(device, p.t_ms): Sighting(device, p) for p in pings}
    return sightings
