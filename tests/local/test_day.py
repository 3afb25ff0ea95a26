"""A short day of six couriers, in which everybody gets into trouble; and each check finds what it is for."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest

from tests.day.cast import Size
from tests.day.check import CHECKS, check
from tests.day.run import Day, State, play

HOURS, COURIERS, SEED = 0.55, 6, 3


@pytest.fixture(scope="module")
def day() -> Day:
    return play(Size.of(HOURS, COURIERS, SEED), State())


def test_everything_is_as_it_should_be_when_the_day_is_over(day) -> None:
    assert {it.check: it.broken for it in check(day) if it.broken} == {}
    assert len(day.world.truth) >= len(day.world.size.parts)


def _paid(day: Day) -> str:
    return next(trip for trip, it in day.seen.trips.items() if it["state"] == "paid")


def _alert(day: Day) -> str:
    return next(iter(day.seen.alerts))


def _of(day: Day, part: str) -> str:
    return next(trip for trip, it in day.world.truth.items() if it.part == part)


def unfinished(day: Day) -> None:
    day.unfinished.append("mei: she did not come home")


def another_end(day: Day) -> None:
    day.seen.trips[_paid(day)]["state"] = "approved"


def a_line_is_gone(day: Day) -> None:
    del day.seen.audits[_paid(day)][1]


def never_paused(day: Day) -> None:
    for lines in day.seen.audits.values():
        lines[:] = [line for line in lines if line["action"] != "pause"]


def a_winner_too_many(day: Day) -> None:
    released = next(it for it in day.seen.trips.values() if it["state"] == "released")
    released["state"] = "paid"


def a_hand_full(day: Day) -> None:
    mine = [it for it in day.seen.trips if day.seen.trips[it]["courier"] == "day-001"]
    for trip in mine:
        del day.seen.audits[trip][1:]


def a_quarter_is_missing(day: Day) -> None:
    named = [it for it in day.seen.tasks.values() if it["title"] == "Every quarter"]
    for task in named[1:]:
        task["title"] = "Another"


def a_ping_is_lost(day: Day) -> None:
    held = day.seen.stored.chunks[f"demo/{_paid(day)}"]
    gone = next(iter(held))
    del held[gone]
    for tails in day.seen.stored.tails.values():
        tails.pop(gone, None)


def a_cent_too_much(day: Day) -> None:
    day.seen.bonuses[_paid(day)]["calculation"]["lines"][0]["amount"] = "99.99"


def half_was_ridden(day: Day) -> None:
    day.world.truth[next(t for t, it in day.world.truth.items() if it.end == "paid")].along_m /= 2


def nobody_was_late(day: Day) -> None:
    for shown in day.seen.bonuses.values():
        made = shown["calculation"] or {"lines": []}
        made["lines"] = [line for line in made["lines"] if line["rule"] != "late"]


def paid_twice(day: Day) -> None:
    day.seen.payouts[0]["lines"].append(day.seen.payouts[0]["lines"][0])


def it_did_not_stray(day: Day) -> None:
    trip = _of(day, "strays")
    for name in [n for n, it in day.seen.alerts.items() if (it["trip"], it["kind"]) == (trip, "off_route")]:
        del day.seen.alerts[name]


def an_alert_is_open(day: Day) -> None:
    day.seen.alerts[_alert(day)] |= {"state": "open", "closed_at": None}


def untold(day: Day) -> None:
    del day.viewer.events[f"{_alert(day)}/raised"]


def signed_by_another(day: Day) -> None:
    day.receiver.deliveries[-1].signature = "v1,bm8="


def a_letter_is_left(day: Day) -> None:
    day.seen.queues[next(iter(day.seen.queues))] += 1


PLANTED: dict[str, Callable[[Any], None]] = {
    "everybody got through the day": unfinished,
    "each trip came to the end that was meant for it": another_end,
    "audits have no gap, and each step was allowed": a_line_is_gone,
    "each step of a trip's life was taken": never_paused,
    "each task's places are as many as its winners": a_winner_too_many,
    "no courier held too much, or rode two trips at once": a_hand_full,
    "the schedule made one task a quarter of an hour": a_quarter_is_missing,
    "every acknowledged ping is stored once, and counts": a_ping_is_lost,
    "each bonus is what comes of its terms and facts": a_cent_too_much,
    "each bonus agrees with the ride": half_was_ridden,
    "each rule of a bonus paid or took something": nobody_was_late,
    "each approved trip was paid once": paid_twice,
    "each kind of alert was raised where it was due": it_did_not_stray,
    "each alert was raised once and closed once": an_alert_is_open,
    "the live stream told of each alert and each step once": untold,
    "the webhook got each alert, signed": signed_by_another,
    "nothing is left in a queue": a_letter_is_left,
}


@pytest.mark.parametrize("name", CHECKS)
def test_a_defect_is_found(day, name) -> None:
    world = replace(day.world, truth=deepcopy(day.world.truth))
    worse = replace(
        day, world=world, seen=deepcopy(day.seen), receiver=deepcopy(day.receiver),
        viewer=replace(day.viewer, events=dict(day.viewer.events)), unfinished=list(day.unfinished),
    )  # fmt: skip
    PLANTED[name](worse)
    assert list(CHECKS[name](worse)), name


def test_a_finish_that_nobody_was_told_of_is_found(day) -> None:
    worse = replace(day, seen=deepcopy(day.seen))
    name, told = next(it for it in worse.seen.alerts.items() if it[1]["kind"] == "finished")
    del worse.seen.alerts[name]
    found = list(CHECKS["each kind of alert was raised where it was due"](worse))
    assert found == [f"{told['trip']} was finished, and nobody was told"]
