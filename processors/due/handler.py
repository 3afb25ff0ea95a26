"""The trips table's stream → a timer for each mark of an ended trip."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from aws_lambda_powertools import Logger

from processors.due.due import Due, Log
from storage.timers import Schedules
from telemetry.clock import now_s
from telemetry.settings import required

log = Logger()


@dataclass(frozen=True, slots=True)
class Settings:
    schedules: Schedules
    grace_s: float

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Settings:
        schedules = Schedules.of(env, "TIMERS", "SETTLE", "TIMER_ROLE", "UNSETTLED")
        return cls(schedules, float(required(env, "GRACE_SECONDS")))


@cache
def wire(log: Log) -> Due:
    settings = Settings.from_env(os.environ)
    return Due(settings.schedules.timers(), settings.grace_s, now_s, log)


@log.inject_lambda_context
def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    failed = wire(log).set_timers(event["Records"])
    return {"batchItemFailures": [{"itemIdentifier": sequence} for sequence in failed]}
