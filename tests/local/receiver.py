"""A server that webhooks are sent to: it keeps what comes, and answers as it is told."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import repeat


@dataclass(frozen=True, slots=True)
class Delivery:
    """answer: the status that it got; None: it was left hanging."""

    path: str
    id: str
    at: str
    signature: str
    body: bytes
    answer: int | None


class Receiver(ThreadingHTTPServer):
    """answers: by path, one for each delivery; without one it is taken, with None it hangs until `over`."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.seen: list[Delivery] = []
        self.answers: dict[str, Iterator[int | None]] = defaultdict(lambda: repeat(204))
        self.over = threading.Event()

    @classmethod
    @contextmanager
    def serving(cls) -> Iterator[Receiver]:
        with cls() as receiver:
            threading.Thread(target=receiver.serve_forever, daemon=True).start()
            yield receiver
            receiver.over.set()
            receiver.shutdown()

    def address(self, path: str) -> str:
        return f"http://127.0.0.1:{self.server_port}{path}"

    def at(self, path: str) -> list[Delivery]:
        return [it for it in list(self.seen) if it.path == path]

    def taken(self, path: str) -> set[str]:
        """Ids of the events that were taken there."""
        return {it.id for it in self.at(path) if it.answer == 204}


class _Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        answer = next(self.server.answers[self.path])
        said = (self.headers[f"webhook-{name}"] for name in ("id", "timestamp", "signature"))
        self.server.seen.append(Delivery(self.path, *said, body, answer))
        if answer is None:
            self.server.over.wait(60)
            return
        self.send_response(answer)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass
