"""A bulk file that goes on in turn after turn, on a laptop that gives each the time of a part."""

from __future__ import annotations

import gzip
import json
import time

import pytest

from local.child import Child, stack
from tests.local.api import call, fetch
from tests.local.test_bulk import put
from tests.local.test_whole_flow import until

LINES = 60
PAD = "x" * 900_000  # twenty lines are a part


@pytest.fixture(scope="module")
def hasty() -> Child:
    with stack(PARAMETERS="BulkTurnSeconds=0") as child:
        yield child


def line(i: int) -> bytes:
    ping = {"t": time.time() - 60, "lat": 31.25, "lon": 121.46}
    return json.dumps({"courier": f"turn-{i:02}", "pings": [ping], "note": PAD}).encode()


def test_a_file_goes_on_turn_after_turn_to_its_end(hasty) -> None:
    token = hasty.token("admin")
    body = gzip.compress(b"\n".join([*map(line, range(LINES)), b"{"]), 1)
    status, place = call(hasty.base, "POST /v1/uploads/bulk/files", {"size": len(body)}, token)
    assert status == 201
    assert put(place, body) == 200
    asked = f"GET /v1/uploads/bulk/files/{place['file']}"
    until(lambda: call(hasty.base, asked, token=token)[1]["state"] == "done", 60)
    said = call(hasty.base, asked, token=token)[1]
    assert (said["lines"], said["accepted"], said["rejected"], said["problem"]) == (LINES + 1, LINES, 1, None)
    told = [json.loads(it) for it in gzip.decompress(fetch(said["results"])[2]).splitlines()]
    assert [(it["line"], it["accepted"]) for it in told] == [(i, 1) for i in range(1, 61)] + [(61, 0)]
    assert hasty.log.read_text().count("goes on in another turn") >= 3

    def seen() -> set[str]:
        couriers = call(hasty.base, "GET /v1/fleet", token=hasty.token("manager"))[1]["couriers"]
        return {it["courier"] for it in couriers if it["courier"].startswith("turn-")}

    until(lambda: len(seen()) == LINES)
