"""The two ways in which a settled trip comes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import orjson
from botocore.exceptions import BotoCoreError, ClientError

from stacks.tasks.reckon.reckon import Reckoner
from storage.later import Later
from storage.settlements import Settlements, Standing, standing_of


class Log(Protocol):
    def info(self, msg: str, /, *, extra: Mapping[str, Any]) -> None: ...

    def warning(self, msg: str, /, *, extra: Mapping[str, Any]) -> None: ...

    def exception(self, msg: str, /) -> None: ...


@dataclass(frozen=True, slots=True)
class Sources:
    reckoner: Reckoner
    settlements: Settlements
    later: Later
    log: Log

    def from_stream(self, records: Iterable[Any]) -> list[str]:
        """records: of the trips table's stream. Sequence numbers to deliver again: only what could not be put
        into the queue either.
        """
        failed = []
        for record in records:
            image = record["dynamodb"]["NewImage"]
            try:
                self._take(standing_of(image))
            except Exception as error:  # noqa: BLE001 - whatever it is, the next trip is not to wait for it
                trip = image["trip"]["S"]
                self.log.warning("not reckoned now", extra={"trip": trip, "why": repr(error)})
                try:
                    self.later.send({"trip": trip})
                except (ClientError, BotoCoreError):
                    self.log.exception("the queue does not answer; the record will be delivered again")
                    failed.append(record["dynamodb"]["SequenceNumber"])
        return failed

    def from_queue(self, messages: Iterable[Any]) -> list[str]:
        """messages: {"trip"}. Ids of those to be seen again."""
        failed = []
        for message in messages:
            try:
                standing = self.settlements.standing(orjson.loads(message["body"])["trip"])
                if standing:
                    self._take(standing)
            except Exception:  # one trip's trouble is not its neighbours'
                self.log.exception("a trip was not reckoned; its message will come again")
                failed.append(message["messageId"])
        return failed

    def _take(self, standing: Standing) -> None:
        did = self.reckoner.take(standing)
        self.log.info(did, extra={"trip": standing.trip.trip})
