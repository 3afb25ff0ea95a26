"""Changed live items to everybody who watches their fleet: one coalesced message a connection and batch."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from storage.connections import ConnectionStore, fleet_topic
from storage.damage import Log
from storage.live import Found, read_items
from storage.sockets import Gone, NotDelivered, Sockets
from telemetry.clock import Clock
from telemetry.frames import updates
from telemetry.live import view

SENDERS = 8


@dataclass
class Fanout:
    connections: ConnectionStore
    sockets: Sockets
    clock: Clock
    log: Log
    senders: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(SENDERS))

    def spread(self, records: Iterable[Any]) -> int:
        """Send the newest state of each courier in the batch; the number of messages that were delivered."""
        now, found = self.clock(), newest_of(records)
        found.tell(self.log)
        fleets: dict[str, list[dict[str, Any]]] = {}
        for live in found.lives.values():
            fleets.setdefault(live.fleet, []).append(view(live, now))
        sends = [
            (connection, message)
            for fleet, rows in fleets.items()
            # Asked anew for each batch: a remembered list would hide an update from who came just now.
            if (listeners := self.connections.listeners(fleet_topic(fleet)))
            for message in updates(rows, now)
            for connection in listeners
        ]
        return sum(self.senders.map(lambda send: self._send(*send), sends))

    def _send(self, connection: str, message: bytes) -> bool:
        """A lost message is mended by the next snapshot, so it is never sent again."""
        try:
            self.sockets.send(connection, message)
        except Gone:
            self.connections.remove(connection)
            return False
        except NotDelivered:
            return False
        return True


def newest_of(records: Iterable[Any]) -> Found:
    """The newest version of each courier in a batch of the live table's stream; deletions are left out."""
    images: dict[str, Mapping[str, Any]] = {}
    for record in records:
        image = record["dynamodb"].get("NewImage")
        if image is None:
            continue
        key = image["courier"]["S"]
        if key not in images or _version(image) > _version(images[key]):
            images[key] = image
    return read_items(map(_bytes, images.values()))


def _version(image: Mapping[str, Any]) -> int:
    """Of what has none that can be read: as if it were the newest, so that it is told of."""
    try:
        return int(image["version"]["N"])
    except (KeyError, ValueError):
        return 1 << 62


def _bytes(image: Mapping[str, Any]) -> dict[str, Any]:
    """A stream event carries binary in base64, where the client would give bytes."""
    return {
        name: {"B": base64.b64decode(typed["B"])} if "B" in typed else typed for name, typed in image.items()
    }
