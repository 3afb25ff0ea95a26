"""Device keys looked up lately, so that an upload does not cost a read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from storage.devices import Device
from telemetry.clock import Clock

KEPT_S = 60.0  # how long a revoked key may still be taken
MOST = 10_000  # keys held; a flood of unknown ones starts afresh rather than grow


@dataclass
class KnownDevices:
    look_up: Callable[[str], Device | None]
    clock: Clock
    _known: dict[str, tuple[float, Device | None]] = field(default_factory=dict)

    def find(self, key: str) -> Device | None:
        """The device that holds the key, None when there is none; at most KEPT_S old."""
        held = self._known.get(key)
        if held and self.clock() - held[0] < KEPT_S:
            return held[1]
        if len(self._known) >= MOST:
            self._known.clear()
        device = self.look_up(key)
        self._known[key] = (self.clock(), device)
        return device
