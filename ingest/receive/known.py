"""Device keys looked up lately, so that an upload does not cost a read."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from storage.devices import Device
from telemetry.clock import Clock

KEPT_S = 60.0  # how long a revoked key may still be taken
MOST_KNOWN = 10_000
MOST_UNKNOWN = 1_000
"""Keys held. Apart, so that a flood of made-up keys, each a read whatever is held, pushes no phone's out."""


class _Held(NamedTuple):
    since: float
    device: Device | None


@dataclass
class KnownDevices:
    look_up: Callable[[str], Device | None]
    clock: Clock
    _known: OrderedDict[str, _Held] = field(default_factory=OrderedDict)
    _unknown: OrderedDict[str, _Held] = field(default_factory=OrderedDict)

    def find(self, key: str) -> Device | None:
        """The device that holds the key, None when there is none; at most KEPT_S old."""
        held = self._known.get(key) or self._unknown.get(key)
        if held and self.clock() - held.since < KEPT_S:
            self._keep(key, held)
            return held.device
        device = self.look_up(key)
        self._keep(key, _Held(self.clock(), device))
        return device

    def _keep(self, key: str, held: _Held) -> None:
        """As the one used last; the one used least lately makes room."""
        mine, other, most = self._known, self._unknown, MOST_KNOWN
        if held.device is None:
            mine, other, most = other, mine, MOST_UNKNOWN
        other.pop(key, None)
        mine[key] = held
        mine.move_to_end(key)
        if len(mine) > most:
            mine.popitem(last=False)
