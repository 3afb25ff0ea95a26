"""From lines to the stream: refused ones to quarantine, good pings packed into Kinesis, then the answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ingest.bulk.lines import Line
from storage.aggregation import pack
from storage.objects import Quarantine
from storage.stream import RecordStream

OWNER = "_bulk"  # no courier is called so
PART = 5_000  # refused things in one object of the quarantine


@dataclass(frozen=True, slots=True)
class Taker:
    stream: RecordStream
    quarantine: Quarantine

    def take(self, fleet: str, lines: Sequence[Line], received_ms: int) -> None:
        """Return when everything in the lines is durable. Raises NotKept, StreamRefused: some of it may be;
        sending all of it again changes nothing, as a ping is known by device and time.
        """
        rejected = [r for line in lines for r in line.rejected(received_ms)]
        for i in range(0, len(rejected), PART):
            self.quarantine.keep(f"{fleet}/{OWNER}", rejected[i : i + PART])
        self.stream.put_plain(pack(line.upload(fleet, received_ms) for line in lines if line.pings))
