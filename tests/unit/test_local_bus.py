"""The laptop's EventBridge: which rule takes an event, and what becomes of it when its target does not."""

from __future__ import annotations

import asyncio
import json

import pytest

from local.aws import AwsError
from local.bus.bus import Bus, NotThere, TooMuch
from local.bus.rules import Rule, Target
from local.template.attributes import Place

NOW = 1_795_492_800.0
ENTRY = {"EventBusName": "ours", "Source": "milepost.tasks", "DetailType": "alert.raised", "Detail": "{}"}
REFUSED = AwsError("SendMessage", "ServiceUnavailable", "no")


class World:
    """answers: of deliveries to anything but the dead-letter queue; None takes the event."""

    def __init__(self, *targets: Target, pattern=None, answers=()) -> None:
        self.now, self.answers, self.delivered, self.waited = NOW, list(answers), [], []
        self.work, self.said = [], []
        place = Place("aws", "us-east-1", "000000000000")
        self.bus = Bus(place, self.deliver, self.work.append, lambda: self.now, self.sleep, self)
        self.bus._buses.add("ours")
        self.bus._rules.append(Rule("rule", "ours", pattern or {"source": ["milepost.tasks"]}, targets))

    def say(self, *said) -> None:
        self.said.append(said)

    async def deliver(self, arn, event) -> None:
        answer = self.answers.pop(0) if self.answers and arn != "dead" else None
        if answer:
            raise answer
        self.delivered.append((arn, event))

    async def sleep(self, seconds) -> None:
        self.waited.append(seconds)
        self.now += seconds

    def put(self, *entries):
        results = self.bus.put(entries)

        async def run() -> None:
            work, self.work[:] = list(self.work), []
            await asyncio.gather(*work)

        asyncio.run(run())
        return results


def test_an_event_goes_to_each_target_of_a_rule_that_fits() -> None:
    world = World(Target("q1"), Target("q2"), pattern={"detail-type": [{"prefix": "alert."}]})
    (result,) = world.put(ENTRY | {"Detail": json.dumps({"id": "al_1"}), "Time": NOW + 5})
    assert [arn for arn, _ in world.delivered] == ["q1", "q2"]
    event = world.delivered[0][1]
    assert event["id"] == result["EventId"]
    assert event["time"] == "2026-11-24T04:00:05Z"
    assert (event["detail-type"], event["source"], event["detail"]) == (
        "alert.raised", "milepost.tasks", {"id": "al_1"},
    )  # fmt: skip
    assert world.put(ENTRY | {"DetailType": "trip.started"})[0]["EventId"]
    assert len(world.delivered) == 2


def test_another_bus_hears_nothing() -> None:
    world = World(Target("q1"))
    assert "EventId" in world.put({**ENTRY, "EventBusName": "default"})[0]
    assert "EventId" in world.put({**ENTRY, "EventBusName": "arn:aws:events:r:a:event-bus/ours"})[0]
    assert len(world.delivered) == 1


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"Detail": "{"}, "MalformedDetail"),
        ({"Detail": "[]"}, "MalformedDetail"),
        ({"Source": ""}, "InvalidArgument"),
        ({"EventBusName": "nobodys"}, "InvalidArgument"),
    ],
)
def test_an_entry_fails_alone(change, code) -> None:
    world = World(Target("q1"))
    good, bad = world.put(ENTRY, ENTRY | change)
    assert ("EventId" in good, bad["ErrorCode"]) == (True, code)
    assert len(world.delivered) == 1


def test_a_call_carries_so_much_and_no_more() -> None:
    world = World(Target("q1"))
    for entries in ([], [ENTRY] * 11, [ENTRY | {"Detail": json.dumps({"x": "x" * 262_144})}]):
        with pytest.raises(TooMuch):
            world.bus.put(entries)


def test_what_a_target_refuses_is_tried_again_with_growing_waits() -> None:
    world = World(Target("q1"), answers=[REFUSED, TimeoutError(), REFUSED])
    world.put(ENTRY)
    assert world.waited == [1.0, 2.0, 4.0]
    assert len(world.delivered) == 1


def test_what_was_tried_often_enough_goes_to_the_dead_letters() -> None:
    world = World(Target("q1", max_retries=2, dead_letters="dead"), answers=[REFUSED] * 9)
    world.put(ENTRY)
    assert len(world.waited) == 2
    assert [arn for arn, _ in world.delivered] == ["dead"]


def test_what_has_become_too_old_goes_there_too() -> None:
    world = World(Target("q1", max_age_s=60.0, dead_letters="dead"), answers=[REFUSED] * 99)
    world.put(ENTRY)
    assert world.now <= NOW + 60
    assert [arn for arn, _ in world.delivered] == ["dead"]


def test_a_target_that_is_not_there_is_not_tried_again() -> None:
    world = World(Target("q1", dead_letters="dead"), answers=[NotThere("q1")])
    world.put(ENTRY)
    assert world.waited == []
    assert [arn for arn, _ in world.delivered] == ["dead"]


def test_without_dead_letters_it_is_lost_and_said() -> None:
    world = World(Target("q1", max_retries=0), answers=[REFUSED])
    world.put(ENTRY)
    assert world.delivered == []
    assert "gave up an event for q1" in world.said[0][1]
