"""Something to be done once, later: EventBridge Scheduler's one-time schedules."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from math import ceil
from typing import TYPE_CHECKING, Any, Protocol

import orjson
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from mypy_boto3_scheduler import EventBridgeSchedulerClient

MAX_AGE_S = 86_400
MAX_RETRIES = 185  # Scheduler's own most


class Timers(Protocol):
    def set(self, name: str, at: float, event: Mapping[str, Any]) -> None:
        """Have the target called with `event` at `at` [s, Unix] or soon after, at least once.

        name: at most 64 letters, digits, - _ and . ; one that is set already stays as it is.
        """


class SchedulerTimers:
    """target, role, dead_letters: ARNs of the function, of the role that may call it, and of the queue for
    calls that could not be made within a day.
    """

    def __init__(
        self, scheduler: EventBridgeSchedulerClient, group: str, target: str, role: str, dead_letters: str
    ) -> None:
        self._scheduler, self._group = scheduler, group
        self._target, self._role, self._dead_letters = target, role, dead_letters

    def set(self, name: str, at: float, event: Mapping[str, Any]) -> None:
        moment = datetime.fromtimestamp(ceil(at), UTC)
        try:
            self._scheduler.create_schedule(
                GroupName=self._group,
                Name=name,
                ScheduleExpression=f"at({moment:%Y-%m-%dT%H:%M:%S})",
                ScheduleExpressionTimezone="UTC",
                FlexibleTimeWindow={"Mode": "OFF"},
                ActionAfterCompletion="DELETE",
                Target={
                    "Arn": self._target,
                    "RoleArn": self._role,
                    "Input": orjson.dumps(event).decode(),
                    "RetryPolicy": {
                        "MaximumEventAgeInSeconds": MAX_AGE_S,
                        "MaximumRetryAttempts": MAX_RETRIES,
                    },
                    "DeadLetterConfig": {"Arn": self._dead_letters},
                },
            )
        except ClientError as error:
            if error.response["Error"]["Code"] != "ConflictException":
                raise
