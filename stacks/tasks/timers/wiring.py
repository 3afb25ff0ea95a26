from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from stacks.tasks.timers.timers import Log, Setter
from storage.aws import client
from storage.later import SqsLater
from storage.timers import Schedules
from telemetry.clock import now_s
from telemetry.settings import required


@dataclass(frozen=True, slots=True)
class Settings:
    """missed: the address of the queue MISSED."""

    schedules: Schedules
    missed: str

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Settings:
        schedules = Schedules.of(env, "TIMERS", "CLOCK", "TIMER_ROLE", "MISSED")
        return cls(schedules, required(env, "MISSED_QUEUE"))


def build(env: Mapping[str, str], log: Log) -> Setter:
    settings = Settings.from_env(env)
    return Setter(
        settings.schedules.timers(), now_s, log, SqsLater(client("sqs", attempts=4), settings.missed)
    )
