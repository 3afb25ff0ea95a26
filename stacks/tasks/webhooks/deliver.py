"""An event of the bus becomes one message a webhook, and each message one POST, again and again until the
server takes it.

There are two lanes. In the first, every message is tried at once. One that failed waits in the second, and so
does everything for a webhook that failed or is slow: however long that takes, the first lane is free for all
others. What waits too long is set aside (docs/decisions/0036).
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import accumulate
from typing import Any, Protocol

import orjson

from stacks.tasks.webhooks import health, places
from stacks.tasks.webhooks.places import Place, Refused, Resolve
from stacks.tasks.webhooks.post import NoAnswer
from stacks.tasks.webhooks.sign import headers
from storage import damage
from storage.letters import DELAY_S, Letters
from storage.webhooks import Secrets, Webhook, WebhookStore
from telemetry.clock import Clock, Stopwatch

WAITS_S = (5.0, 60.0, 300.0, 1_800.0, 7_200.0, 18_000.0, 36_000.0)
"""Before each further try of an event: a restart, a deployment, a night."""
AGES_S = tuple(accumulate(WAITS_S))
JITTER = 0.2
BUSY_S = (1.0, 600.0)
"""The shortest and the longest wait for a place: about as long as the event has waited so far."""
SPREAD_S = 30.0
"""Over which what waited for a webhook comes again."""
LEASE_S = 30.0
"""The function's timeout: a place that was taken so long ago is nobody's."""
KEPT = 10_000
"""Secrets in memory: SSM gives an account 40 a second. One is asked for again when its webhook is changed."""
SETTLED_MS = 60_000  # after a change, until when SSM may still show the secret of before
SECRETLESS = "it has no secret: PUT it with new_secret"
OFF = "it is switched off"

Post = Callable[[Place, str, Mapping[str, str], bytes], int]
Record = Mapping[str, Any]


class Log(damage.Log, Protocol):
    def exception(self, msg: str, /) -> None: ...
    def warning(self, msg: str, /, *, extra: Mapping[str, object]) -> None: ...


@dataclass(frozen=True, slots=True)
class Lanes:
    """waiting: the second; its messages have `since_ms`. undelivered: what was given up."""

    first: Letters
    waiting: Letters
    undelivered: Letters


@dataclass(frozen=True, slots=True)
class Deliver:
    """private: see places.read."""

    webhooks: WebhookStore
    secrets: Secrets
    lanes: Lanes
    post: Post
    resolve: Resolve
    private: bool
    clock: Clock
    log: Log
    stopwatch: Stopwatch = time.monotonic
    _known: dict[tuple[str, str, int], str] = field(default_factory=dict)

    def take(self, records: Iterable[Any]) -> list[str]:
        """SQS messages of both kinds, of both lanes. Returns the ids of those that come again."""
        again = []
        for record in records:
            try:
                message = orjson.loads(record["body"])
                done = self._send(record, message) if "webhook" in message else self._spread(message)
            except Exception:  # one message's trouble is not its neighbours'
                self.log.exception("a message could not be worked on and comes again")
                done = False
            if not done:
                again.append(record["messageId"])
        return again

    def _spread(self, message: Mapping[str, Any]) -> bool:
        event = message["detail"]
        hooks = [it for it in self.webhooks.all(event["fleet"]) if it.state != "off"]
        wanted = [it for it in hooks if event["type"] in it.events]
        self.lanes.first.send([_letter(it.name, event) for it in wanted])
        return True

    def _send(self, record: Record, message: Mapping[str, Any]) -> bool:
        event, now_ms = message["event"], self._now_ms()
        webhook = self.webhooks.get(event["fleet"], message["webhook"])
        if webhook is None:
            return True
        if webhook.state == "off":
            return self._set_aside(message, OFF)
        if "since_ms" not in message and not health.quick(webhook):
            return self._again(record, message, 0.0)
        age_s = (now_ms - message.get("since_ms", now_ms)) / 1000
        closed_s = health.closed_s(webhook, now_ms)
        if not closed_s and (had := self._place(webhook, now_ms)):
            return self._try(record, message, *had, age_s)
        if age_s > AGES_S[-1]:
            return self._set_aside(message, webhook.failure or "it was busy all the time")
        shortest, longest = BUSY_S
        busy_s = min(max(age_s, shortest), longest)
        spread_s = SPREAD_S if closed_s else busy_s
        wait_s = (closed_s or busy_s) + random.uniform(0, spread_s)  # noqa: S311 - jitter
        return self._again(record, message, wait_s)

    def _try(
        self, record: Record, message: Mapping[str, Any], webhook: Webhook, place: int, age_s: float
    ) -> bool:
        secret, began_s = self._secret(webhook), self.stopwatch()
        # Of one that is removed just now, the next try finds no row.
        why = self._post(webhook, secret, message["event"]) if secret else SECRETLESS
        now_ms, took_s = self._now_ms(), self.stopwatch() - began_s
        if why is None:
            self.webhooks.tell(health.taken(webhook, took_s, now_ms), place)
            return True
        self.webhooks.tell(health.refused(webhook, why, took_s, now_ms), place)
        about = {"fleet": webhook.fleet, "webhook": webhook.name, "age_s": round(age_s), "why": why}
        self.log.warning("a webhook did not take an event", extra=about)
        if why == health.GONE:
            return True
        at_s = next((at_s for at_s in AGES_S if at_s > age_s * (1 + 1.5 * JITTER)), None)
        if at_s is None:
            return self._set_aside(message, why)
        jitter = random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311 - jitter
        return self._again(record, message, (at_s - age_s) * jitter)

    def _place(self, webhook: Webhook, now_ms: int) -> tuple[Webhook, int] | None:
        """How the webhook fares by now, since others may have told, and a place: it is this request's until
        it is told how it went. None where all are taken.
        """
        free = health.free(webhook, now_ms)
        random.shuffle(free)
        until_ms = now_ms + round(LEASE_S * 1000)
        tries = ((self.webhooks.take(webhook, it, now_ms, until_ms), it) for it in free)
        return next(((taken, place) for taken, place in tries if taken), None)

    def _again(self, record: Record, message: Mapping[str, Any], wait_s: float) -> bool:
        """In the second lane, where it stays then. False where its message is not to be deleted."""
        if "since_ms" in message:
            self.lanes.waiting.later(record["receiptHandle"], wait_s)
            return False
        waiting = _letter(message["webhook"], message["event"], since_ms=self._now_ms())
        self.lanes.waiting.send([waiting], min(wait_s, DELAY_S))
        return True

    def _set_aside(self, message: Mapping[str, Any], why: str) -> bool:
        self.lanes.undelivered.send([_letter(message["webhook"], message["event"], why=why)])
        return True

    def _now_ms(self) -> int:
        return round(self.clock() * 1000)

    def _secret(self, webhook: Webhook) -> str | None:
        key = webhook.fleet, webhook.name, webhook.changed_ms
        secret = self._known.get(key) or self.secrets.get(webhook.fleet, webhook.name)
        if secret and self.clock() * 1000 - webhook.changed_ms > SETTLED_MS:
            if len(self._known) >= KEPT:
                self._known.clear()
            self._known[key] = secret
        return secret

    def _post(self, webhook: Webhook, secret: str, event: Mapping[str, Any]) -> str | None:
        """None when it was taken; else why not."""
        body = _body(event)
        sent = headers(secret, event["id"], int(self.clock()), body)
        sent |= {"content-type": "application/json", "user-agent": "Milepost-Webhooks/1"}
        try:
            place = places.read(webhook.url, private=self.private)
            address = places.public_address(place, self.resolve, private=self.private)
            status = self.post(place, address, sent, body)
        except Refused as error:
            return f"url {error}"
        except (NoAnswer, OSError, ValueError) as error:  # ValueError: a name that cannot be asked for
            return str(error)[:200]
        return None if 200 <= status < 300 else str(status)


def _body(event: Mapping[str, Any]) -> bytes:
    """As Standard Webhooks has it. The same bytes at every try: signatures differ by their time alone."""
    at = datetime.fromtimestamp(event["at"], UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return orjson.dumps(
        {"type": event["type"], "timestamp": at, "fleet": event["fleet"], "data": event["data"]}
    )


def _letter(webhook: str, event: Mapping[str, Any], **more: Any) -> str:
    return orjson.dumps({"webhook": webhook, "event": event, **more}).decode()
