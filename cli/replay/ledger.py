"""The ledger of truth: every ping made, every upload that carried it, and what was acknowledged.

What the system stores, settles and shows can be judged against it, because nothing in it comes from the
system but the acknowledgements. A ping's identity is (device, t_ms) of its courier.

Saved as JSON lines, one object a line, each kind in order:
{"trip", "courier", "route", "started_at", "finished_at"}
{"ping": [as Made, null for nan], "courier", "device"}
{"upload", "courier", "device", "pings": [t_ms, …], "tries", "acknowledged_at", "rejected": [t_ms, …],
 "refused"}
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

import orjson

from cli.replay.simulator import Made

Identity = tuple[str, int]
"""(device, t_ms)"""


@dataclass(slots=True)
class Upload:
    """What one request carried; a retry is the same upload tried again. Times [s, Unix].

    rejected: times of pings that the answer named as not taken; refused: why the whole was not taken.
    """

    upload: int
    courier: str
    device: str
    pings: tuple[int, ...]
    tries: int = 0
    acknowledged_at: float | None = None
    rejected: tuple[int, ...] = ()
    refused: str | None = None

    def identities(self) -> Iterator[Identity]:
        return ((self.device, t_ms) for t_ms in self.pings)

    def taken(self) -> set[Identity]:
        """What the answer promised to be durable."""
        if self.acknowledged_at is None:
            return set()
        return set(self.identities()) - {(self.device, t_ms) for t_ms in self.rejected}


@dataclass(slots=True)
class Trip:
    """Times [s, Unix]."""

    trip: str
    courier: str
    route: str
    started_at: float
    finished_at: float | None = None


@dataclass
class Ledger:
    trips: list[Trip] = field(default_factory=list)
    _pings: dict[str, dict[Identity, Made]] = field(default_factory=dict)
    _uploads: dict[str, list[Upload]] = field(default_factory=dict)
    _next: int = 0

    def made(self, courier: str, device: str, ping: Made) -> None:
        self._pings.setdefault(courier, {})[device, ping.t_ms] = ping

    def sent(self, courier: str, device: str, pings: Sequence[Made]) -> Upload:
        """A new upload, to be completed by who sends it."""
        upload = Upload(self._next, courier, device, tuple(ping.t_ms for ping in pings))
        self._keep(upload)
        return upload

    def couriers(self) -> list[str]:
        return list(self._pings)

    def pings_of(self, courier: str) -> dict[Identity, Made]:
        """In the order made."""
        return self._pings.get(courier, {})

    def uploads_of(self, courier: str) -> list[Upload]:
        """In the order first sent."""
        return self._uploads.get(courier, [])

    def carriers(self, courier: str, identity: Identity) -> list[Upload]:
        """The uploads that carried a ping, in the order sent."""
        return [u for u in self.uploads_of(courier) if identity in u.identities()]

    def acknowledged(self, courier: str) -> set[Identity]:
        """The pings that some answer promised to be durable."""
        return {identity for upload in self.uploads_of(courier) for identity in upload.taken()}

    def rejected(self, courier: str) -> set[Identity]:
        """The pings that some answer named as not taken."""
        return {(u.device, t_ms) for u in self.uploads_of(courier) for t_ms in u.rejected}

    def save(self, file: Path) -> None:
        """As JSON lines; see the module."""
        with file.open("wb") as opened:
            for line in self._lines():
                opened.write(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))

    @classmethod
    def load(cls, file: Path) -> Self:
        ledger = cls()
        with file.open("rb") as opened:
            for text in opened:
                line = orjson.loads(text)
                if "ping" in line:
                    ping = Made._make(math.nan if value is None else value for value in line["ping"])
                    ledger.made(line["courier"], line["device"], ping)
                elif "upload" in line:
                    lists = {key: tuple(line[key]) for key in ("pings", "rejected")}
                    ledger._keep(Upload(**(line | lists)))
                else:
                    ledger.trips.append(Trip(**line))
        return ledger

    def _lines(self) -> Iterator[dict[str, Any]]:
        yield from (asdict(trip) for trip in self.trips)
        for courier, pings in self._pings.items():
            for (device, _), ping in pings.items():
                yield {"ping": list(ping), "courier": courier, "device": device}
        for uploads in self._uploads.values():
            yield from (asdict(upload) for upload in uploads)

    def _keep(self, upload: Upload) -> None:
        self._uploads.setdefault(upload.courier, []).append(upload)
        self._next = max(self._next, upload.upload + 1)
