"""One request to a webhook's server, whatever that server does."""

from __future__ import annotations

import socket
import ssl
import threading
from contextlib import closing
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from stacks.tasks.webhooks import places
from stacks.tasks.webhooks import post as posting
from stacks.tasks.webhooks.places import Place
from stacks.tasks.webhooks.post import NoAnswer, post


class Answering(BaseHTTPRequestHandler):
    status = 302

    def do_POST(self) -> None:
        self.server.seen.append(self.rfile.read(int(self.headers["content-length"])))
        self.send_response(self.status)
        self.send_header("location", "/elsewhere")
        self.end_headers()

    def log_message(self, *_) -> None:
        pass


@pytest.fixture
def server():
    with HTTPServer(("127.0.0.1", 0), Answering) as serving:
        serving.seen = []
        thread = threading.Thread(target=serving.serve_forever)
        thread.start()
        yield serving
        serving.shutdown()
        thread.join()


def test_a_redirect_is_an_answer_and_not_followed(server) -> None:
    place = Place("erp.example.com", server.server_port, "/m", tls=False)
    assert post(place, "127.0.0.1", {"webhook-id": "1"}, b"{}") == 302
    assert server.seen == [b"{}"]


def test_a_server_without_tls_takes_nothing(server) -> None:
    with pytest.raises(NoAnswer, match="SSL"):
        post(Place("erp.example.com", server.server_port, "/m", tls=True), "127.0.0.1", {}, b"{}")
    assert server.seen == []
    assert ssl.create_default_context().check_hostname


@pytest.mark.parametrize(
    ("tls", "first", "drop"),
    [(False, b"", b"H"), (True, b"\x16\x03\x03\x40\x00", b"\x02")],
    ids=["answer", "handshake"],
)
def test_what_drips_is_cut_off(monkeypatch, tls, first, drop) -> None:
    """Each byte comes in time; the whole does not."""
    monkeypatch.setattr(posting, "WHOLE_S", 0.4)
    over = threading.Event()

    def drip(listening):
        client, _ = listening.accept()
        with client:
            try:
                client.sendall(first)
                while not over.wait(0.05):
                    client.sendall(drop)
            except OSError:
                pass

    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        thread = threading.Thread(target=drip, args=(listening,))
        thread.start()
        with pytest.raises(NoAnswer):
            post(Place("drip", listening.getsockname()[1], "/", tls=tls), "127.0.0.1", {}, b"")
        over.set()
        thread.join()


def test_a_name_server_that_takes_its_time_is_not_waited_for(monkeypatch) -> None:
    over = threading.Event()
    monkeypatch.setattr(places, "RESOLVE_S", 0.05)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: over.wait(10) and [])
    with pytest.raises(OSError, match="was not resolved"):
        places.resolve("erp.example.com", 443)
    over.set()
