"""What a live item's write costs in CPU: single conditional writes, the same from threads, and batches.

The laptop's DynamoDB answers from a process of its own, whose CPU is not counted.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from benchmarks.figures import line
from benchmarks.sizes import BEGAN_MS, pings
from cli import run_state
from cli.site import laptop
from local.child import stack
from storage.live import DynamoLive, Write
from telemetry.history import Sighted, Sightings, join
from telemetry.live import Live, Window
from telemetry.pings import Pings

COURIERS, ROUNDS, THREADS = 100, 5, 4


def item(courier: int, version: int) -> Live:
    """Of an ordinary size: half a tail."""
    tail = join(Sightings(), Sighted("app", Pings.of(pings()[:24]))).sightings
    windows = (Window(f"tr_1mz84kq2cp7x9{courier:03}", "harbour-lap@12", BEGAN_MS),)
    return Live("demo", f"bench-{courier:03}", version, windows, windows[0].trip, tail=tail)


def cpu_ms(write: Callable[[list[Write]], None], version: int) -> tuple[float, int]:
    """CPU [ms] a write; and the version that stands then."""
    took = 0.0
    for _ in range(ROUNDS):
        writes = [Write(item(courier, version + 1), version) for courier in range(COURIERS)]
        began = time.process_time()
        write(writes)
        took += time.process_time() - began
        version += 1
    return took / ROUNDS / COURIERS * 1000, version


def run() -> None:
    with stack(DEMO=0) as child:
        site = laptop(run_state.read(int(child.base.rpartition(":")[2])))
        dynamodb, table = site.client("dynamodb"), site.name("live-table")
        batched, each = DynamoLive(dynamodb, table), DynamoLive(dynamodb, table, batched=False)
        version = random.randrange(1 << 40)  # noqa: S311 - no secret
        batched.put_many([Write(item(courier, version), None) for courier in range(COURIERS)])
        pool = ThreadPoolExecutor(THREADS)
        ways: dict[str, Callable[[list[Write]], None]] = {
            "PutItem, one by one": lambda writes: _all(each.put_many(writes)),
            f"PutItem, {THREADS} threads": lambda w: _all(list(pool.map(lambda one: each.put(*one), w))),
            "BatchExecuteStatement of 25": lambda writes: _all(batched.put_many(writes)),
        }
        line("writes: CPU of a conditional write", "ms", "against one by one")
        single = 0.0
        for name, way in ways.items():
            taken, version = cpu_ms(way, version)
            single = single or taken
            line(name, f"{taken:.2f}", f"{taken / single:.2f} x")


def _all(outcomes: list[Exception | None]) -> None:
    assert not any(outcomes), outcomes  # noqa: S101 - what fails measures nothing
