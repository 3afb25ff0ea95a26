"""The clock: the machine's, or on a laptop one that runs faster from the start on."""

from __future__ import annotations

import asyncio
import json
import time

import pytest

from cli import run_state
from cli.replay.pace import Pace, Timeline
from local.settings import Settings
from local.trouble import Trouble
from local.worker.environment import told
from telemetry.clock import Course, machine_s, now_s, use


@pytest.fixture
def fast():
    """A minute a second, from now on."""
    course = Course(time.time(), 60.0)
    use(course)
    yield course
    use(Course())


def test_without_a_course_it_is_the_machines() -> None:
    assert abs(now_s() - time.time()) < 0.1
    assert machine_s(5.0) == 5.0
    assert Course().now_s(1795492800.123456) == 1795492800.123456


def test_it_begins_at_the_machines_time_and_runs_on(fast) -> None:
    assert fast.now_s(fast.since) == fast.since
    assert fast.now_s(fast.since + 10) == fast.since + 600
    assert now_s() - time.time() >= 0
    assert machine_s(120.0) == 2.0


def test_a_child_is_told_exactly_how_it_runs(fast) -> None:
    assert Course.parse(told(fast)["MILEPOST_CLOCK"]) == fast
    assert told(Course()) == {}


@pytest.mark.parametrize(("text", "times"), [("", 1.0), ("1x", 1.0), ("60x", 60.0), ("2.5x", 2.5)])
def test_clock_is_a_setting(tmp_path, text, times) -> None:
    assert Settings.from_env({"CLOCK": text}, tmp_path, colour=False).times == times


@pytest.mark.parametrize("text", ["60", "0x", "0.5x", "-1x", "fast", "9999x", "1e3x", "nanx"])
def test_a_clock_that_cannot_be_is_refused(tmp_path, text) -> None:
    with pytest.raises(Trouble, match="CLOCK"):
        Settings.from_env({"CLOCK": text}, tmp_path, colour=False)


def test_the_command_follows_the_laptops_stack_and_no_other(fast, tmp_path) -> None:
    state = {
        "base": "http://127.0.0.1:8099", "aws_endpoint": "", "region": "", "stage": "", "signing_keys": "",
        "fleet": "demo", "clock": str(Course(fast.since, 7.0)),
    }  # fmt: skip
    (tmp_path / "8099.json").write_text(json.dumps(state))
    run_state.keep_time("https://example.com:8099", tmp_path)
    assert machine_s(120.0) == 2.0
    run_state.keep_time("http://127.0.0.1:8098", tmp_path)  # nobody runs there
    assert machine_s(120.0) == 2.0
    run_state.keep_time("http://127.0.0.1:8099", tmp_path)
    assert machine_s(70.0) == 10.0


def test_a_replay_waits_by_the_clock(fast) -> None:
    waited = []

    async def sleep(seconds):
        waited.append(seconds)

    asyncio.run(Timeline(Pace(1), 1000.0, 5000.0, lambda: 5000.0, sleep).until(1120.0))
    assert waited == [2.0]
