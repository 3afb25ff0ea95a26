"""What an upload of each app costs in receive; 100,000 damaged ones: no error of ours, no hang, no growth."""

from __future__ import annotations

import base64
import random
import resource
import time
from array import array
from collections import Counter
from pathlib import Path
from unittest.mock import patch

from benchmarks.figures import line, ms, percentile
from ingest.receive import handler as receive
from ingest.receive.formats import APPS
from ingest.receive.known import KnownDevices
from ingest.receive.receive import Receiver
from ingest.receive.wiring import Wiring
from ingest.sent import Sent
from storage.devices import Device, key_hash
from telemetry.api import Request
from telemetry.problem import Problem
from tests import events
from tests.fakes import FakeDevices, no_limits

UPLOADS = Path(__file__).parents[1] / "tests/uploads"
OWN = "own"
KEY = "dk_" + "a" * 32
NOW = 1_795_407_000.0  # ten minutes after the ride of tests/uploads
RUNS = 2_000
DAMAGED = 100_000
HANG_S = 1.0
ODD = [
    b"",
    b"NaN",
    b"1e999",
    b"-",
    b"%00",
    b"&&",
    b"=",
    b"{",
    b"]",
    b"[[[[",
    b'"',
    b"null",
    b"\xff",
    b"9" * 30,
]


class _Nowhere:
    """Takes everything, keeps nothing."""

    def put(self, _uploads: object) -> None: ...

    def keep(self, _owner: str, _rejected: object) -> None: ...


def _requests() -> list[tuple[str, Sent]]:
    found = []
    for path in sorted(UPLOADS.iterdir()):
        app = next((app for app in (*APPS, OWN) if path.name.startswith(app)), None)
        for text in path.read_bytes().split(b"\n")[:-1] if app else ():
            sent = Sent(query=text.decode()) if path.suffix == ".query" else Sent(text)
            found.append((str(app), sent))
    return found


def _event(app: str, sent: Sent, **headers: str) -> dict[str, object]:
    if app == OWN:
        event = events.signed_in(
            events.http("POST /v1/uploads", sent.body.decode(errors="replace")), "courier"
        )
        event["headers"] |= headers
        return event
    method = "GET" if app == "gpslogger" and sent.query else "POST"
    event = events.http(f"{method} /v1/devices/{{key}}/{app}", base64.b64encode(sent.body).decode())
    event |= {"isBase64Encoded": True, "pathParameters": {"key": KEY}, "rawQueryString": sent.query}
    event["headers"] |= headers
    return event


def _ask(event: dict[str, object]) -> int:
    """The status, as of ten minutes after the ride; what is no Problem ends the measurement."""
    try:
        act = receive._upload if event["routeKey"] == "POST /v1/uploads" else receive._app  # noqa: SLF001
        return int(act(Request(event, lambda: NOW))["statusCode"])  # with this clock
    except Problem as problem:
        return problem.status


def _damaged(chance: random.Random, text: bytes) -> bytes:
    """Cut, doubled, overwritten or with something odd in it, once to four times."""
    for _ in range(chance.randint(1, 4)):
        a, b = sorted(chance.randrange(len(text) + 1) for _ in range(2))
        text = chance.choice(
            [
                text[:a],
                text[:a] + text[b:],
                text[:b] + text[a:],
                text[:a] + chance.choice(ODD) + text[a:],
                text[:a] + chance.choice(ODD) + text[b:],
                text[:a] + chance.randbytes(3) + text[a + 3 :],
            ]
        )[:20_000]
    return text


def _costs(requests: list[tuple[str, Sent]]) -> None:
    for app in APPS:
        sent = max((s for name, s in requests if name == app), key=lambda s: len(s.body or s.query))
        count = len(APPS[app].read(sent, NOW).pings)
        event = _event(app, sent)
        spent = []
        for step in (lambda: APPS[app].read(sent, NOW), lambda: _ask(event)):  # noqa: B023
            began = time.process_time()
            for _ in range(RUNS):
                step()
            spent.append((time.process_time() - began) / RUNS)
        line(app, f"{count}", *(f"{s * 1e6:.0f} µs" for s in spent))


def _damage(requests: list[tuple[str, Sent]]) -> None:
    chance, answers, taken = random.Random(5), Counter[int](), array("d")  # noqa: S311 - the same every time
    for i in range(DAMAGED):
        app, sent = chance.choice(requests)
        if chance.random() < 0.1:
            app = chance.choice([*APPS, OWN])  # at another app's address
        query = _damaged(chance, sent.query.encode()).decode(errors="replace") if sent.query else ""
        zipped = {"content-encoding": "gzip"} if chance.random() < 0.05 else {}
        event = _event(app, Sent(_damaged(chance, sent.body), query), **zipped)
        began = time.perf_counter()
        answers[_ask(event)] += 1
        taken.append(time.perf_counter() - began)
        if i == DAMAGED // 2:
            early = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    late = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    line("answers", *(f"{status}: {count}" for status, count in sorted(answers.items())))
    line("server errors", f"{sum(n for status, n in answers.items() if status >= 500)}")
    line("slowest; median", ms(max(taken)), ms(percentile(taken, 0.5)))
    line(f"over {HANG_S:.0f} s", f"{sum(t > HANG_S for t in taken)}")
    line("peak memory after a half; after all", f"{early / 1024:.1f} MB", f"{late / 1024:.1f} MB")


def run() -> None:
    device = Device(key_hash(KEY), "demo", "wang", "dv_1", "phone", 0)
    known = KnownDevices(FakeDevices(**{KEY: device}).find, lambda: NOW)
    wiring = Wiring(Receiver(_Nowhere(), _Nowhere(), lambda: NOW), known, no_limits())
    requests = _requests()
    with patch.object(receive, "wire", lambda _log: wiring):
        print(
            "formats: CPU of one upload, without AWS and Powertools     pings         reading             all"
        )
        _costs(requests)
        print(f"formats: {DAMAGED} damaged uploads")
        _damage(requests)
