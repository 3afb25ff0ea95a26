"""What a task or a schedule will mean, before it is made: the example of a bonus, and the next times."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from stacks.tasks.schedules import handler as schedules
from stacks.tasks.schedules.preview import Change, preview
from stacks.tasks.tasks import handler as tasks
from telemetry.clock import now_s
from telemetry.problem import BadRequest
from tests import events

HOUR = 3600
BONUS: dict[str, Any] = {
    "amount": "12.5",
    "currency": "CNY",
    "rules": {
        "coverage": {"full_percent": 95, "none_percent": 45},
        "late": {"per_minute": "0.20", "grace_minutes": 5},
        "on_time": {"reward": "2.00"},
    },
}


def asked(module: Any, route: str, body: Any, monkeypatch: pytest.MonkeyPatch) -> tuple[int, Any]:
    monkeypatch.setattr(module, "wire", SimpleNamespace)
    event = events.signed_in(events.http(route, json.dumps(body)), "manager")
    answer = module.handler(event, events.CONTEXT)
    return answer["statusCode"], json.loads(answer["body"])


def example(monkeypatch: pytest.MonkeyPatch, *rides: Any, **bonus: Any) -> tuple[int, Any]:
    body = {"bonus": BONUS | bonus, "rides": list(rides)}
    return asked(tasks, "POST /v1/bonuses/example", body, monkeypatch)


def test_a_bonus_is_reckoned_for_every_ride_that_is_supposed(monkeypatch: pytest.MonkeyPatch) -> None:
    status, said = example(monkeypatch, {}, {"late_s": 600, "covered": 0.8})
    assert (status, said["currency"]) == (200, "CNY")
    whole, late = said["calculations"]
    amounts = [{line["rule"]: line["amount"] for line in it["lines"]} for it in (whole, late)]
    assert amounts[0] == {"base": "12.50", "coverage": "0.00", "on_time": "2.00"}
    assert amounts[1] == {"base": "12.50", "coverage": "-3.75", "late": "-1.00"}
    assert (whole["total"], late["total"]) == ("14.50", "7.75")
    assert late["lines"][2]["given"] == {"minutes": 10, "grace_minutes": 5, "per_minute": "0.20"}


@pytest.mark.parametrize(
    ("bonus", "rides", "field"),
    [
        ({"amount": "12.505"}, [{}], "bonus.amount"),
        ({"currency": "cny", "rules": {}}, [{}], "bonus.currency"),
        ({"rules": {"late": {"per_minute": ""}}}, [{}], "bonus.rules.late.per_minute"),
        ({"rules": {"limits": {"least": "2", "most": "1"}}}, [{}], "bonus.rules.limits.most"),
        ({}, [], "rides"),
        ({}, [{}] * 11, "rides"),
        ({}, [{}, {"covered": 1.1}], "rides[1].covered"),
        ({}, [{"late_s": -1}], "rides[0].late_s"),
        ({}, [{"early_s": 1}], "rides[0].early_s"),
    ],
)
def test_what_is_wrong_is_told_at_its_field(
    monkeypatch: pytest.MonkeyPatch, bonus: Any, rides: Any, field: str
) -> None:
    status, problem = example(monkeypatch, *rides, **bonus)
    assert (status, [error["field"] for error in problem["errors"]]) == (400, [field])


def at(text: str, zone: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp()


def told(cron: str, zone: str, after: str, most: int = 3) -> tuple[list[str], list[Change]]:
    """The times as the clocks of the zone show them, by the offsets that are told."""
    found = preview(cron, zone, at(after, zone), most)
    shown = [datetime.fromtimestamp(it.at + it.offset_s, UTC) for it in found.times]
    return [f"{moment:%m-%d %H:%M}" for moment in shown], found.clock_changes


def test_a_time_that_the_clocks_skip_does_not_happen_and_is_told() -> None:
    times, changes = told("30 2 * * *", "Europe/Berlin", "2027-03-26T12:00")
    assert times == ["03-27 02:30", "03-29 02:30", "03-30 02:30"]
    assert changes == [Change(int(at("2027-03-28T03:00", "Europe/Berlin")), HOUR, 2 * HOUR, hits=True)]


def test_a_time_that_the_clocks_show_twice_happens_the_first_time_and_is_told() -> None:
    times, changes = told("*/30 1-3 * * *", "Europe/Berlin", "2027-10-31T01:40", 5)
    assert times == ["10-31 02:00", "10-31 02:30", "10-31 03:00", "10-31 03:30", "11-01 01:00"]
    assert [(it.from_offset_s, it.to_offset_s, it.hits) for it in changes] == [(2 * HOUR, HOUR, True)]


def test_a_change_is_told_on_days_of_the_schedule_alone() -> None:
    assert told("0 8 * * *", "Europe/Berlin", "2027-03-26T12:00")[1][0].hits is False
    assert told("0 8 * * 1-5", "Europe/Berlin", "2027-03-26T12:00")[1] == []
    assert told("0 1 1 * *", "Europe/Berlin", "2027-03-26T12:00", 5)[1] == []
    # Already gone on that day, and no change at all.
    assert told("0 8 * * *", "Europe/Berlin", "2027-03-28T03:01")[1] == []
    assert told("0 8 * * *", "Asia/Shanghai", "2027-03-26T12:00")[1] == []


def test_a_day_may_begin_with_the_change_and_a_change_may_be_half_an_hour() -> None:
    times, changes = told("0 0,9 * * *", "Africa/Cairo", "2027-04-29T08:00")
    assert times == ["04-29 09:00", "04-30 09:00", "05-01 00:00"]
    assert [(it.to_offset_s - it.from_offset_s, it.hits) for it in changes] == [(HOUR, True)]
    times, changes = told("15 2 * * *", "Australia/Lord_Howe", "2027-10-01T12:00")
    assert times == ["10-02 02:15", "10-04 02:15", "10-05 02:15"]
    assert [(it.to_offset_s - it.from_offset_s, it.hits) for it in changes] == [(HOUR // 2, True)]


@pytest.mark.parametrize(
    ("cron", "zone", "field"),
    [
        ("0 8 * *", "Europe/Berlin", "cron"),
        ("0 8 1 * 1", "Europe/Berlin", "cron"),
        ("0 8 31 2 *", "Europe/Berlin", "cron"),
        ("0 8 * * *", "Europe/Bonn", "time_zone"),
    ],
)
def test_what_is_no_schedule_is_refused_by_field(
    monkeypatch: pytest.MonkeyPatch, cron: str, zone: str, field: str
) -> None:
    with pytest.raises(BadRequest) as refused:
        preview(cron, zone, 0.0, 5)
    assert [error["field"] for error in refused.value.errors] == [field]
    status, said = asked(
        schedules, "POST /v1/schedules/times", {"cron": cron, "time_zone": zone}, monkeypatch
    )
    assert (status, said["errors"]) == (400, refused.value.document()["errors"])


def test_the_api_tells_five_times_from_now_on(monkeypatch: pytest.MonkeyPatch) -> None:
    body = {"cron": "0 8 * * *", "time_zone": "Asia/Shanghai"}
    status, said = asked(schedules, "POST /v1/schedules/times", body, monkeypatch)
    assert (status, len(said["times"]), said["clock_changes"]) == (200, 5, [])
    assert {it["offset_s"] for it in said["times"]} == {8 * HOUR}
    assert 0 < said["times"][0]["at"] - now_s() <= 86_400
