"""An event of the bus becomes one message a webhook, and each message one POST, again and again until the
server takes it.

A message that fails comes again by the queue itself, later each time; the last time, the webhook is marked
as failing and the queue sets the message aside (docs/decisions/0032).
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol

import orjson
from botocore.exceptions import BotoCoreError, ClientError

from stacks.tasks.webhooks import places
from stacks.tasks.webhooks.places import Place, Refused, Resolve
from stacks.tasks.webhooks.post import NoAnswer
from stacks.tasks.webhooks.sign import headers
from storage.letters import Letters, NotSent
from storage.webhooks import Secrets, Webhook, WebhookStore
from telemetry.clock import Clock

WAITS_S = (5.0, 60.0, 300.0, 1_800.0, 7_200.0, 18_000.0, 36_000.0)
"""Before each further try: a restart, a deployment, a night."""
TRIES = len(WAITS_S) + 1
"""The queue's maxReceiveCount, too."""
JITTER = 0.2
GONE = 410
KEPT = 10_000
"""Secrets in memory: SSM gives an account 40 a second. One is asked for again when its webhook is changed."""
SETTLED_MS = 60_000  # after a change, until when SSM may still show the secret of before
SECRETLESS = "it has no secret: PUT it with new_secret"

Post = Callable[[Place, str, Mapping[str, str], bytes], int]


class Log(Protocol):
    def exception(self, msg: str, /) -> None: ...
    def warning(self, msg: str, /, *, extra: Mapping[str, object]) -> None: ...


@dataclass(frozen=True, slots=True)
class Deliver:
    """private: see places.read."""

    webhooks: WebhookStore
    secrets: Secrets
    letters: Letters
    post: Post
    resolve: Resolve
    private: bool
    clock: Clock
    log: Log
    _known: dict[tuple[str, str, int], str] = field(default_factory=dict)

    def take(self, records: Iterable[Any]) -> list[str]:
        """SQS messages of both kinds. Returns the ids of those that come again."""
        again = []
        for record in records:
            message = orjson.loads(record["body"])
            try:
                done = self._send(record, message) if "webhook" in message else self._spread(message)
            except (ClientError, BotoCoreError, NotSent):
                self.log.exception("a message could not be worked on and comes again")
                done = False
            if not done:
                again.append(record["messageId"])
        return again

    def _spread(self, message: Mapping[str, Any]) -> bool:
        event = message["detail"]
        hooks = [it for it in self.webhooks.all(event["fleet"]) if it.state != "off"]
        wanted = [it for it in hooks if event["type"] in it.events]
        self.letters.send([orjson.dumps({"webhook": it.name, "event": event}).decode() for it in wanted])
        return True

    def _send(self, record: Mapping[str, Any], message: Mapping[str, Any]) -> bool:
        event = message["event"]
        webhook = self.webhooks.get(event["fleet"], message["webhook"])
        if webhook is None or webhook.state == "off":
            return True
        secret = self._secret(webhook)
        # Of one that is removed just now, the next try finds no row.
        why = self._post(webhook, secret, event) if secret else SECRETLESS
        if why is None:
            if webhook.state == "failing":
                self.webhooks.mark(webhook, "on", None, None)
            return True
        now_ms = round(self.clock() * 1000)
        if why == str(GONE):
            self.webhooks.mark(webhook, "off", now_ms, "410 Gone")
            return True
        tried = int(record["attributes"]["ApproximateReceiveCount"])
        about = {"fleet": webhook.fleet, "webhook": webhook.name, "tried": tried, "why": why}
        self.log.warning("a webhook did not take an event", extra=about)
        if tried >= TRIES:
            self.webhooks.mark(webhook, "failing", now_ms, why)
        else:
            wait_s = WAITS_S[tried - 1] * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311 - jitter
            self.letters.later(record["receiptHandle"], wait_s)
        return False

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
