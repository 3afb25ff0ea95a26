"""What track cannot store, set aside with its reason and its bytes."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from processors.track.batch import Poison
from storage.objects import Quarantine, Rejected, refused_ping
from telemetry.history import CONFLICT, Sighting
from telemetry.upload import Upload


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
        self.quarantine.keep(courier, [refused_ping(sighting, reason) for sighting in sightings])

    def _bytes(self, owner: str, original: bytes, reason: str) -> None:
        self.quarantine.keep(owner, [Rejected(original, "stream", "data", reason)])
