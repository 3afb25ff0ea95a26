"""The trips table's stream → a timer for each mark of an ended trip."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from aws_lambda_powertools import Logger

from processors.due.due import Due, Log
from storage.aws import client
from storage.timers import SchedulerTimers
from telemetry.clock import now_s
from telemetry.settings import required

log = Logger()


@dataclass(frozen=True, slots=True)
class Settings:
    """target, role, dead_letters: ARNs, as storage.timers has them."""

    group: str
    target: str
    role: str
    dead_letters: str
    grace_s: float

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Settings:
        return cls(
            group=required(env, "TIMERS"),
            target=required(env, "SETTLE"),
            role=required(env, "TIMER_ROLE"),
            dead_letters=required(env, "UNSETTLED"),
            grace_s=float(required(env, "GRACE_SECONDS")),
        )


@cache
def wire(log: Log) -> Due:
    settings = Settings.from_env(os.environ)
    timers = SchedulerTimers(
        client("scheduler", attempts=4), settings.group, settings.target, settings.role, settings.dead_letters
    )
    return Due(timers, settings.grace_s, now_s, log)


@log.inject_lambda_context
def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    failed = wire(log).set_timers(event["Records"])
    return {"batchItemFailures": [{"itemIdentifier": sequence} for sequence in failed]}
