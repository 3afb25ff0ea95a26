"""What an admin says of the fleet's webhooks.

The secret is there before the row, and goes after it: a webhook that is found can be signed for.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from geo.said import say
from stacks.tasks.fleet.shapes import NewWebhook
from stacks.tasks.notify.events import EVENTS
from stacks.tasks.shown import seconds
from stacks.tasks.webhooks import health, places
from stacks.tasks.webhooks.sign import new_secret
from storage.webhooks import Secrets, Webhook, WebhookStore
from telemetry.fields import none_of, wrong
from telemetry.names import NAME
from telemetry.problem import Conflict, NameTaken, NotFound

MOST = 5
"""Webhooks a fleet: each is a request for each event."""


@dataclass(frozen=True, slots=True)
class Hooks:
    """private: see places.read."""

    store: WebhookStore
    secrets: Secrets
    private: bool

    def all(self, fleet: str) -> Sequence[Webhook]:
        return self.store.all(fleet)

    def put(
        self, fleet: str, name: str, said: NewWebhook, now: float, *, fresh: bool = False
    ) -> tuple[Webhook, str | None]:
        """The webhook, on again, and its secret where that is new. fresh: there must be none yet.
        Raises BadRequest, Conflict, NameTaken.
        """
        self._check(name, said)
        known = {it.name for it in self.store.all(fleet)}
        if name not in known and len(known) >= MOST:
            raise Conflict(
                say(
                    "webhooks-enough",
                    "The fleet has {most} webhooks, and may have no more: "
                    "DELETE /v1/fleet/webhooks/{{webhook}}.",
                    most=MOST,
                )
            )
        secret = new_secret() if fresh or said.new_secret or name not in known else None
        events = tuple(event for event in EVENTS if event in said.events)
        webhook = Webhook(fleet, name, said.url, events, round(now * 1000))
        # Of two who make it at once, one row decides; without its secret it is listed, and can be made whole.
        if fresh and not self.store.add(webhook):
            raise _taken(name)
        if secret:
            self.secrets.put(fleet, name, secret)
        if not fresh:
            self.store.put(webhook)
        return webhook, secret

    def remove(self, fleet: str, name: str) -> None:
        """Raises NotFound."""
        if not re.match(NAME, name) or self.store.get(fleet, name) is None:
            raise NotFound(
                say(
                    "webhook-not-found",
                    "There is no webhook {webhook}; GET /v1/fleet/webhooks lists them.",
                    webhook=name,
                )
            )
        # In this order: a secret without its webhook would be seen by nobody, or be the next one's.
        self.secrets.remove(fleet, name)
        self.store.remove(fleet, name)

    def _check(self, name: str, said: NewWebhook) -> None:
        if not re.match(NAME, name):
            form = say("webhook-name", "must be a name of a-z, 0-9, . _ - and at most 48 characters")
            raise wrong("webhook", form)
        for i, event in enumerate(said.events):
            if event not in EVENTS:
                raise none_of(f"events[{i}]", EVENTS)
        try:
            places.read(said.url, private=self.private)
        except places.Refused as error:
            raise wrong("url", error.reason) from error


def _taken(name: str) -> NameTaken:
    return NameTaken(
        say(
            "webhook-taken",
            "There is a webhook {webhook}; GET /v1/fleet/webhooks lists them. Take another name, or send the "
            "same without If-None-Match, which puts it in that one's place.",
            webhook=name,
        )
    )


def shown(it: Webhook, *, url: bool = True) -> dict[str, Any]:
    """url: the whole of it; else without its path and query, where receivers may have put a key."""
    parts = urlsplit(it.url)
    return {
        "webhook": it.name,
        "url": it.url if url else f"{parts.scheme}://{parts.netloc}",
        "events": list(it.events),
        "state": it.state,
        "healthy": it.well,
        "changed_at": it.changed_ms / 1000,
        "succeeded_at": seconds(it.succeeded_ms),
        "failed_at": seconds(it.failed_ms),
        "failure": it.failure,
        "failures": it.failures,
        "failing_since": seconds(it.failing_ms),
        "off_at": seconds(health.off_ms(it)),
    }
