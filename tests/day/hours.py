"""The stack's clock, as the day's people read it."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass

from cli import run_state
from telemetry.clock import Course


@dataclass(frozen=True, slots=True)
class Hours:
    course: Course

    @classmethod
    def of(cls, base: str) -> Hours:
        return cls(Course.parse(run_state.read(run_state.port_of(base)).clock))

    def now(self) -> float:
        """Unix seconds."""
        return self.course.now_s(time.time())

    async def wait(self, seconds: float) -> None:
        await asyncio.sleep(max(seconds, 0) / self.course.times)

    async def until(self, at: float) -> None:
        await self.wait(at - self.now())
