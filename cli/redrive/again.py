"""What was refused, read again by the code of today: records for the stream, and what still cannot be taken.

Everything is checked against the time at which it came in, not against now: a phone whose clock was an
hour ahead is not right an hour later.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple

import orjson

from ingest.bulk.lines import FORM as BULK
from ingest.bulk.lines import read_line
from ingest.reading import Reading, Refusal
from ingest.receive.formats import read_again
from ingest.receive.receive import RECORD_PINGS
from processors.track.batch import check
from storage.aggregation import take_apart
from storage.objects import Rejected
from storage.stream import Plain
from telemetry.history import CONFLICT
from telemetry.ping import BadPing, Ping
from telemetry.problem import Problem
from telemetry.upload import CorruptUpload, Upload


class Again(NamedTuple):
    """records: for the stream, under their couriers' keys. left: what stays, each with why it does today."""

    records: list[Plain]
    left: list[Rejected]


def again(owner: str, rejected: Iterable[Rejected]) -> Again:
    """owner: fleet/courier, or `stream`."""
    total = Again([], [])
    pings: dict[tuple[str, str, int], list[Ping]] = {}
    fleet, _, of_all = owner.partition("/")
    for one in rejected:
        if one.form == "stream":
            _stream(one, total)
        elif one.form == "ping" and one.reason == CONFLICT:
            total.left.append(one)
        elif one.form == BULK:
            line = read_line(1, one.original, (one.received_ms or 0) / 1000)
            received_ms = one.received_ms or 0
            pings.setdefault((line.courier, line.device, received_ms), []).extend(line.pings)
            total.left.extend(line.rejected(received_ms))
        else:
            reading = _read(one)
            of = of_all, one.device, _received_ms(one, reading)
            pings.setdefault(of, []).extend(reading.pings)
            total.left.extend(_left(one, reading))
    for (courier, device, received_ms), found in pings.items():
        for i in range(0, len(found), RECORD_PINGS):
            part = tuple(sorted(found)[i : i + RECORD_PINGS])
            upload = Upload(fleet, courier, device, received_ms, part)
            total.records.append(Plain(upload.key, upload.to_bytes()))
    return total


def uploads(data: bytes) -> list[tuple[Upload, bytes]]:
    """The uploads of one record of the stream, each with its bytes. Raises CorruptUpload, BadPing."""
    found = [(Upload.from_bytes(part), part) for part in take_apart(data)]
    for upload, _ in found:
        check(upload)
    return found


def _stream(one: Rejected, total: Again) -> None:
    try:
        total.records.extend(Plain(upload.key, part) for upload, part in uploads(one.original))
    except (CorruptUpload, BadPing) as error:
        total.left.append(replace(one, reason=str(error)))


def _read(one: Rejected) -> Reading:
    """By the format that refused it."""
    now = (one.received_ms or 0) / 1000
    try:
        if one.form == "ping":
            return Reading("ping", [Ping(*orjson.loads(one.original))])
        found = read_again(one.form, one.original, now)
    except (orjson.JSONDecodeError, Problem, TypeError) as error:
        return _nothing(one, str(error))
    return found or _nothing(one, f"no format of ours is called {one.form}")


def _received_ms(one: Rejected, reading: Reading) -> int:
    """When it came in; a ping that had been in the stream before was in time for itself."""
    return one.received_ms if one.received_ms is not None else max((p.t_ms for p in reading.pings), default=0)


def _nothing(one: Rejected, reason: str) -> Reading:
    return Reading(one.form, refused=[Refusal(0, one.field, reason, one.original)])


def _left(one: Rejected, reading: Reading) -> Sequence[Rejected]:
    """What is refused as a whole keeps its bytes, and so its hash, however they are written."""
    if reading.form == one.form and not reading.pings and len(reading.refused) == 1:
        return [replace(one, field=reading.refused[0].field, reason=reading.refused[0].reason)]
    source = one.source if reading.form == one.form else f"{reading.form}/{one.device}"
    return [
        replace(one, original=r.original, source=source, field=r.field, reason=r.reason)
        for r in reading.refused
    ]
