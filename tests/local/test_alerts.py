"""A courier strays, comes back, falls silent, arrives and finishes, on a clock that runs sixty times as fast:
each alert is raised and closed, shown live, and sent to a webhook that fails at first.
"""

from __future__ import annotations

import asyncio
import json
import threading
from collections import Counter
from itertools import chain, repeat
from types import SimpleNamespace

import aiohttp
import pytest

from stacks.tasks.webhooks.sign import signature
from tests.live import connected
from tests.local.api import call, signed_in
from tests.local.test_whole_flow import LINE, until

KINDS = ("off_route", "silent", "low_battery", "arrived", "finished")
PATH = "/milepost"


class Viewer(threading.Thread):
    """Listens to the live stream as one user until it is ended."""

    def __init__(self, base: str, token: str) -> None:
        super().__init__(daemon=True)
        self.base, self.token, self.heard = base, token, []
        self.ready, self.over = threading.Event(), threading.Event()

    def run(self) -> None:
        asyncio.run(self._listen())

    async def _ticket(self) -> str:
        return call(self.base, "POST /v1/live/ticket", {}, self.token)[1]["ticket"]

    async def _listen(self) -> None:
        live = f"{self.base}/v1/live".replace("http", "ws", 1)
        async with (
            aiohttp.ClientSession() as session,
            await connected(session, live, self._ticket) as socket,
        ):
            await socket.send_json({"action": "subscribe"})
            while not self.over.is_set():
                try:
                    message = await socket.receive(0.2)
                except TimeoutError:
                    continue
                if message.type is not aiohttp.WSMsgType.TEXT:
                    return
                said = json.loads(message.data)
                self.heard.append(said)
                if said["type"] == "subscribed":
                    self.ready.set()

    def events(self, kind: str = "") -> list:
        told = [event for message in list(self.heard) for event in message.get("events", ())]
        return [event for event in told if event["type"].startswith(kind)]


@pytest.fixture(scope="module")
def ridden(fast, clock, receiver):
    """The whole ride; what everybody was told of it."""
    base, admin, manager = fast.base, fast.token("admin"), fast.token("manager")
    courier = signed_in(base, admin, "stray")
    assert call(base, "PUT /v1/fleet/rules", {"silent_after_s": 120}, admin)[0] == 200
    receiver.answers[PATH] = chain([503], repeat(204))
    hook = {"url": receiver.address(PATH), "events": ["alert.raised", "alert.closed"]}
    status, webhook = call(base, "PUT /v1/fleet/webhooks/erp", hook, admin)
    assert status == 200
    viewers = [Viewer(base, manager), Viewer(base, courier)]
    for viewer in viewers:
        viewer.start()
        assert viewer.ready.wait(30)

    route = call(base, "POST /v1/routes", {"id": "stray", "line": LINE}, admin)[1]["route"]
    task = {"route": route, "bonus": {"amount": "1", "currency": "CNY"}, "deadline": clock() + 86_400}
    task = call(base, "POST /v1/tasks", task, admin)[1]["task"]
    assert call(base, f"POST /v1/tasks/{task}/claim", {}, courier)[0] == 200
    trip = call(base, f"POST /v1/tasks/{task}/start", {}, courier)[1]["trip"]

    def ping(lon: float, lat: float, battery: int) -> None:
        now = clock()
        pings = [{"t": now - 2 * i, "lat": lat, "lon": lon, "accuracy_m": 5} for i in range(4)]
        body = {"battery_percent": battery, "pings": pings}
        assert call(base, "POST /v1/uploads", body, courier)[0] == 200

    def alerts(state: str):
        found = call(base, f"GET /v1/alerts?state={state}", token=manager)[1]["alerts"]
        return {it["kind"]: it for it in found if it["trip"] == trip}

    def keep(until_it_is, lon: float, lat: float = 31.2304, battery: int = 60):
        """Goes on sending from one place until something holds."""

        def sent():
            ping(lon, lat, battery)
            return until_it_is()

        return until(sent, 30)

    keep(lambda: "silent" not in alerts("open"), 121.4720)
    strayed = keep(lambda: alerts("open").get("off_route"), 121.4740, 31.2340)
    keep(lambda: alerts("open").get("low_battery"), 121.4740, 31.2340, battery=9)
    answered = f"POST /v1/alerts/{strayed['alert']}/acknowledge"
    assert call(base, answered, {}, manager)[1]["acknowledged_by"] == "manager"
    keep(lambda: "off_route" in alerts("closed"), 121.4750)
    until(lambda: "silent" in alerts("open"), 30)
    keep(lambda: "arrived" in alerts("open") and "silent" in alerts("closed"), 121.47999)
    until(lambda: call(base, f"GET /v1/trips/{trip}/audit", token=manager)[1]["trip"]["proposed_at"], 10)
    assert call(base, f"POST /v1/trips/{trip}/confirm", {}, courier)[0] == 200
    until(lambda: "finished" in alerts("open") and "arrived" in alerts("closed"), 30)
    until(lambda: not alerts("open"), 120)
    wanted = 2 * len(all_of(base, manager, trip))
    until(lambda: len(taken(receiver, trip)) >= wanted, 60)
    for viewer in viewers:
        viewer.over.set()
    yield SimpleNamespace(
        base=base, admin=admin, manager=manager, trip=trip, task=task, secret=webhook["secret"],
        seen=list(receiver.seen), viewers=viewers, receiver=receiver,
    )  # fmt: skip
    assert call(base, "DELETE /v1/fleet/webhooks/erp", token=admin)[0] == 204
    assert call(base, "PUT /v1/fleet/rules", {}, admin)[0] == 200


def all_of(base, manager, trip):
    found = call(base, "GET /v1/alerts?state=closed", token=manager)[1]["alerts"]
    return [it for it in found if it["trip"] == trip]


def taken(receiver, trip) -> set[str]:
    """Ids of the events of a trip that the receiver took, each with its alert."""
    found = [it for it in receiver.at(PATH) if it.answer == 204]
    return {it.id for it in found if json.loads(it.body)["data"]["trip"] == trip}


def test_each_kind_was_raised_and_closed(ridden) -> None:
    alerts = all_of(ridden.base, ridden.manager, ridden.trip)
    assert {it["kind"] for it in alerts} >= set(KINDS)
    assert all(it["closed_at"] > it["raised_at"] for it in alerts)
    (strayed,) = [it for it in alerts if it["kind"] == "off_route"]
    assert strayed["facts"]["offset_m"] > 60
    assert strayed["acknowledged_by"] == "manager"
    assert Counter(it["kind"] for it in alerts)["arrived"] == 1


def test_the_trip_was_finished_at_its_arrival_as_it_was_proposed(ridden) -> None:
    audit = call(ridden.base, f"GET /v1/trips/{ridden.trip}/audit", token=ridden.manager)[1]
    steps = [(line["action"], line["by"]) for line in audit["lines"]]
    assert steps[:4] == [("claim", "stray"), ("start", "stray"), ("propose", "system"), ("finish", "stray")]


def test_every_delivery_is_signed_and_what_failed_came_again_under_its_id(ridden) -> None:
    for it in ridden.seen:
        assert it.signature == f"v1,{signature(ridden.secret, it.id, int(it.at), it.body)}"
        assert it.body.startswith(b'{"type":"alert.')
    first = ridden.seen[0]
    assert [it.body for it in ridden.seen[1:] if it.id == first.id] == [first.body]
    events = {f"{it['alert']}/{what}" for it in all_of(ridden.base, ridden.manager, ridden.trip)
              for what in ("raised", "closed")}  # fmt: skip
    assert events <= taken(ridden.receiver, ridden.trip)
    webhooks = call(ridden.base, "GET /v1/fleet/webhooks", token=ridden.admin)[1]["webhooks"]
    assert [(it["webhook"], it["state"], "secret" in it) for it in webhooks] == [("erp", "on", False)]


def test_managers_saw_alerts_and_trips_and_couriers_saw_tasks_alone(ridden) -> None:
    manager, courier = ridden.viewers
    alerts = [it["data"] for it in manager.events("alert.raised")]
    assert {it["kind"] for it in alerts if it["trip"] == ridden.trip} >= set(KINDS)
    steps = {it["type"] for it in manager.events("trip.") if it["data"]["trip"] == ridden.trip}
    assert steps >= {"trip.claimed", "trip.started", "trip.proposed", "trip.finished"}
    assert {message["type"] for message in courier.heard} <= {"subscribed", "events"}
    assert courier.events() == courier.events("task.")
    told = [it["type"] for it in courier.events() if it["data"]["task"] == ridden.task]
    assert told == ["task.opened", "task.taken"]
