"""What a viewer of the live stream asks for: connect with a ticket, subscribe, snapshot."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any

import orjson

from geo.said import say
from storage.connections import ConnectionStore, TicketRefused, Viewer, topic_of
from storage.damage import Log
from storage.live import LiveStore
from storage.sockets import Gone, NotDelivered, Sockets
from telemetry.clock import Clock
from telemetry.frames import snapshots
from telemetry.live import view
from telemetry.problem import BadRequest, Forbidden, Problem, Unauthenticated


@dataclass(frozen=True, slots=True)
class Connections:
    store: ConnectionStore
    live: LiveStore
    sockets: Sockets
    clock: Clock
    log: Log

    def connect(self, connection: str, ticket: str) -> None:
        """Raises Unauthenticated."""
        try:
            viewer = self.store.redeem(ticket)
        except TicketRefused as refused:
            raise Unauthenticated(
                say(
                    "ticket-refused",
                    "{why}; get a new one with POST /v1/live/ticket",
                    why=str(refused),
                )
            ) from refused
        self.store.add(connection, viewer)

    def disconnect(self, connection: str) -> None:
        self.store.remove(connection)

    def subscribe(self, connection: str) -> None:
        topic = topic_of(self._viewer(connection))
        self.store.subscribe(connection, topic)
        self._send(connection, orjson.dumps({"type": "subscribed", "topic": topic}))

    def snapshot(self, connection: str) -> None:
        viewer, now = self._viewer(connection), self.clock()
        if not viewer.watches:
            raise Forbidden(
                say(
                    "snapshot-not-yours",
                    "A snapshot shows everybody; couriers see tasks: GET /v1/tasks?status=open.",
                )
            )
        found = self.live.fleet(viewer.fleet)
        found.tell(self.log)
        rows = [view(live, now) for live in found.lives.values()]
        for message in snapshots(rows, now, secrets.token_hex(4)):
            self._send(connection, message)

    def unknown(self, connection: str) -> None:
        problem = BadRequest(
            say(
                "message-unknown",
                'The message is not understood; send {{"action":"subscribe"}} or {{"action":"snapshot"}}.',
            )
        )
        self.refuse(connection, problem)

    def refuse(self, connection: str, problem: Problem) -> None:
        self._send(connection, orjson.dumps({"type": "error", "problem": problem.document()}))

    def _viewer(self, connection: str) -> Viewer:
        viewer = self.store.viewer(connection)
        if viewer is None:
            raise Unauthenticated(
                say("connection-ended", "The connection has ended; connect again with a new ticket.")
            )
        return viewer

    def _send(self, connection: str, message: bytes) -> None:
        """What does not arrive is asked for again by the viewer, who takes a snapshot every minute."""
        try:
            self.sockets.send(connection, message)
        except Gone:
            self.store.remove(connection)
        except NotDelivered:
            pass


def refusal(problem: Problem) -> dict[str, Any]:
    """The answer to $connect that refuses the handshake."""
    return {"statusCode": problem.status, "body": orjson.dumps(problem.document()).decode()}
