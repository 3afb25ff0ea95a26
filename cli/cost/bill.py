"""From counts to money: what a million pings are billed as, part by part."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from cli.cost.assumptions import DAY_S, HOUR_S, MONTH_S, Assumptions
from cli.cost.deployed import Deployed
from cli.cost.measure import Measured
from cli.cost.prices import Prices

Mode = Literal["on-demand", "provisioned"]
MODES: tuple[Mode, ...] = ("on-demand", "provisioned")

PARTS = (
    "API", "authorizer", "receive", "stream", "processor", "reads", "writes", "history", "fan-out compute",
)  # fmt: skip
APART = ("WebSocket messages", "WebSocket hours", "storage", "logs", "data out")
GB = 1024**3
SHARD_RECORDS, SHARD_BYTES = 1000, 1024 * 1024
"""What a shard takes a second."""


@dataclass(frozen=True, slots=True)
class Line:
    """A quantity of a million pings, and the key of its price."""

    part: str
    price: str
    quantity: float


@dataclass(frozen=True, slots=True)
class Cost:
    """amount: of what has a price; missing: the keys of what has none."""

    amount: float
    missing: frozenset[str]

    def __add__(self, other: Cost) -> Cost:
        return Cost(self.amount + other.amount, self.missing | other.missing)


NOTHING = Cost(0.0, frozenset())


def priced(lines: Iterable[Line], prices: Prices) -> dict[str, Cost]:
    """By part, every part."""
    found = dict.fromkeys(PARTS + APART, NOTHING)
    for line in lines:
        amount = prices.cost(line.price, line.quantity)
        missing = frozenset({line.price} if amount is None else ())
        found[line.part] += Cost(amount or 0.0, missing)
    return found


def total(costs: dict[str, Cost], parts: Iterable[str]) -> Cost:
    return sum((costs[part] for part in parts), NOTHING)


@dataclass(frozen=True, slots=True)
class Bill:
    """What one measured run is billed as a million pings."""

    measured: Measured
    assumed: Assumptions
    deployed: Deployed

    def lines(self, mode: Mode) -> Iterator[Line]:
        count, design = self.measured.per_million, self.measured.design
        yield Line("API", "http_api_requests", count("http.requests"))
        yield from self._compute("authorizer", "IngestAuthorize")
        yield Line("authorizer", "kms_requests", count("kms.requests"))
        yield from self._compute("receive", design.receive)
        yield from self._stream(mode)
        yield from self._compute("processor", design.process)
        yield Line("processor", "s3_puts", count("s3.puts"))
        yield Line("processor", "s3_gets", count("s3.gets"))
        for table in self.measured.tables:
            part = {"HistoryTable": "history", "ConnectionsTable": "fan-out compute"}.get(table)
            yield self._units(part or "writes", "write", table, mode)
            yield self._units(part or "reads", "read", table, mode)
        yield from self._compute("fan-out compute", design.push)
        yield from self._apart(mode)

    def _compute(self, part: str, function: str) -> Iterator[Line]:
        count = self.measured.per_million
        yield Line(part, "lambda_requests", count(f"lambda.invocations.{function}"))
        architecture = self.deployed.parameters["Architecture"]
        yield Line(part, f"lambda_gb_seconds_{architecture}", count(f"lambda.gb_s.{function}"))

    def _stream(self, mode: Mode) -> Iterator[Line]:
        count, hours = self.measured.per_million, self.assumed.hours
        yield Line("stream", "kms_requests", self.assumed.kms_per_hour * hours)
        if mode == "on-demand":
            yield Line("stream", "kinesis_on_demand_hours", hours)
            yield Line("stream", "kinesis_on_demand_gb_in", count("kinesis.billed_bytes") / GB)
            yield Line("stream", "kinesis_on_demand_gb_out", count("kinesis.bytes") / GB)
        else:
            yield Line("stream", "kinesis_shard_hours", self.shards * hours)
            yield Line("stream", "kinesis_put_units", count("kinesis.put_units"))

    @property
    def shards(self) -> int:
        """Provisioned: whole shards, used to the assumed share."""
        records = self._a_second("kinesis.records") / SHARD_RECORDS
        size = self._a_second("kinesis.bytes") / SHARD_BYTES
        return max(math.ceil(max(records, size) / self.assumed.utilisation), 1)

    def _units(self, part: str, kind: str, table: str, mode: Mode) -> Line:
        name = f"dynamodb.{kind}_units.{table}"
        if mode == "on-demand":
            return Line(part, f"dynamodb_{kind}_units", self.measured.per_million(name))
        capacity = math.ceil(self._a_second(name) / self.assumed.utilisation)
        return Line(part, f"dynamodb_{kind[0]}cu_hours", capacity * self.assumed.hours)

    def _apart(self, mode: Mode) -> Iterator[Line]:
        count, assumed = self.measured.per_million, self.assumed
        yield Line("WebSocket messages", "websocket_messages", count("websocket.messages"))
        yield Line("WebSocket hours", "websocket_minutes", assumed.viewers * assumed.hours * 60)
        yield from self._storage(mode)
        lines = count("log.access_lines") + assumed.log_events * self.invocations
        size = count("log.access_bytes") + assumed.log_bytes * self.invocations
        yield Line("logs", "logs_gb", (size + assumed.log_event_bytes * lines) / GB)
        yield Line("data out", "out_gb", (count("http.answer_bytes") + count("websocket.bytes")) / GB)

    def _storage(self, mode: Mode) -> Iterator[Line]:
        history = self.measured.design.history
        stored = self.measured.per_million(f"dynamodb.stored_bytes.{history}")
        months = stored / GB * self.measured.kept_s[history] / MONTH_S
        yield Line("storage", "dynamodb_gb_months", months)
        if self.deployed.backed_up("HistoryTable"):
            yield Line("storage", "dynamodb_backup_gb_months", months)
        beyond_s = float(self.deployed.parameters["RetentionHours"]) * HOUR_S - DAY_S
        if mode == "on-demand":
            kept = self.measured.per_million("kinesis.billed_bytes") / GB * beyond_s / MONTH_S
            yield Line("storage", "kinesis_on_demand_retention_gb_months", kept)
        else:
            yield Line("storage", "kinesis_retention_shard_hours", self.shards * self.assumed.hours)

    @property
    def invocations(self) -> float:
        """Of all functions together."""
        names = [name for name in self.measured.counts if name.startswith("lambda.invocations.")]
        return sum(map(self.measured.per_million, names))

    def _a_second(self, name: str) -> float:
        return self.measured.per_million(name) / 1e6 * self.assumed.pings_per_s
