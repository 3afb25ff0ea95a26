"""EventBridge Scheduler on the laptop: fires what is due by the laptop's clock."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

import orjson

from local.functions import Function
from local.logs import Log
from local.template.stacks import Stack
from local.timers.asynchronous import Asynchronous
from local.timers.schedules import Schedule, Schedules, Unknown
from local.trouble import Trouble
from telemetry.clock import machine_s, now_s

Spawn = Callable[[Coroutine[Any, Any, None]], None]
GROUP, SCHEDULE = "AWS::Scheduler::ScheduleGroup", "AWS::Scheduler::Schedule"


class Timers:
    """functions: by name."""

    def __init__(
        self, functions: Mapping[str, Function], calls: Asynchronous, spawn: Spawn, log: Log
    ) -> None:
        self._functions, self._calls, self._spawn, self._log = functions, calls, spawn, log
        self._schedules, self._changed = Schedules(), asyncio.Event()

    def take(self, stack: Stack) -> None:
        """The groups and schedules of a template. Raises Trouble."""
        for logical in stack.of_type(GROUP):
            self._schedules.groups.add(str(stack.resolver.ref(logical, logical)))
        for logical in stack.of_type(SCHEDULE):
            at = f"{stack.source}: Resources.{logical}"
            properties = stack.resolver.properties(logical)
            if properties.get("State") == "DISABLED":
                continue
            try:
                self.add(str(stack.resolver.ref(logical, at)), properties)
            except (ValueError, KeyError, Unknown) as error:
                raise Trouble(f"{at}: the laptop runtime cannot take this schedule: {error}.") from None

    def add(self, name: str, said: Mapping[str, Any]) -> Schedule:
        """said: as CreateSchedule's body. Raises Taken, Unknown, ValueError, KeyError."""
        target = said["Target"]
        if ":lambda:" not in target["Arn"]:
            raise ValueError(f"{target['Arn']} is not a function, and the laptop runtime calls nothing else")
        schedule = Schedule(
            group=said.get("GroupName", "default"),
            name=name,
            expression=said["ScheduleExpression"],
            zone=said.get("ScheduleExpressionTimezone", "UTC"),
            function=target["Arn"].partition(":function:")[2].partition(":")[0],
            payload=str(target.get("Input", "{}")).encode(),
            dead_letters=target.get("DeadLetterConfig", {}).get("Arn"),
            once=said.get("ActionAfterCompletion") == "DELETE",
        )
        orjson.loads(schedule.payload)
        self._schedules.add(schedule, now_s())
        self._changed.set()
        return schedule

    def get(self, group: str, name: str) -> Schedule:
        """Raises Unknown."""
        return self._schedules.get(group, name)

    def remove(self, group: str, name: str) -> None:
        """Raises Unknown."""
        self._schedules.remove(group, name)

    async def run(self) -> None:
        """Until it is cancelled."""
        while True:
            for schedule in self._schedules.fire(now_s()):
                self._spawn(self._fire(schedule))
            due_s = self._schedules.next_s()
            self._changed.clear()
            try:
                wait_s = None if due_s is None else max(machine_s(due_s - now_s()), 0.001)
                await asyncio.wait_for(self._changed.wait(), wait_s)
            except TimeoutError:
                continue

    async def _fire(self, schedule: Schedule) -> None:
        function = self._functions.get(schedule.function)
        if function is not None:
            await self._calls.call(function, schedule.payload)
            return
        self._log.say("timers", f"{schedule.name}: there is no function {schedule.function}", "ERROR")
        if schedule.dead_letters:
            await self._calls.send(schedule.dead_letters, orjson.loads(schedule.payload))
