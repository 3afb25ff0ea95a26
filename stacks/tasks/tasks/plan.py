"""When a task is open, when its trips start, and whether that can be. Times [ms, Unix]."""

from __future__ import annotations

from dataclasses import dataclass

from geo.said import say
from stacks.tasks.tasks.shapes import NewTask
from telemetry.fields import wrong

HORIZON_MS = 400 * 86_400_000
"""A year and what people plan ahead of it: timers of a later time are more likely a mistake."""


@dataclass(frozen=True, slots=True)
class Plan:
    opens_ms: int
    closes_ms: int
    start_from_ms: int | None
    start_until_ms: int
    deadline_ms: int


def plan(new: NewTask, now_ms: int) -> Plan:
    """Without more than a deadline: claims from now on, until trips may start no more; starts until the
    deadline. Raises BadRequest, which names the field.
    """
    deadline = _ms(new.deadline)
    until = deadline if new.start_until is None else _ms(new.start_until)
    since = None if new.start_from is None else _ms(new.start_from)
    opens = now_ms if new.opens is None else _ms(new.opens)
    closes = until if new.closes is None else _ms(new.closes)
    if deadline <= now_ms:
        raise wrong("deadline", say("deadline-past", "must lie in the future; Unix seconds are expected"))
    if deadline > now_ms + HORIZON_MS:
        raise wrong(
            "deadline",
            say(
                "deadline-far",
                "lies more than 400 days ahead; Unix seconds, not milliseconds, are expected",
            ),
        )
    if until > deadline:
        raise wrong(
            "start_until",
            say(
                "start-until-after-deadline",
                "lies after the deadline; let the start window end at the deadline or before",
            ),
        )
    if until <= now_ms:
        raise wrong(
            "start_until",
            say("start-until-past", "must lie in the future, or no trip could start any more"),
        )
    if since is not None and since >= until:
        if new.start_until is None:
            late = say("start-from-after-deadline", "must lie before the deadline, or no trip could start")
        else:
            late = say("start-from-after-until", "must lie before start_until, or no trip could start")
        raise wrong("start_from", late)
    if closes <= opens:
        raise wrong(
            "closes",
            say("closes-before-opens", "must lie after the opening, or nobody could claim the task"),
        )
    if closes <= now_ms:
        raise wrong("closes", say("closes-past", "must lie in the future, or nobody could claim the task"))
    if closes > until:
        raise wrong(
            "closes",
            say(
                "closes-after-start-window",
                "lies after the start window; claims must end at start_until or before",
            ),
        )
    return Plan(opens, closes, since, until, deadline)


def _ms(seconds: float) -> int:
    return round(seconds * 1000)
