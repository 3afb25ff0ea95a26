"""Recurring tasks: cron as people and as Scheduler write it, and the task of each time, once."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest

from local.timers.expression import next_s
from stacks.tasks.clock.recurring import Recurring
from stacks.tasks.schedules import handler
from stacks.tasks.schedules.cron import next_times, scheduler_form
from stacks.tasks.schedules.schedules import Schedules
from stacks.tasks.schedules.shapes import NewSchedule, shown
from stacks.tasks.schedules.wiring import Wiring
from stacks.tasks.tasks.desk import Desk
from stacks.tasks.timers.timers import Setter
from storage.catalog import Route
from storage.items import pack
from storage.tasks.rows import schedule_row
from telemetry.problem import BadRequest, NotFound, Unavailable
from tests import events
from tests.fakes_payouts import FakeLater
from tests.fakes_stacks import FakeCatalog, FakeTasks
from tests.fakes_tasks import FakeSchedules

NOW = datetime(2026, 11, 27, 18, 0, tzinfo=ZoneInfo("Asia/Shanghai")).timestamp()
TASK: dict[str, Any] = {
    "route": "lap@1", "bonus": {"amount": "12.5", "currency": "CNY"}, "tags": ["bike"], "closes_after": 60,
    "start_until_after": 90, "deadline_after": 180,
}  # fmt: skip


def new(cron: str = "0 8 * * 1-5", zone: str = "Asia/Shanghai", **changes: Any) -> NewSchedule:
    return msgspec.convert({"cron": cron, "time_zone": zone, "task": TASK | changes}, NewSchedule)


class World:
    def __init__(self) -> None:
        self.tasks, self.catalog, self.said = FakeTasks(), FakeCatalog(), []
        self.store = FakeSchedules(self.tasks)
        self.catalog.add(Route("demo", "lap", 1, "Lap", 4000.0, 1))
        desk = Desk(self.tasks, self.catalog)
        self.schedules = Schedules(self.store, desk)
        log = SimpleNamespace(warning=lambda msg, **_: self.said.append(msg))
        self.recurring = Recurring(self.store, desk, log)


@pytest.fixture
def world() -> World:
    return World()


@pytest.mark.parametrize(
    ("cron", "form"),
    [
        ("0 8 * * 1-5", "cron(0 8 ? * 2,3,4,5,6 *)"),
        ("*/20 6-8 * * *", "cron(0,20,40 6,7,8 * * ? *)"),
        ("30 7 1,15 JAN-MAR *", "cron(30 7 1,15 1,2,3 ? *)"),
        ("0 9 * * SUN", "cron(0 9 ? * 1 *)"),
        ("0 9 * * 0,7", "cron(0 9 ? * 1 *)"),
        ("* * * * *", "cron(* * * * ? *)"),
    ],
)
def test_cron_as_scheduler_writes_it(cron: str, form: str) -> None:
    assert scheduler_form(cron) == form
    told = next_times(cron, "Europe/Berlin", NOW, 40)
    at = NOW
    for time in told:
        at = next_s(form, "Europe/Berlin", at, NOW) or 0
        assert at == time


@pytest.mark.parametrize(
    ("cron", "reason"),
    [
        ("0 8 * *", "cannot be read"),
        ("0 0 8 * * *", "five fields"),
        ("61 8 * * *", "cannot be read"),
        ("0 8 1 * 1", "days of the month and of the week"),
        ("0 8 L * *", "L or #"),
        ("0 8 * * 1#2", "L or #"),
        ("1-58 1-22 1-29 1-11 *", "too many"),
    ],
)
def test_cron_that_one_of_both_does_not_know_is_refused(cron: str, reason: str) -> None:
    with pytest.raises(BadRequest, match=reason):
        scheduler_form(cron)


@pytest.mark.parametrize(
    "zone", ["Asia/Peking", "Asia", "CST", "posix/Asia/Shanghai", "../etc/passwd", "", "Europe/Berlin\x00"]
)
def test_a_zone_that_does_not_exist_is_refused_by_name(world: World, zone: str) -> None:
    with pytest.raises(BadRequest, match="write it as Asia/Shanghai") as refused:
        world.schedules.add("demo", new(zone=zone), NOW)
    assert refused.value.errors[0]["field"] == "time_zone"


def test_a_schedule_tells_its_next_times_by_the_clocks_of_its_zone(world: World) -> None:
    made = world.schedules.add("demo", new("0 8 * * 1-5"), NOW)
    zone = ZoneInfo("Asia/Shanghai")
    times = [datetime.fromtimestamp(at, zone) for at in shown(made, NOW)["next"]]
    assert [f"{time:%a %d %H:%M}" for time in times] == [
        "Mon 30 08:00", "Tue 01 08:00", "Wed 02 08:00", "Thu 03 08:00", "Fri 04 08:00",
    ]  # fmt: skip


@pytest.mark.parametrize("damage", [{"cron": "soon"}, {"zone": "Asia/Atlantis"}])
def test_a_schedule_without_times_hides_no_other_and_can_be_removed(
    world: World, monkeypatch: pytest.MonkeyPatch, damage: dict[str, str]
) -> None:
    """Its row was damaged, or its zone is no longer known."""
    monkeypatch.setattr(handler, "wire", lambda: Wiring(world.schedules, world.tasks))
    bad, good = (world.schedules.add("demo", new(), NOW) for _ in range(2))
    world.store.rows["demo", bad.schedule] = replace(bad, **damage)

    def call(route: str, **path: str) -> tuple[int, Any]:
        event = events.signed_in(events.http(route), "admin", "ada", "demo") | {"pathParameters": path}
        answer = handler.handler(event, events.CONTEXT)
        return answer["statusCode"], json.loads(answer.get("body") or "null")

    status, told = call("GET /v1/schedules")
    assert status == 200
    assert {it["schedule"]: len(it["next"]) for it in told["schedules"]} == {
        bad.schedule: 0,
        good.schedule: 5,
    }
    assert call("DELETE /v1/schedules/{schedule}", schedule=bad.schedule)[0] == 204
    assert [it.schedule for it in world.schedules.all("demo")] == [good.schedule]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"deadline_after": 30}, "start_until"),
        ({"closes_after": 0}, "closes"),
        ({"start_from_after": 100}, "start_from"),
        ({"route": "lap@2"}, "route"),
        ({"bonus": {"amount": "-1", "currency": "CNY"}}, "bonus.amount"),
    ],
)
def test_a_task_that_could_not_be_made_is_refused_at_once(
    world: World, changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(BadRequest) as refused:
        world.schedules.add("demo", new(**changes), NOW)
    assert refused.value.errors[0]["field"] == field
    assert world.schedules.all("demo") == []


def test_a_schedule_is_made_once_under_a_key(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handler, "wire", lambda: Wiring(world.schedules, world.tasks))
    asked = {"cron": "0 8 * * 1-5", "time_zone": "Asia/Shanghai", "task": TASK}

    def post(key: str, **changes: Any) -> tuple[int, Any]:
        event = events.http("POST /v1/schedules", json.dumps(asked | changes))
        event["headers"]["idempotency-key"] = key
        events.signed_in(event, "admin", "ada", "demo")
        answer = handler.handler(event, events.CONTEXT)
        return answer["statusCode"], json.loads(answer["body"])

    made = post("a")
    assert made[0] == 201
    assert post("a") == made
    assert post("a", cron="0 9 * * 1-5")[0] == 422
    assert post("b", time_zone="Moon")[0] == 400
    assert post("b")[1]["schedule"] != made[1]["schedule"]
    assert len(world.schedules.all("demo")) == 2


def test_a_day_that_never_comes_is_refused(world: World) -> None:
    with pytest.raises(BadRequest, match=r"no day that comes|cannot be read"):
        world.schedules.add("demo", new("0 8 30 2 *"), NOW)


def test_each_time_makes_one_task_however_often_the_timer_calls(world: World) -> None:
    made = world.schedules.add("demo", new(), NOW)
    did = [
        world.recurring.make("demo", made.schedule, f"2026-11-{day}T00:00:00Z") for day in (30, 30, 27, 30)
    ]
    assert did == ["made", "nothing", "made", "nothing"]
    tasks = world.tasks.page("demo", None, None, 10)
    assert len(tasks) == 2
    opens = datetime(2026, 11, 30, 8, 0, tzinfo=ZoneInfo("Asia/Shanghai")).timestamp() * 1000
    newest = tasks[0]
    assert (newest.opens_ms, newest.closes_ms, newest.deadline_ms) == (
        opens, opens + 60 * 60_000, opens + 180 * 60_000,
    )  # fmt: skip
    assert (newest.bonus.amount, newest.tags, newest.status) == ("12.50", ("bike",), "open")


def test_a_task_that_cannot_be_made_is_told_on_its_schedule_until_one_can(world: World) -> None:
    made = world.schedules.add("demo", new(), NOW)
    route = world.catalog.get("demo", "lap@1")
    world.catalog.rows.clear()
    assert world.recurring.make("demo", made.schedule, "2026-11-30T00:00:00Z") == "failed"
    (told,) = [shown(it, NOW) for it in world.schedules.all("demo")]
    assert "not a published route" in told["failed"]
    assert world.said == ["a recurring task could not be made"]
    world.catalog.add(route)
    assert world.recurring.make("demo", made.schedule, "2026-12-01T00:00:00Z") == "made"
    assert world.schedules.all("demo")[0].failed is None


def test_a_retired_route_is_told_on_the_schedule_too(world: World) -> None:
    made = world.schedules.add("demo", new(), NOW)
    world.catalog.retire(world.catalog.get("demo", "lap@1"), 5)
    assert world.recurring.make("demo", made.schedule, "2026-11-30T00:00:00Z") == "failed"
    (told,) = [shown(it, NOW) for it in world.schedules.all("demo")]
    assert "lap@1 is retired" in told["failed"]


def test_a_task_that_was_not_taken_is_made_when_the_timer_calls_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = world.schedules.add("demo", new(), NOW)
    with monkeypatch.context() as throttled:
        throttled.setattr(world.tasks, "add", lambda *_: False)
        with pytest.raises(Unavailable):
            world.recurring.make("demo", made.schedule, "2026-11-30T00:00:00Z")
    assert world.recurring.make("demo", made.schedule, "2026-11-30T00:00:00Z") == "made"


def test_a_removed_schedule_makes_nothing_more(world: World) -> None:
    made = world.schedules.add("demo", new(), NOW)
    world.schedules.remove("demo", made.schedule)
    assert world.recurring.make("demo", made.schedule, "2026-11-30T00:00:00Z") == "nothing"
    with pytest.raises(NotFound):
        world.schedules.remove("demo", made.schedule)


def test_the_stream_sets_a_schedules_timer_and_takes_it_back(world: World) -> None:
    calls: list[Any] = []
    timers = SimpleNamespace(repeat=lambda *call: calls.append(call), cancel=calls.append, set=None)
    setter = Setter(timers, lambda: NOW, SimpleNamespace(exception=calls.append), FakeLater())
    made = world.schedules.add("demo", new(), NOW)
    image = pack(schedule_row(made))
    there = {"eventName": "INSERT", "dynamodb": {"SequenceNumber": "1", "NewImage": image}}
    gone = {"eventName": "REMOVE", "dynamodb": {"SequenceNumber": "2", "Keys": {"item": image["item"]}}}
    assert setter.set_timers([there, gone]) == []
    event = {"fleet": "demo", "schedule": made.schedule}
    assert calls == [
        (made.schedule, "cron(0 8 ? * 2,3,4,5,6 *)", "Asia/Shanghai", event), made.schedule,
    ]  # fmt: skip
