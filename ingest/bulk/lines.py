"""A line of a bulk upload: {"courier": "mei", "device"?: "phone", "battery_percent"?: 81, "pings": [{…}]}.

The same members as our own JSON (ingest.own), and whose it is. What is refused is kept as a line again: the
whole of it, or courier, device and one ping.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from ingest import own
from ingest.reading import Refusal
from storage.objects import Rejected
from telemetry.names import NAME
from telemetry.ping import Ping
from telemetry.problem import Problem
from telemetry.upload import Upload

FORM = "bulk"
MAX_LINE = 1_000_000  # bytes; as an upload of its own has
_COURIER = "the courier's name is expected: 1 to 48 of a-z, 0-9, dot, dash and underscore"


@dataclass(frozen=True, slots=True)
class Line:
    """What was found in a line. number: from 1, as an editor counts.

    refused: of single pings; `wrong`: why nothing of the line can be taken, index -1.
    """

    number: int
    courier: str = ""
    device: str = ""
    pings: Sequence[Ping] = ()
    refused: Sequence[Refusal] = ()
    wrong: Refusal | None = None
    battery: int | None = None

    @property
    def points(self) -> int:
        return len(self.pings) + len(self.refused)

    @property
    def refusals(self) -> int:
        """Pings, or the line as one."""
        return 1 if self.wrong else len(self.refused)

    def upload(self, fleet: str, received_ms: int) -> Upload:
        return Upload(fleet, self.courier, self.device, received_ms, tuple(sorted(self.pings)), self.battery)

    def rejected(self, received_ms: int) -> list[Rejected]:
        """As the quarantine keeps it."""
        if self.wrong:
            wrong = self.wrong
            return [Rejected(wrong.original, f"{FORM}/", wrong.field, wrong.reason, received_ms)]
        source = f"{FORM}/{self.device}"
        head = orjson.dumps({"courier": self.courier, "device": self.device})[:-1] if self.refused else b""
        return [
            Rejected(b'%b,"pings":[%b]}' % (head, r.original), source, r.field, r.reason, received_ms)
            for r in self.refused
        ]

    def result(self) -> dict[str, Any]:
        """As the sender is told."""
        rejected = [{"index": r.index, "field": r.field, "reason": r.reason} for r in self.refused]
        if self.wrong:
            rejected = [{"field": self.wrong.field, "reason": self.wrong.reason}]
        return {"line": self.number, "accepted": len(self.pings), "rejected": rejected}


def read_line(number: int, text: bytes, now: float) -> Line:
    """now: Unix seconds, against which the pings are checked. It never raises."""
    if len(text) > MAX_LINE:
        return _wrong(number, text, "", f"the line has over {MAX_LINE} bytes; split it")
    try:
        said = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        return _wrong(number, text, "", f"the line is not JSON: {error}")
    courier = said.get("courier") if isinstance(said, dict) else None
    if isinstance(said, dict) and not (isinstance(courier, str) and re.match(NAME, courier)):
        return _wrong(number, text, "courier", _COURIER)
    try:
        device, reading = own.read(said, now)
    except Problem as problem:
        (found,) = problem.errors
        return _wrong(number, text, found["field"], found["reason"])
    return Line(number, str(courier), device, reading.pings, reading.refused, battery=reading.battery)


def _wrong(number: int, text: bytes, field: str, reason: str) -> Line:
    return Line(number, wrong=Refusal(-1, field, reason, text))
