"""What cannot be measured on this machine and is assumed instead; every one of them is printed."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import MappingProxyType

from cli.cost.deployed import Deployed

HOUR_S = 3600
DAY_S = 86_400
MONTH_S = 730 * HOUR_S

_WAIT_MS = MappingProxyType({
    "dynamodb": 5.0, "dynamodb batch": 10.0, "kinesis": 10.0, "ssm": 10.0, "s3": 20.0,
    "apigatewaymanagementapi": 10.0,
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Assumptions:
    """couriers: riding at once, each with a ping every `interval_s`; viewers: who watch them all."""

    couriers: int = 10_000
    viewers: int = 5
    interval_s: float = 10.0
    shards: int = 4
    table_shards: int = 4
    stream_polls: float = 1.0
    table_polls: float = 4.0
    full_cpu_mb: int = 1769
    utilisation: float = 0.7
    log_bytes: int = 400
    log_events: int = 3
    log_event_bytes: int = 26
    header_bytes: int = 300
    kms_per_hour: int = 24
    wait_ms: MappingProxyType[str, float] = field(default_factory=lambda: _WAIT_MS)

    @property
    def pings_per_s(self) -> float:
        return self.couriers / self.interval_s

    @property
    def hours(self) -> float:
        """In which a million pings come."""
        return 1e6 / self.pings_per_s / HOUR_S

    def wait_s(self, service: str, operation: str) -> float:
        """Of one call."""
        batch = service == "dynamodb" and operation.startswith(("Batch", "Transact"))
        return self.wait_ms["dynamodb batch" if batch else service] / 1000

    def told(self, deployed: Deployed) -> Iterator[str]:
        """One sentence or a few each."""
        lanes = deployed.lanes_of("TrackUploads")
        waits = ", ".join(f"{name} {ms:g}" for name, ms in self.wait_ms.items())
        yield (
            f"{self.couriers:,} couriers ride at once, a ping every {self.interval_s:g} s:"
            f" {self.pings_per_s:,.0f} pings/s, a million in {self.hours:.2f} h."
            f" {self.viewers} viewers watch all of them."
        )
        yield (
            f"The stream has {self.shards} shards, {self.couriers / self.shards:,.0f} couriers each"
            f" (on demand it starts with 4), polled {self.stream_polls:g} x a second, {lanes} lanes a shard;"
            f" the live table's stream has {self.table_shards}, polled {self.table_polls:g} x a second."
            " Arrivals are Poisson."
        )
        yield f"Waiting for AWS a call [ms]: {waits}; the calls of a pool's threads overlap."
        yield (
            f"A function has its memory's share of a processor, a whole one at {self.full_cpu_mb:,} MB, as"
            " fast as this machine's. CPU is measured, over plain sockets: TLS is not in it. Cold starts are"
            " not counted."
        )
        yield (
            f"Provisioned: used to {self.utilisation:.0%}, in whole shards and whole units; batches as on"
            " demand."
        )
        yield (
            f"Logs: the platform's {self.log_bytes} bytes in {self.log_events} lines an invocation, and"
            f" {self.log_event_bytes} bytes more a line. Answers carry {self.header_bytes} bytes of headers."
            f" The stream's key is asked for {self.kms_per_hour} times an hour."
        )
        yield (
            "First price tiers, no free tier, no tax. The beginnings and ends of trips are not counted: they"
            " are the task stack's."
        )


def poisson_positive(mean: float, draw: float) -> int:
    """A Poisson count given that it is not 0: polls that find nothing invoke nothing. draw: 0..1."""
    term = math.exp(-mean)
    if term == 0.0:
        return max(round(mean), 1)
    left, k = draw * (1 - term), 0
    while left >= 0 and k < 20 * mean + 50:
        k += 1
        term *= mean / k
        left -= term
    return max(k, 1)
