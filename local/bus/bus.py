"""EventBridge on the laptop: an event goes to the targets of every rule that it fits.

Source: Amazon EventBridge user guide, "How EventBridge retries delivering events": with growing waits until
the event is too old or was tried too often; a target that is not there is not tried again. Then the event is
left in the target's dead-letter queue, or lost.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import aiohttp
import orjson

from local.aws import AwsError
from local.bus.rules import Rule, Target, buses, rules
from local.logs import Log
from local.template.attributes import Place
from local.template.stacks import Stack
from telemetry.clock import Clock

FIRST_WAIT_S, LONGEST_WAIT_S = 1.0, 60.0
MOST_ENTRIES, MOST_BYTES = 10, 262_144

Deliver = Callable[[str, Any], Awaitable[None]]
"""Hands an event (JSON) to the target of this ARN, once. Raises when it was not taken."""
Spawn = Callable[[Coroutine[Any, Any, None]], None]
Sleep = Callable[[float], Awaitable[None]]


class NotThere(Exception):
    """The target does not exist."""


class TooMuch(ValueError):
    """More than one call may carry."""


class Bus:
    """Time and waiting are those of the laptop's clock."""

    def __init__(
        self, place: Place, deliver: Deliver, spawn: Spawn, clock: Clock, sleep: Sleep, log: Log
    ) -> None:
        self._place, self._deliver, self._spawn = place, deliver, spawn
        self._clock, self._sleep, self._log = clock, sleep, log
        self._buses, self._rules = {"default"}, list[Rule]()

    def take(self, stack: Stack) -> None:
        """The buses and rules of a template. Raises Trouble."""
        self._buses |= set(buses(stack))
        self._rules += rules(stack)

    def put(self, entries: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
        """What PutEvents answers of each entry. Raises TooMuch."""
        if not 1 <= len(entries) <= MOST_ENTRIES:
            raise TooMuch(f"a call carries 1 to {MOST_ENTRIES} entries, not {len(entries)}")
        if sum(len(orjson.dumps(entry)) for entry in entries) > MOST_BYTES:
            raise TooMuch(f"the entries have more than {MOST_BYTES} bytes")
        return [self._put(entry) for entry in entries]

    def _put(self, entry: Mapping[str, Any]) -> dict[str, str]:
        bus = str(entry.get("EventBusName", "default")).rpartition("/")[2]
        if bus not in self._buses:
            return _refused("InvalidArgument", f"Event bus {bus} does not exist.")
        for name in ("Source", "DetailType", "Detail"):
            if not entry.get(name):
                return _refused("InvalidArgument", f"Parameter {name} is not valid. Reason: is required.")
        try:
            detail = orjson.loads(entry["Detail"])
        except orjson.JSONDecodeError:
            detail = None
        if not isinstance(detail, dict):
            return _refused("MalformedDetail", "Detail is malformed.")
        event = self._event(entry, detail)
        for rule in self._rules:
            if rule.takes(bus, event):
                for target in rule.targets:
                    self._spawn(self._to(rule, target, event))
        return {"EventId": event["id"]}

    def _event(self, entry: Mapping[str, Any], detail: Mapping[str, Any]) -> dict[str, Any]:
        at = float(entry.get("Time") or self._clock())
        return {
            "version": "0",
            "id": str(uuid4()),
            "detail-type": entry["DetailType"],
            "source": entry["Source"],
            "account": self._place.account,
            "time": datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "region": self._place.region,
            "resources": entry.get("Resources", []),
            "detail": detail,
        }

    async def _to(self, rule: Rule, target: Target, event: Mapping[str, Any]) -> None:
        began_s, retries, wait_s = self._clock(), 0, FIRST_WAIT_S
        while True:
            try:
                await self._deliver(target.arn, event)
                return
            except NotThere as error:
                why = str(error)
                break
            except (AwsError, aiohttp.ClientError, TimeoutError) as error:
                why = repr(error)
            if retries >= target.max_retries or self._clock() + wait_s - began_s > target.max_age_s:
                break
            await self._sleep(wait_s)
            retries, wait_s = retries + 1, min(wait_s * 2, LONGEST_WAIT_S)
        self._log.say("bus", f"{rule.name} gave up an event for {target.arn}: {why}", "ERROR")
        if target.dead_letters:
            await self._deliver(target.dead_letters, event)


def _refused(code: str, message: str) -> dict[str, str]:
    return {"ErrorCode": code, "ErrorMessage": message}
