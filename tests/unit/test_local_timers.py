"""The laptop's EventBridge Scheduler: when schedules are due, and what becomes of calls that fail."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from local.timers.asynchronous import Asynchronous, Rules
from local.timers.expression import next_s
from local.timers.schedules import Schedule, Schedules, Taken, Unknown
from local.worker.answer import Answer, failure


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


NOW = at("2026-11-24T04:00:30")  # a Tuesday


@pytest.mark.parametrize(
    ("expression", "zone", "expected"),
    [
        ("at(2026-11-24T04:10:00)", "UTC", "2026-11-24T04:10:00"),
        ("at(2026-11-24T12:10:00)", "Asia/Shanghai", "2026-11-24T04:10:00"),
        ("at(2026-11-24T04:00:00)", "UTC", None),
        ("rate(5 minutes)", "UTC", "2026-11-24T04:05:30"),
        ("rate(1 hour)", "UTC", "2026-11-24T05:00:30"),
        ("cron(* * * * ? *)", "UTC", "2026-11-24T04:01:00"),
        ("cron(0/15 * * * ? *)", "UTC", "2026-11-24T04:15:00"),
        ("cron(30 3 ? * MON-FRI *)", "Asia/Shanghai", "2026-11-24T19:30:00"),
        ("cron(0 2 ? * 1 *)", "UTC", "2026-11-29T02:00:00"),  # 1 is Sunday
        ("cron(0 0 1 JAN,JUL ? *)", "UTC", "2027-01-01T00:00:00"),
        ("cron(0 0 29 2 ? *)", "UTC", "2028-02-29T00:00:00"),
        ("cron(0 0 1 1 ? 2020)", "UTC", None),
    ],
)
def test_when_a_schedule_is_due(expression, zone, expected) -> None:
    found = next_s(expression, zone, NOW, NOW)
    assert found == (at(expected) if expected else None)


def test_an_hour_that_the_clocks_skip_does_not_happen() -> None:
    before = at("2027-03-27T12:00:00")
    assert next_s("cron(30 2 * * ? *)", "Europe/Berlin", before, before) == at("2027-03-29T00:30:00")


@pytest.mark.parametrize(
    ("expression", "zone"),
    [
        ("tomorrow", "UTC"),
        ("at(2026-11-24)", "UTC"),
        ("rate(0 minutes)", "UTC"),
        ("rate(5 seconds)", "UTC"),
        ("cron(* * * * * *)", "UTC"),
        ("cron(* * * ? *)", "UTC"),
        ("cron(61 * * * ? *)", "UTC"),
        ("cron(0 0 L * ? *)", "UTC"),
        ("cron(0/0 * * * ? *)", "UTC"),
        ("at(2026-11-24T04:10:00)", "Mars/Olympus"),
    ],
)
def test_what_is_no_schedule_is_refused(expression, zone) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - each has its own words
        next_s(expression, zone, NOW, NOW)


def schedule(name="one", expression="at(2026-11-24T04:10:00)", *, once=True, group="default") -> Schedule:
    return Schedule(group, name, expression, "UTC", "f", b"{}", None, once)


def test_a_one_time_schedule_fires_once_and_may_be_set_again() -> None:
    schedules = Schedules()
    schedules.add(schedule(), NOW)
    with pytest.raises(Taken):
        schedules.add(schedule(), NOW)
    assert schedules.next_s() == at("2026-11-24T04:10:00")
    assert schedules.fire(NOW) == []
    assert schedules.fire(NOW + 600) == [schedule()]
    assert schedules.fire(NOW + 601) == []
    with pytest.raises(Unknown):
        schedules.get("default", "one")
    schedules.add(schedule(), NOW + 602)
    assert schedules.fire(NOW + 602) == [schedule()]  # what lies behind fires at once


def test_one_that_is_not_deleted_stays_and_fires_no_more() -> None:
    schedules = Schedules()
    schedules.add(schedule(once=False), NOW)
    assert len(schedules.fire(NOW + 600)) == 1
    assert schedules.fire(NOW + 9000) == []
    assert schedules.get("default", "one")
    assert schedules.next_s() is None


def test_a_rate_makes_up_for_no_missed_times() -> None:
    schedules = Schedules()
    schedules.add(schedule(expression="rate(1 minute)"), NOW)
    assert len(schedules.fire(NOW + 200)) == 1
    assert schedules.next_s() == NOW + 240


def test_names_and_groups_are_checked() -> None:
    with pytest.raises(Unknown):
        Schedules().add(schedule(group="nobodys"), NOW)
    with pytest.raises(ValueError, match="no name"):
        Schedules().add(schedule(name="a/b"), NOW)


def called(answers, rules: Rules):
    """What a function was sent, how long was waited, and what its queue was told."""
    waited, sent, calls, left = [], [], [], list(answers)
    now = [NOW]

    async def invoke(name, event):
        calls.append(event)
        return left.pop(0)

    async def send(arn, message):
        sent.append((arn, message))

    async def sleep(seconds):
        waited.append(seconds)
        now[0] += seconds

    function = SimpleNamespace(name="f", arn="arn:f")
    asyncio.run(Asynchronous({"f": rules}, invoke, send, lambda: now[0], sleep).call(function, b'{"a":1}'))
    return len(calls), waited, sent


GOOD, BAD = Answer(b"{}"), failure("ValueError", "no")


def test_a_failed_call_is_tried_twice_more() -> None:
    assert called([BAD, BAD, GOOD], Rules(on_failure="arn:q")) == (3, [60.0, 120.0], [])


def test_one_that_fails_for_good_is_told_to_its_queue() -> None:
    calls, _, ((queue, told),) = called([BAD] * 3, Rules(on_failure="arn:q"))
    assert (calls, queue, told["requestPayload"]) == (3, "arn:q", {"a": 1})
    assert told["requestContext"]["condition"] == "RetriesExhausted"
    assert told["responsePayload"]["errorMessage"] == "no"


def test_one_that_has_become_too_old_is_not_tried_again() -> None:
    calls, _, ((_, told),) = called([BAD, BAD], Rules(max_age_s=100.0, on_failure="arn:q"))
    assert calls == 2
    assert told["requestContext"]["condition"] == "EventAgeExceeded"


def test_without_a_queue_it_is_given_up_in_silence() -> None:
    assert called([BAD], Rules(retries=0)) == (1, [], [])
