"""Functions invoked as Lambda invokes them: requests, and the time that is billed."""

from __future__ import annotations

import importlib
import math
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from cli.cost.assumptions import Assumptions
from cli.cost.cloud.meter import CannotMeasure
from cli.cost.cloud.seam import Seam

Handler = Callable[[dict[str, Any], Any], Any]


@dataclass
class Invoker:
    """Invokes handlers and puts invocations, CPU, waiting and GB-seconds on the meter.

    call_cpu_s: CPU of one call's way through a socket, which the seam leaves out.
    """

    seam: Seam
    assumed: Assumptions
    memory_mb: Mapping[str, int]
    handlers: Mapping[str, Handler]
    call_cpu_s: float

    def __call__(self, name: str, event: dict[str, Any]) -> Any:
        """What the function answers. Raises CannotMeasure."""
        self.seam.take_calls()
        own, began = self.seam.own_s, time.process_time()
        try:
            answer = self.handlers[name](event, _context(name, self.memory_mb[name]))
        finally:
            if self.seam.trouble:
                raise CannotMeasure(f"{name}: {self.seam.trouble}") from self.seam.trouble
        cpu = time.process_time() - began - (self.seam.own_s - own)
        calls = self.seam.take_calls()
        cpu += self.call_cpu_s * sum(map(len, calls.values()))
        self._count(name, cpu, self._waited(calls))
        return answer

    def _waited(self, calls: Mapping[int, list[tuple[str, str]]]) -> float:
        """Threads wait side by side; the one that calls them, before or after."""
        waits = {thread: sum(self.assumed.wait_s(*call) for call in made) for thread, made in calls.items()}
        main = waits.pop(threading.get_ident(), 0.0)
        return main + max(waits.values(), default=0.0)

    def _count(self, name: str, cpu_s: float, wait_s: float) -> None:
        meter, memory = self.seam.cloud.meter, self.memory_mb[name]
        slow = max(self.assumed.full_cpu_mb / memory, 1.0)
        billed_s = math.ceil((cpu_s * slow + wait_s) * 1000) / 1000
        meter.add(f"lambda.invocations.{name}")
        meter.add(f"lambda.cpu_s.{name}", cpu_s)
        meter.add(f"lambda.wait_s.{name}", wait_s)
        meter.add(f"lambda.gb_s.{name}", billed_s * memory / 1024)


def load(handler: str) -> Handler:
    """handler: as the template names it."""
    module, _, name = handler.rpartition(".")
    found: Handler = getattr(importlib.import_module(module), name)
    return found


def _context(name: str, memory_mb: int) -> Any:
    return SimpleNamespace(
        function_name=name,
        memory_limit_in_mb=memory_mb,
        invoked_function_arn=f"arn:x:lambda:x:x:function:{name}",
        aws_request_id="0",
    )
