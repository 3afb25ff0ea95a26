"""A Kinesis event taken apart: uploads by courier, in order, and what cannot be read."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from typing import Any, NamedTuple

from storage.aggregation import take_apart
from telemetry.columns import first_bad
from telemetry.ping import HORIZON_S, MAX_FUTURE_S, BadPing, check_ping
from telemetry.pings import Pings
from telemetry.upload import CorruptUpload, Upload

HORIZON_MS, MAX_FUTURE_MS = round(HORIZON_S * 1000), round(MAX_FUTURE_S * 1000)


class Poison(NamedTuple):
    """A record that cannot be read, with its bytes in base64."""

    sequence: str
    data: str
    reason: str


class Batch(NamedTuple):
    couriers: dict[str, list[tuple[str, Upload]]]
    """By courier key, in stream order: the record's sequence number, and an upload it carried."""
    poison: list[Poison]


def check(upload: Upload) -> None:
    """What receive promises of an upload, asked again of whoever else writes to the stream.

    Raises CorruptUpload or BadPing.
    """
    pings = Pings.of(upload.pings)
    bad = first_bad(pings, upload.received_ms - HORIZON_MS, upload.received_ms + MAX_FUTURE_MS)
    if bad is not None:
        check_ping(pings[bad], upload.received_ms / 1000)
        raise CorruptUpload(f"ping {bad} is not in order of time")


def read_batch(records: Iterable[Any]) -> Batch:
    """records: `Records` of the Lambda event. An aggregated record that fails is poison as a whole."""
    batch = Batch({}, [])
    for record in records:
        sequence, data = record["kinesis"]["sequenceNumber"], record["kinesis"]["data"]
        try:
            uploads = [Upload.from_bytes(part) for part in take_apart(base64.b64decode(data))]
            for upload in uploads:
                check(upload)
        except (CorruptUpload, BadPing) as error:
            batch.poison.append(Poison(sequence, data, str(error)))
            continue
        for upload in uploads:
            batch.couriers.setdefault(upload.key, []).append((sequence, upload))
    return batch
