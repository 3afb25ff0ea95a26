"""The life of a route on the laptop stack: files imported, looked at, published, ridden, retired."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request

import pytest

from cli.main import main
from tests.drawings import BOMB, FILES, LINE
from tests.local.api import call

TASK = {"bonus": {"amount": "12.50", "currency": "CNY"}}
TYPES = {"gpx": "application/gpx+xml", "kml": "application/vnd.google-earth.kml+xml"}


def put(base, token, route, file, kind, revision=None, query=""):
    """Status, ETag and answer."""
    headers = {"authorization": f"Bearer {token}", "content-type": kind}
    headers |= {"if-match": f'"{revision}"'} if revision else {}
    url = f"{base}/v1/routes/{route}/draft{query}"
    request = urllib.request.Request(url, file, headers, method="PUT")  # noqa: S310 - our own loopback
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
            return answer.status, answer.headers["etag"], json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, error.headers["etag"], json.load(error)


@pytest.mark.parametrize("form", TYPES)
def test_a_file_becomes_a_draft_a_route_and_a_ride(running, form) -> None:
    base, admin, manager = running.base, running.token("admin"), running.token("manager")
    route = f"import-{form}"
    status, tag, draft = put(base, admin, route, FILES[form], TYPES[form], query="?time_zone=Asia/Shanghai")
    assert (status, tag, draft["name"]) == (200, '"1"', "Harbour lap"), draft
    assert draft["preview"]["publishable"]
    assert [stop["name"] for stop in draft["preview"]["stops"]] == ["四号码头", "End"]
    status, _, problem = put(base, admin, route, FILES["kml" if form == "gpx" else "gpx"], TYPES[form])
    assert status == 400  # the other format under this type
    status, _, problem = put(base, admin, route, BOMB, TYPES[form], 1)
    assert (status, "entities" in problem["detail"]) == (400, True)
    status, feature = call(base, f"GET /v1/routes/{route}/draft", token=manager)
    assert (status, feature["geometry"]["coordinates"]) == (200, LINE)
    # Hours are set by putting the draft again, and whoever has not seen that is told.
    stops = [stop | {"opens": "00:00", "closes": "23:59"} for stop in feature["properties"]["stops"]]
    body = {"line": feature, "stops": stops, "time_zone": "Asia/Shanghai", "revision": 1}
    assert call(base, f"PUT /v1/routes/{route}/draft", body, admin)[0] == 200
    status, problem = call(base, f"PUT /v1/routes/{route}/draft", body | {"name": "Other"}, admin)
    assert (status, problem["revision"]) == (409, 2)
    assert call(base, f"POST /v1/routes/{route}/publish", {"revision": 1}, admin)[0] == 409
    status, published = call(base, f"POST /v1/routes/{route}/publish", {"revision": 2}, admin)
    assert (status, published["route"], published["stops"][0]["opens"]) == (201, f"{route}@1", "00:00")
    assert call(base, f"POST /v1/routes/{route}/publish", {"revision": 2}, admin) == (201, published)
    assert call(base, f"GET /v1/routes/{route}/draft", token=manager)[0] == 404

    courier = running.token("courier", f"rider-{form}")
    wanted = TASK | {"route": published["route"], "deadline": time.time() + 3600}
    status, task = call(base, "POST /v1/tasks", wanted, admin)
    assert status == 201
    assert call(base, f"POST /v1/tasks/{task['task']}/claim", {}, courier)[0] == 200
    status, trip = call(base, f"POST /v1/tasks/{task['task']}/start", {}, courier)
    assert status == 201
    status, retired = call(base, f"POST /v1/routes/{route}/retire", {}, admin)
    assert (status, retired["routes"][0]["state"]) == (200, "retired")
    status, problem = call(base, "POST /v1/tasks", wanted, admin)
    assert (status, "retired" in problem["detail"]) == (409, True)
    # The trip goes on: pings are matched to the line, and it ends.
    pings = [{"t": time.time(), "lon": 121.4768, "lat": 31.2304, "accuracy_m": 5}]
    assert call(base, "POST /v1/uploads", {"pings": pings}, courier)[0] == 200
    end = time.monotonic() + 15
    while time.monotonic() < end:
        rows = call(base, "GET /v1/fleet", token=manager)[1]["couriers"]
        mine = [it for it in rows if it["courier"] == f"rider-{form}" and it["along_m"]]
        if mine:
            break
        time.sleep(0.1)
    assert mine[0]["along_m"] == pytest.approx(295, abs=20)
    assert call(base, f"POST /v1/trips/{trip['trip']}/finish", {}, courier)[0] == 200
    listed = call(base, "GET /v1/routes", token=courier)[1]["routes"]
    assert published["route"] not in [it["route"] for it in listed]


def test_the_command_puts_a_file_up_as_a_draft(running, tmp_path, monkeypatch, capsys) -> None:
    monkeypatch.setenv("MILEPOST_TOKEN", running.token("admin"))
    file = tmp_path / "lap.gpx"
    file.write_bytes(FILES["gpx"])
    order = ["route", "import", str(file), "--id", "by-command", "--name", "Lap", "--base", running.base]
    assert main(order) == 0
    assert "by-command: draft, revision 1, 2 stops" in capsys.readouterr().out
    assert main([*order[:-4], "--name", "Longer", "--base", running.base]) == 1
    assert "at revision 1, changed by admin" in capsys.readouterr().err
    assert main([*order, "--revision", "1", "--datum", "gcj02"]) == 0
    status, draft = call(running.base, "GET /v1/routes/by-command/draft", token=running.token("manager"))
    assert (status, draft["properties"]["revision"]) == (200, 2)
    assert draft["geometry"]["coordinates"][0] != LINE[0]
