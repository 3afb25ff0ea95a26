"""From a reading to the stream: refused pings to quarantine, good ones to Kinesis, then the answer."""

from __future__ import annotations

from dataclasses import dataclass

from geo.said import say
from ingest.reading import Reading
from storage.objects import NotKept, Quarantine, Rejected
from storage.stream import StreamRefused, UploadStream
from telemetry.clock import Clock
from telemetry.problem import Unavailable
from telemetry.upload import Upload, courier_key

RECORD_PINGS = 2_000  # what one Kinesis record carries at most: far below its size limit


@dataclass(frozen=True, slots=True)
class Sender:
    """Whose phone it is."""

    fleet: str
    courier: str
    device: str


@dataclass(frozen=True, slots=True)
class Receiver:
    stream: UploadStream
    quarantine: Quarantine
    clock: Clock

    def take(self, sender: Sender, reading: Reading) -> None:
        """Return when everything read is durable. Raises Unavailable when the sender must try again."""
        pings = sorted(reading.pings)
        received_ms = round(self.clock() * 1000)
        uploads = [
            Upload(
                sender.fleet,
                sender.courier,
                sender.device,
                received_ms,
                tuple(pings[i : i + RECORD_PINGS]),
                reading.battery,
            )
            for i in range(0, len(pings), RECORD_PINGS)
        ]
        try:
            self._quarantine(sender, reading, received_ms)
            self.stream.put(uploads)
        except (NotKept, StreamRefused) as error:
            raise Unavailable(
                say("upload-not-stored", "The upload was not stored; send the same upload again.")
            ) from error

    def _quarantine(self, sender: Sender, reading: Reading, received_ms: int) -> None:
        source = f"{reading.form}/{sender.device}"
        rejected = [Rejected(r.original, source, r.field, r.reason, received_ms) for r in reading.refused]
        self.quarantine.keep(courier_key(sender.fleet, sender.courier), rejected)
