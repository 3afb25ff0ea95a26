"""One POST to one address: no redirect is followed, and no answer holds us up."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Mapping
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from threading import Timer

from stacks.tasks.webhooks.places import Place

CONNECT_S = 2.0
WHOLE_S = 5.0
"""From the connection on; a server that drips its answer is cut off."""


class NoAnswer(Exception):
    """The message says what happened instead."""


def post(place: Place, address: str, headers: Mapping[str, str], body: bytes) -> int:
    """The answer's status. address: of the host, looked up before. Raises NoAnswer."""
    connection = _connection(place)
    timer = Timer(WHOLE_S, lambda: _cut(connection))
    try:
        raw = connection.sock = socket.create_connection((address, place.port), CONNECT_S)
        raw.settimeout(WHOLE_S)
        timer.start()
        if place.tls:
            over = ssl.create_default_context().wrap_socket(
                raw, server_hostname=place.host, do_handshake_on_connect=False
            )
            connection.sock = over  # `raw` is empty now: what is cut while shaking hands is this
            over.do_handshake()
        connection.request("POST", place.target, body, dict(headers))
        return connection.getresponse().status
    except (OSError, HTTPException) as error:
        raise NoAnswer(f"{type(error).__name__}: {error}"[:200]) from error
    finally:
        timer.cancel()
        connection.close()


def _connection(place: Place) -> HTTPConnection:
    kind = HTTPSConnection if place.tls else HTTPConnection
    return kind(place.host, place.port)


def _cut(connection: HTTPConnection) -> None:
    if isinstance(connection.sock, socket.socket):
        try:
            connection.sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            return
