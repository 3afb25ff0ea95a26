"""Every check of a day, by what it claims: what was looked at, and what is not so."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tests.day import money, news, order
from tests.day.run import Day

Check = Callable[[Day], Iterator[str]]
"""Tells what is broken."""

CHECKS: dict[str, Check] = {
    "everybody got through the day": order.day,
    "each trip came to the end that was meant for it": order.ends,
    "audits have no gap, and each step was allowed": order.audits,
    "each step of a trip's life was taken": order.steps,
    "each task's places are as many as its winners": order.places,
    "no courier held too much, or rode two trips at once": order.couriers,
    "the schedule made one task a quarter of an hour": order.schedule,
    "every acknowledged ping is stored once, and counts": order.pings,
    "each bonus is what comes of its terms and facts": money.bonuses,
    "each bonus agrees with the ride": money.rides,
    "each rule of a bonus paid or took something": money.rules,
    "each approved trip was paid once": money.payouts,
    "each kind of alert was raised where it was due": news.kinds,
    "each alert was raised once and closed once": news.alerts,
    "the live stream told of each alert and each step once": news.live,
    "the webhook got each alert, signed": news.webhook,
    "nothing is left in a queue": news.queues,
}


@dataclass(frozen=True, slots=True)
class Verdict:
    check: str
    broken: tuple[str, ...]


def check(day: Day) -> list[Verdict]:
    return [Verdict(name, tuple(told(day))) for name, told in CHECKS.items()]
