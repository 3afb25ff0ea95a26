"""Fan-out, connections and the fleet query: versions, coalescing, frames, roles."""

from __future__ import annotations

import base64
import json
from dataclasses import replace

import pytest

from geo.state import OFF_ROUTE, MatchState
from processors.connections import handler as connections_handler
from processors.connections.connections import Connections
from processors.fanout.fanout import Fanout
from processors.query import handler as query
from storage.connections import Viewer
from storage.live import to_item
from telemetry.frames import FRAME_BYTES, snapshots, updates
from telemetry.live import IDLE_TTL_S, SILENT_S, Live, Window, view
from telemetry.ping import Ping
from tests import events
from tests.events import CONTEXT
from tests.fakes import FakeConnections, FakeLive, FakeLog, FakeSockets
from tests.matching import state
from tests.schemas import check, contents, operations

NOW = 1_795_492_900.0
T0_MS = 1_795_492_800_000
PING = Ping(T0_MS, 31_230_416, 121_473_701)


def riding(speed: int = 500, **fields: float) -> MatchState:
    """250 m along, moving always. speed [cm/s]; fields: of geo.state.HEAD."""
    said = {
        "t": T0_MS / 1000,
        "along": 25_000,
        "offset": 325,
        "confidence": 204,
        "count": 1,
        "pace": speed,
    } | fields
    rides = {"along": 25_000, "speed": speed, "cruise": speed, "moving": 255}
    return state(**said, hypothesis=rides)


RIDING = Live(
    "demo", "wang", 7, (Window("tr_1", "lap@1", T0_MS),), "tr_1",
    riding(),
    1750.0, PING,
)  # fmt: skip


def test_the_view_of_a_riding_courier() -> None:
    assert view(RIDING, NOW) == {
        "courier": "wang", "trip": "tr_1", "route": "lap@1", "along_m": 250.0, "fraction": 0.1429,
        "offset_m": 3.2, "confidence": 0.8, "speed_mps": 5.0, "arrives_at": round(T0_MS / 1000 + 300),
        "state": "on_route", "lat": 31.230416, "lon": 121.473701, "t": T0_MS / 1000,
        "battery": None, "mock": 0, "implausible": 0, "version": 7,
    }  # fmt: skip


def test_speed_and_arrival_are_said_of_who_rides_the_route_only() -> None:
    def told(live: Live, now: float = NOW) -> tuple:
        row = view(live, now)
        return row["confidence"], row["speed_mps"], row["arrives_at"]

    astray = riding(flags=OFF_ROUTE)
    assert told(replace(RIDING, match=astray)) == (0.8, None, None)
    assert told(replace(RIDING, match=riding(speed=2))) == (0.8, 0.0, None)  # who hardly moves
    assert told(replace(RIDING, windows=ENDED)) == (0.8, None, None)
    assert told(replace(RIDING, match=riding(reached=171_000))) == (0.8, None, None)
    assert told(replace(RIDING, length_m=0.0)) == (0.8, 5.0, None)  # its route is missing
    assert told(replace(RIDING, trip="tr_0")) == (None, None, None)
    assert told(replace(RIDING, windows=())) == (None, None, None)
    silent = told(RIDING, T0_MS / 1000 + SILENT_S + 1)
    assert silent == (0.8, 5.0, round(T0_MS / 1000 + 300))  # as of the newest ping


ENDED = (Window("tr_1", "lap@1", T0_MS, T0_MS + 50_000),)
STATES = [
    (RIDING, NOW, "on_route"),
    (replace(RIDING, match=state(t=T0_MS / 1000, flags=OFF_ROUTE)), NOW, "off_route"),
    (replace(RIDING, match=state(t=T0_MS / 1000, still=1_801)), NOW, "stalled"),
    (RIDING, T0_MS / 1000 + SILENT_S + 1, "silent"),
    (replace(RIDING, match=riding(reached=170_999)), NOW, "on_route"),
    (replace(RIDING, match=riding(reached=171_000)), NOW, "arrived"),
    (replace(RIDING, match=riding(reached=171_000, still=1_801)), NOW, "arrived"),
    (replace(RIDING, match=riding(reached=171_000, flags=OFF_ROUTE)), NOW, "arrived"),
    (replace(RIDING, match=riding(reached=171_000)), T0_MS / 1000 + SILENT_S + 1, "arrived"),
    (replace(RIDING, match=riding(reached=171_000), length_m=0.0), NOW, "on_route"),
    (replace(RIDING, match=riding(reached=171_000), windows=ENDED), NOW, "finished"),
    (replace(RIDING, match=riding(reached=171_000), trip="tr_0"), NOW, "on_route"),
    (replace(RIDING, windows=ENDED), NOW, "finished"),
    (replace(RIDING, windows=ENDED), T0_MS / 1000 + 51 + IDLE_TTL_S, "idle"),
    (replace(RIDING, windows=()), NOW, "idle"),
    (replace(RIDING, trip="tr_0"), NOW, "on_route"),  # started, nothing heard yet
    (replace(RIDING, trip="tr_0"), NOW + SILENT_S, "silent"),
    (replace(RIDING, expires_s=int(NOW) - 1), NOW, "idle"),
]


@pytest.mark.parametrize(("live", "now", "state"), STATES)
def test_states(live, now, state) -> None:
    assert view(live, now)["state"] == state


def test_an_expired_position_is_not_shown_even_before_ttl_deletes_it() -> None:
    row = view(replace(RIDING, windows=(), expires_s=int(NOW) - 1), NOW)
    assert (row["lat"], row["lon"], row["t"]) == (None, None, None)


def test_every_frame_fits_and_a_snapshot_can_be_put_together() -> None:
    long = "w" * 48
    rows = [view(replace(RIDING, courier=f"{i:05}{long}"[:48], trip="t" * 48), NOW) for i in range(700)]
    rows = [row | {"trip": "t" * 20, "route": "r" * 60} for row in rows]
    parts = [json.loads(m) for m in snapshots(rows, NOW, "ab12")]
    assert all(len(m) <= FRAME_BYTES for m in [*snapshots(rows, NOW, "x"), *updates(rows, NOW)])
    assert [p["part"] for p in parts] == list(range(len(parts)))
    assert {p["parts"] for p in parts} == {len(parts)}
    assert [c for p in parts for c in p["couriers"]["courier"]] == [row["courier"] for row in rows]
    assert [json.loads(m)["parts"] for m in snapshots([], NOW, "x")] == [1]
    assert updates([], NOW) == []


def stream_record(live: Live | None) -> dict:
    if live is None:
        return {"eventName": "REMOVE", "dynamodb": {"Keys": {"courier": {"S": "demo/wang"}}}}
    image = {
        name: {"B": base64.b64encode(typed["B"]).decode()} if "B" in typed else typed
        for name, typed in to_item(live).items()
    }
    return {"eventName": "MODIFY", "dynamodb": {"NewImage": image, "SequenceNumber": "1"}}


def test_a_batch_becomes_one_message_a_listener_with_the_newest_of_each_courier() -> None:
    connections, sockets = FakeConnections(), FakeSockets()
    for name in ("a", "b"):
        connections.subscribe(name, "fleet/demo")
    connections.subscribe("other", "fleet/else")
    sockets.gone.add("b")
    fanout = Fanout(connections, sockets, lambda: NOW, FakeLog())
    batch = [
        RIDING,
        replace(RIDING, version=9),
        replace(RIDING, version=8),
        replace(RIDING, courier="li"),
        None,
    ]
    assert fanout.spread([stream_record(live) for live in batch]) == 1
    (message,) = sockets.sent.pop("a")
    assert sockets.sent == {}
    assert connections.removed == ["b"]
    body = json.loads(message)
    assert (body["type"], body["couriers"]["courier"], body["couriers"]["version"]) == (
        "update",
        ["wang", "li"],
        [9, 7],
    )


@pytest.fixture
def live(monkeypatch):
    store = FakeLive()
    store.put(RIDING, None)
    wired = Connections(FakeConnections(), store, FakeSockets(), lambda: NOW, FakeLog())
    monkeypatch.setattr(connections_handler, "wire", lambda: wired)
    return wired


def tell(route: str, **kwargs):
    return connections_handler.handler(events.websocket(route, "c1", **kwargs), CONTEXT)


def heard(live) -> list[dict]:
    return [json.loads(m) for m in live.sockets.sent.get("c1", [])]


def test_a_viewer_connects_subscribes_and_gets_a_snapshot(live) -> None:
    assert tell("$connect", ticket="good") == {"statusCode": 200}
    tell("subscribe")
    tell("snapshot")
    subscribed, snapshot = heard(live)
    assert subscribed == {"type": "subscribed", "topic": "fleet/demo"}
    assert snapshot["couriers"]["courier"] == ["wang"]
    assert snapshot["silent_after_s"] == SILENT_S
    tell("$disconnect")
    assert live.store.removed == ["c1"]


def test_a_courier_hears_of_tasks_and_sees_nobody(live) -> None:
    live.store.tickets["good"] = Viewer("demo", "wang", "courier")
    tell("$connect", ticket="good")
    tell("subscribe")
    tell("snapshot")
    subscribed, refused = heard(live)
    assert subscribed == {"type": "subscribed", "topic": "tasks/demo"}
    assert (refused["type"], refused["problem"]["status"]) == ("error", 403)


@pytest.mark.parametrize("ticket", [None, "", "stolen"])
def test_a_connection_without_a_good_ticket_is_refused(live, ticket) -> None:
    answer = tell("$connect", ticket=ticket)
    assert answer["statusCode"] == 401
    assert "/v1/live/ticket" in json.loads(answer["body"])["detail"]
    assert live.store.viewers == {}


def test_a_ticket_works_once(live) -> None:
    tell("$connect", ticket="good")
    assert tell("$connect", ticket="good")["statusCode"] == 401


def test_what_is_not_understood_is_answered(live) -> None:
    tell("$connect", ticket="good")
    tell("$default")
    (message,) = heard(live)
    assert message["type"] == "error"
    assert "subscribe" in message["problem"]["detail"]


def test_a_connection_that_is_not_known_any_more_is_told(live) -> None:
    tell("snapshot")
    assert heard(live)[0]["problem"]["status"] == 401


def test_the_fleet_is_for_managers_and_admins_of_it(live, monkeypatch) -> None:
    wired = query.Wiring(live.live, live.store)
    monkeypatch.setattr(query, "wire", lambda: wired)
    for role, fleet, ticket in (("courier", 403, 201), ("manager", 200, 201), ("admin", 200, 201)):
        for route, status in (("GET /v1/fleet", fleet), ("POST /v1/live/ticket", ticket)):
            answer = query.handler(events.signed_in(events.http(route), role), CONTEXT)
            assert answer["statusCode"] == status
        assert query.handler(events.http(route), CONTEXT)["statusCode"] == 401
    other = query.handler(events.signed_in(events.http("GET /v1/fleet"), "admin", fleet="else"), CONTEXT)
    assert json.loads(other["body"]) == {"couriers": [], "unreadable": []}


def test_one_item_that_cannot_be_read_hides_nobody_else(live, monkeypatch, caplog) -> None:
    live.live.put(replace(RIDING, courier="li"), None)
    live.live.damaged.add("demo/wang")
    wired = query.Wiring(live.live, live.store)
    monkeypatch.setattr(query, "wire", lambda: wired)
    route = "GET /v1/fleet"
    answer = query.handler(events.signed_in(events.http(route), "manager"), CONTEXT)
    told = json.loads(answer["body"])
    assert answer["statusCode"] == 200
    assert [row["courier"] for row in told["couriers"]] == ["li"]
    assert told["unreadable"] == ["wang"]
    api, operation = operations()[route]
    check(api, contents(api, operation["responses"]["200"])["application/json"]["schema"], told)
    (line,) = [it for it in caplog.records if it.message == "a live item cannot be read"]
    assert (line.levelname, line.courier, line.reason) == ("ERROR", "demo/wang", "damaged")
    tell("$connect", ticket="good")
    tell("snapshot")
    assert heard(live)[-1]["couriers"]["courier"] == ["li"]
    assert [extra["courier"] for _, extra in live.log.lines] == ["demo/wang"]


@pytest.mark.parametrize("gone", ["progress", "version"])
def test_an_update_that_cannot_be_read_holds_up_no_other(gone) -> None:
    connections, sockets, log = FakeConnections(), FakeSockets(), FakeLog()
    connections.subscribe("a", "fleet/demo")
    torn = stream_record(replace(RIDING, version=8))
    del torn["dynamodb"]["NewImage"][gone]
    batch = [stream_record(RIDING), torn, stream_record(replace(RIDING, courier="li"))]
    assert Fanout(connections, sockets, lambda: NOW, log).spread(batch) == 1
    assert json.loads(sockets.sent["a"][0])["couriers"]["courier"] == ["li"]
    ((message, extra),) = log.lines
    assert (message, extra["courier"]) == ("a live item cannot be read", "demo/wang")
    assert gone in extra["reason"]
