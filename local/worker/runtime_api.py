"""The Lambda Runtime API for one worker, at a port of its own: the port says who is asking.

Source: AWS, "Using the Lambda runtime API". The parser knows what awslambdaric sends: HTTP/1.1, kept
connections, bodies with Content-Length.
"""

from __future__ import annotations

import asyncio
from typing import Protocol

_PREFIX = "/2018-06-01/runtime/"
_ACCEPTED = (
    b'HTTP/1.1 202 Accepted\r\nContent-Type: application/json\r\nContent-Length: 16\r\n\r\n{"status":"OK"}\n'
)


class Runtime(Protocol):
    """What a worker's side of the conversation does."""

    def asks(self, connection: Connection) -> None:
        """The worker is idle; answer with `connection.give` once there is something to do."""

    def answers(self, request_id: str, body: bytes, *, failed: bool) -> None: ...

    def init_failed(self, body: bytes) -> None: ...


class Connection(asyncio.Protocol):
    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._buffer = bytearray()
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]  # create_server makes Transports

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            head = bytes(self._buffer[:end]).decode("latin-1").split("\r\n")
            length = next((int(h[15:]) for h in head if h.lower().startswith("content-length:")), 0)
            if len(self._buffer) < end + 4 + length:
                return
            body = bytes(self._buffer[end + 4 : end + 4 + length])
            del self._buffer[: end + 4 + length]
            self._act(head[0].split(" ")[1].removeprefix(_PREFIX), body)

    def _act(self, path: str, body: bytes) -> None:
        match path.split("/"):
            case ["invocation", "next"]:
                self._runtime.asks(self)
                return
            case ["invocation", request_id, "response" | "error" as kind]:
                self._runtime.answers(request_id, body, failed=kind == "error")
            case ["init", "error"]:
                self._runtime.init_failed(body)
        self._write(_ACCEPTED)

    def give(self, request_id: str, arn: str, deadline_ms: int, event: bytes) -> None:
        head = (
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
            f"Lambda-Runtime-Aws-Request-Id: {request_id}\r\n"
            f"Lambda-Runtime-Invoked-Function-Arn: {arn}\r\n"
            f"Lambda-Runtime-Deadline-Ms: {deadline_ms}\r\n"
            f"Content-Length: {len(event)}\r\n\r\n"
        )
        self._write(head.encode() + event)

    def _write(self, data: bytes) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(data)
