"""What track cannot store, set aside with its reason and its bytes."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from processors.track.batch import Poison
from storage.objects import Quarantine, Rejected
from telemetry.history import Sighting
from telemetry.upload import Upload

CONFLICT = "another ping has the same device and time"


class Log(Protocol):
    def info(self, msg: str, /, *, extra: Mapping[str, Any]) -> None: ...

    def warning(self, msg: str, /, *, extra: Mapping[str, Any]) -> None: ...

    def error(self, msg: str, /, *, exc_info: BaseException) -> None: ...

    def exception(self, msg: str, /) -> None: ...


@dataclass(frozen=True, slots=True)
class Aside:
    """Every call raises NotKept where the quarantine cannot be written."""

    quarantine: Quarantine

    def record(self, poison: Poison) -> None:
        """A record of the stream that cannot be read."""
        self._bytes("stream", base64.b64decode(poison.data), f"{poison.reason} (record {poison.sequence})")

    def upload(self, upload: Upload, reason: str) -> None:
        self._bytes(upload.key, upload.to_bytes(), reason)

    def losers(self, courier: str, losers: Sequence[Sighting]) -> None:
        self.pings(courier, losers, CONFLICT)

    def pings(self, courier: str, sightings: Sequence[Sighting], reason: str) -> None:
        rejected = [Rejected(repr(tuple(s.ping)), f"ping/{s.device}", "t", reason) for s in sightings]
        self.quarantine.keep(courier, rejected)

    def _bytes(self, owner: str, original: bytes, reason: str) -> None:
        data = base64.b64encode(original).decode()
        self.quarantine.keep(owner, [Rejected(data, "stream", "data", reason)])
