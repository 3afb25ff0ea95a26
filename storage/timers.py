"""Something to be done later, once or again and again: EventBridge Scheduler's schedules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from math import ceil
from typing import TYPE_CHECKING, Any, Literal, Protocol

import orjson
from botocore.exceptions import ClientError

from storage.aws import client
from telemetry.settings import required

if TYPE_CHECKING:
    from mypy_boto3_scheduler import EventBridgeSchedulerClient

SCHEDULED = "<aws.scheduler.scheduled-time>"
"""What Scheduler puts the time in place of."""
MAX_AGE_S = 86_400
MAX_RETRIES = 185  # Scheduler's own most


class Timers(Protocol):
    def set(self, name: str, at: float, event: Mapping[str, Any]) -> None:
        """Have the target called with `event` at `at` [s, Unix] or soon after, at least once.

        name: at most 64 letters, digits, - _ and . ; one that is set already stays as it is.
        """

    def repeat(self, name: str, cron: str, zone: str, event: Mapping[str, Any]) -> None:
        """Have the target called at each time of `cron`, Scheduler's cron(…), in the time zone `zone`: with
        `event` and `at`, the time that it is called for (ISO 8601, UTC), at least once each.
        """

    def cancel(self, name: str) -> None:
        """Where it is set."""


@dataclass(frozen=True, slots=True)
class Schedules:
    """A group of schedules, by name, and ARNs: of the function that they call, of the role that may, and of
    the queue for calls that could not be made within a day.
    """

    group: str
    target: str
    role: str
    dead_letters: str

    @classmethod
    def of(cls, env: Mapping[str, str], *names: str) -> Schedules:
        """names: of the four settings, in their order."""
        return cls(*(required(env, name) for name in names))

    def timers(self) -> SchedulerTimers:
        return SchedulerTimers(client("scheduler", attempts=4), self)


class SchedulerTimers:
    def __init__(self, scheduler: EventBridgeSchedulerClient, schedules: Schedules) -> None:
        self._scheduler, self._schedules = scheduler, schedules

    def set(self, name: str, at: float, event: Mapping[str, Any]) -> None:
        moment = datetime.fromtimestamp(ceil(at), UTC)
        self._create(name, f"at({moment:%Y-%m-%dT%H:%M:%S})", "UTC", event, "DELETE")

    def repeat(self, name: str, cron: str, zone: str, event: Mapping[str, Any]) -> None:
        self._create(name, cron, zone, {**event, "at": SCHEDULED}, "NONE")

    def cancel(self, name: str) -> None:
        try:
            self._scheduler.delete_schedule(GroupName=self._schedules.group, Name=name)
        except ClientError as error:
            if error.response["Error"]["Code"] != "ResourceNotFoundException":
                raise

    def _create(
        self, name: str, when: str, zone: str, event: Mapping[str, Any], after: Literal["DELETE", "NONE"]
    ) -> None:
        try:
            self._scheduler.create_schedule(
                GroupName=self._schedules.group,
                Name=name,
                ScheduleExpression=when,
                ScheduleExpressionTimezone=zone,
                FlexibleTimeWindow={"Mode": "OFF"},
                ActionAfterCompletion=after,
                Target={
                    "Arn": self._schedules.target,
                    "RoleArn": self._schedules.role,
                    "Input": orjson.dumps(event).decode(),
                    "RetryPolicy": {
                        "MaximumEventAgeInSeconds": MAX_AGE_S,
                        "MaximumRetryAttempts": MAX_RETRIES,
                    },
                    "DeadLetterConfig": {"Arn": self._schedules.dead_letters},
                },
            )
        except ClientError as error:
            if error.response["Error"]["Code"] != "ConflictException":
                raise
