"""What an invocation gives, and what keeps a worker from taking one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import orjson


@dataclass(frozen=True, slots=True)
class Answer:
    """The handler's JSON; or, when it failed, AWS's error document."""

    payload: bytes
    failed: bool = False

    @property
    def reason(self) -> str:
        """Kind and message of a failure."""
        said = orjson.loads(self.payload or b"{}")
        return f"{said.get('errorType') or 'Error'}: {said.get('errorMessage', '')}".rstrip()


Invoke = Callable[[str, bytes], Awaitable[Answer]]
"""Runs the function of this name with this event."""


class NotReached(Exception):
    """The function was not invoked (throttled), or whoever invoked it lost its answer."""


def failure(kind: str, message: str) -> Answer:
    return Answer(orjson.dumps({"errorType": kind, "errorMessage": message}), failed=True)


class InitError(Exception):
    """The worker ended before it took its first event; `answer` is what the invocations get."""

    def __init__(self, answer: Answer, said: Sequence[str] | None) -> None:
        super().__init__(answer.reason)
        self.answer = answer
        # What awslambdaric says of every failed start tells nothing.
        self.said = [line for line in said or () if "LAMBDA_WARNING" not in line]
