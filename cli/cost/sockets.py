"""The CPU of one AWS call's way through a socket, measured against an endpoint that answers at once."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import botocore.session
from botocore.config import Config

from cli.cost.cloud.answers import answered, register

CALLS = 200
_ITEM = {"key": {"S": "x"}, "value": {"B": b"x" * 600}}  # about a live item


def call_cpu_s() -> float:
    """CPU [s] of a call beyond what the same call takes when nothing is sent."""
    with _endpoint() as endpoint:
        return max(_timed(endpoint, sent=True) - _timed(endpoint, sent=False), 0.0)


def _timed(endpoint: str, *, sent: bool) -> float:
    session = botocore.session.get_session()
    session.set_credentials("counted", "counted")
    if not sent:
        register(session, lambda request, **_: answered(request, 200, b"{}"))
    client: Any = session.create_client(
        "dynamodb", "us-east-1", endpoint_url=endpoint, config=Config(connect_timeout=1, read_timeout=5)
    )
    client.put_item(TableName="t", Item=_ITEM)
    began = time.thread_time()  # of this thread: the endpoint's own is not in it
    for _ in range(CALLS):
        client.put_item(TableName="t", Item=_ITEM)
    return (time.thread_time() - began) / CALLS


@contextmanager
def _endpoint() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), _Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"  # the connection is kept, as the function keeps it

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        self.send_response(200)
        self.send_header("content-type", "application/x-amz-json-1.0")
        self.send_header("content-length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - http.server's name
        """Says nothing."""
