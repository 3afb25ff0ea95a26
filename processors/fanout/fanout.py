"""Changed live items to everybody who watches their fleet: one coalesced message a connection and batch."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from storage.connections import ConnectionStore, fleet_topic
from storage.live import from_item
from storage.sockets import Gone, NotDelivered, Sockets
from telemetry.clock import Clock
from telemetry.frames import updates
from telemetry.live import Live, view

LISTENERS_S = 1.0  # a new listener may wait this long; it asks for a snapshot anyway
SENDERS = 8


@dataclass
class Fanout:
    connections: ConnectionStore
    sockets: Sockets
    clock: Clock
    senders: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(SENDERS))
    _listeners: dict[str, tuple[float, list[str]]] = field(default_factory=dict)

    def spread(self, records: Iterable[Any]) -> int:
        """Send the newest state of each courier in the batch; the number of messages that were delivered."""
        now = self.clock()
        fleets: dict[str, list[dict[str, Any]]] = {}
        for live in newest_of(records).values():
            fleets.setdefault(live.fleet, []).append(view(live, now))
        sends = [
            (connection, message)
            for fleet, rows in fleets.items()
            if (listeners := self._listening(fleet_topic(fleet), now))
            for message in updates(rows, now)
            for connection in listeners
        ]
        return sum(self.senders.map(lambda send: self._send(*send), sends))

    def _listening(self, topic: str, now: float) -> list[str]:
        known = self._listeners.get(topic)
        if known is None or now - known[0] > LISTENERS_S:
            known = self._listeners[topic] = (now, self.connections.listeners(topic))
        return known[1]

    def _send(self, connection: str, message: bytes) -> bool:
        """A lost message is mended by the next snapshot, so it is never sent again."""
        try:
            self.sockets.send(connection, message)
        except Gone:
            self.connections.remove(connection)
            self._listeners.clear()
            return False
        except NotDelivered:
            return False
        return True


def newest_of(records: Iterable[Any]) -> dict[str, Live]:
    """By courier key, the newest version in a batch of the live table's stream; deletions are left out."""
    images: dict[str, Mapping[str, Any]] = {}
    for record in records:
        image = record["dynamodb"].get("NewImage")
        if image is None:
            continue
        key = image["courier"]["S"]
        if key not in images or int(image["version"]["N"]) > int(images[key]["version"]["N"]):
            images[key] = image
    return {key: from_item(_bytes(image)) for key, image in images.items()}


def _bytes(image: Mapping[str, Any]) -> dict[str, Any]:
    """A stream event carries binary in base64, where the client would give bytes."""
    return {
        name: {"B": base64.b64decode(typed["B"])} if "B" in typed else typed for name, typed in image.items()
    }
