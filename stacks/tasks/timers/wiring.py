from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from stacks.tasks.timers.timers import Log, Setter
from storage.aws import client
from storage.later import SqsLater
from storage.timers import SchedulerTimers
from telemetry.clock import now_s
from telemetry.settings import required


@dataclass(frozen=True, slots=True)
class Settings:
    """target, role, dead_letters: ARNs, as storage.timers has them; missed: the address of the latter."""

    group: str
    target: str
    role: str
    dead_letters: str
    missed: str

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Settings:
        return cls(
            group=required(env, "TIMERS"),
            target=required(env, "CLOCK"),
            role=required(env, "TIMER_ROLE"),
            dead_letters=required(env, "MISSED"),
            missed=required(env, "MISSED_QUEUE"),
        )


def build(env: Mapping[str, str], log: Log) -> Setter:
    settings = Settings.from_env(env)
    scheduler = client("scheduler", attempts=4)
    timers = SchedulerTimers(scheduler, settings.group, settings.target, settings.role, settings.dead_letters)
    return Setter(timers, now_s, log, SqsLater(client("sqs", attempts=4), settings.missed))
