"""Timers off the tasks table's stream: one for each thing that time brings about, however often told."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from unittest.mock import Mock

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from stacks.tasks.timers.timers import AHEAD_S, GRACE_MS, Setter
from storage.items import pack, transaction_lost
from storage.tasks import line_of_image
from storage.tasks.rows import line_row, task_row, trip_row
from storage.timers import SchedulerTimers, Schedules
from telemetry.names import LAST_SECOND
from tests.contract.test_tasks_stores import T0, TASK, begun
from tests.fakes import FakeTimers
from tests.fakes_payouts import FakeLater

MADE = begun("tr_1")


class Log:
    def __init__(self) -> None:
        self.said: list[str] = []

    def exception(self, msg: str) -> None:
        self.said.append(msg)


def record(row, sequence="1"):
    return {"eventName": "INSERT", "dynamodb": {"NewImage": pack(row), "SequenceNumber": sequence}}


@pytest.fixture
def timers():
    return FakeTimers()


@pytest.fixture
def missed():
    return FakeLater()


@pytest.fixture
def setter(timers, missed):
    return Setter(timers, lambda: T0 / 1000, Log(), missed)


def test_a_task_s_opening_and_closing_get_timers_once(setter, timers) -> None:
    task = replace(TASK, opens_ms=T0 + 5000)
    assert setter.set_timers([record(task_row(task)), record(task_row(task))]) == []
    event = {"fleet": "demo", "task": "tk_1"}
    assert timers.set_at == {
        "tk_1-opens": (T0 / 1000 + 5, event | {"at_ms": T0 + 5000}),
        "tk_1-closes": (TASK.closes_ms / 1000, event | {"at_ms": TASK.closes_ms}),
    }


def test_a_task_that_is_open_at_once_has_only_its_closing(setter, timers) -> None:
    setter.set_timers([record(task_row(TASK))])
    assert list(timers.set_at) == ["tk_1-closes"]


def test_a_claim_expires_a_moment_after_its_start_window(setter, timers) -> None:
    setter.set_timers([record(trip_row(MADE.trip))])
    at_ms = MADE.trip.start_until_ms + GRACE_MS
    assert timers.set_at == {
        "tr_1-expires": (at_ms / 1000, {"fleet": "demo", "trip": "tr_1", "at_ms": at_ms})
    }


def test_what_was_due_long_ago_is_due_now(timers) -> None:
    late = MADE.trip.start_until_ms / 1000 + 3600
    Setter(timers, lambda: late, Log(), FakeLater()).set_timers([record(trip_row(MADE.trip))])
    assert timers.set_at["tr_1-expires"][0] == late + AHEAD_S


def test_a_timer_that_cannot_be_set_has_its_record_delivered_again(setter, timers) -> None:
    timers.error = ClientError({"Error": {"Code": "ThrottlingException"}}, "CreateSchedule")
    assert setter.set_timers([record(task_row(TASK), "7"), record(trip_row(MADE.trip), "8")]) == ["7", "8"]
    timers.error = None
    assert setter.set_timers([record(task_row(TASK), "7")]) == []


def test_a_timer_that_can_never_be_set_holds_up_no_other(missed) -> None:
    """A task may end with the year 9999: its claims expire a minute later, when there is no date any more."""
    names: list[str] = []
    scheduler = SimpleNamespace(create_schedule=lambda **it: names.append(it["Name"]))
    timers = SchedulerTimers(scheduler, Schedules("group", "target", "role", "queue"))
    last = replace(MADE.trip, trip="tr_9", start_until_ms=LAST_SECOND * 1000)
    records = [record(trip_row(last), "7"), record(trip_row(MADE.trip), "8")]
    assert Setter(timers, lambda: T0 / 1000, Log(), missed).set_timers(records) == []
    assert names == ["tr_1-expires"]
    (told,) = missed.sent
    assert (told["fleet"], told["item"]) == ("demo", "tr_9")


def test_what_scheduler_refuses_for_good_is_left_to_people_unless_nobody_can_be_told(
    setter, timers, missed
) -> None:
    timers.error = ClientError({"Error": {"Code": "ValidationException"}}, "CreateSchedule")
    assert setter.set_timers([record(task_row(TASK), "7")]) == []
    assert [it["item"] for it in missed.sent] == ["tk_1"]
    missed.send = Mock(side_effect=EndpointConnectionError(endpoint_url="sqs"))
    assert setter.set_timers([record(task_row(TASK), "7")]) == ["7"]


def test_a_line_comes_back_from_the_stream() -> None:
    assert line_of_image(pack(line_row("demo", MADE.line))) == MADE.line


@pytest.mark.parametrize(
    ("codes", "lost"),
    [
        (["None", "ConditionalCheckFailed"], True),
        (["TransactionConflict", "None"], True),
        (["ThrottlingError", "ConditionalCheckFailed"], True),
        (["ValidationError", "ConditionalCheckFailed"], False),
    ],
)
def test_a_transaction_that_lost_or_was_throttled_is_tried_again_and_no_other(codes, lost) -> None:
    said = {"Error": {"Code": "TransactionCanceledException"}}
    reasons = {"CancellationReasons": [{"Code": code} for code in codes]}
    assert transaction_lost(ClientError(said | reasons, "TransactWriteItems")) is lost
