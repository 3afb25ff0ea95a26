"""A trip that is due gets a timer of its own for each mark, and is left alone for the grace time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from storage.timers import Timers
from telemetry.clock import Clock


class Log(Protocol):
    def exception(self, msg: str, /) -> None: ...


@dataclass(frozen=True, slots=True)
class Due:
    """grace_s: how long phones may still send what they buffered before a trip is settled."""

    timers: Timers
    grace_s: float
    clock: Clock
    log: Log

    def set_timers(self, records: Iterable[Any]) -> list[str]:
        """records: of the trips table's stream, due rows only. Sequence numbers to deliver again."""
        at = self.clock() + self.grace_s
        failed = []
        for record in records:
            row = record["dynamodb"]["NewImage"]
            trip, marks = row["trip"]["S"], row["marks"]["N"]
            try:
                # Named by the mark: a record that is delivered again sets the same timer.
                self.timers.set(f"{trip}-{marks}", at, {"trip": trip})
            except (ClientError, BotoCoreError):
                self.log.exception("a trip's timer could not be set and its mark will be delivered again")
                failed.append(record["dynamodb"]["SequenceNumber"])
        return failed
