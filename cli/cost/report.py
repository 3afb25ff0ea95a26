"""What was measured and what it costs, as tables on the terminal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from cli.cost.bill import APART, MODES, PARTS, Bill, Cost, Mode, priced, total
from cli.cost.measure import MILEPOST, NAIVE, Measured
from cli.cost.prices import Prices, missing
from cli.replay.figures import percentile
from telemetry.history import BUCKET_S

LIMIT_BYTES = 1000
SLACK = 1.02

_RECEIVE, _PROCESS, _PUSH = MILEPOST.receive, MILEPOST.process, MILEPOST.push
_COUNTS = (
    ("requests", "http.requests"),
    ("authorizer: invocations", "lambda.invocations.IngestAuthorize"),
    ("receive: CPU s", f"lambda.cpu_s.{_RECEIVE}"),
    ("receive: waiting s", f"lambda.wait_s.{_RECEIVE}"),
    ("receive: GB-s", f"lambda.gb_s.{_RECEIVE}"),
    ("stream: records", "kinesis.records"),
    ("stream: bytes", "kinesis.bytes"),
    ("stream: bytes billed on demand", "kinesis.billed_bytes"),
    ("stream: PUT payload units", "kinesis.put_units"),
    ("processor: invocations", f"lambda.invocations.{_PROCESS}"),
    ("processor: CPU s", f"lambda.cpu_s.{_PROCESS}"),
    ("processor: waiting s", f"lambda.wait_s.{_PROCESS}"),
    ("processor: GB-s", f"lambda.gb_s.{_PROCESS}"),
    ("live: write units", "dynamodb.write_units.LiveTable"),
    ("live: index writes", "dynamodb.index_writes.LiveTable"),
    ("live: read units", "dynamodb.read_units.LiveTable"),
    ("history: write units", "dynamodb.write_units.HistoryTable"),
    ("history: read units", "dynamodb.read_units.HistoryTable"),
    ("windows: read units", "dynamodb.read_units.WindowsTable"),
    ("fan-out: invocations", f"lambda.invocations.{_PUSH}"),
    ("fan-out: CPU s", f"lambda.cpu_s.{_PUSH}"),
    ("fan-out: GB-s", f"lambda.gb_s.{_PUSH}"),
    ("fan-out: read units", "dynamodb.read_units.ConnectionsTable"),
    ("WebSocket messages", "websocket.messages"),
)


@dataclass(frozen=True, slots=True)
class Report:
    """bills: Milepost's and the naive design's, each by pings an upload."""

    bills: Sequence[Bill]
    prices: Prices

    def of(self, name: str) -> list[Bill]:
        return [bill for bill in self.bills if bill.measured.design.name == name]

    def show(self, console: Console) -> None:
        console.print("[bold]Assumed[/]")
        for line in self.bills[0].assumed.told(self.bills[0].deployed):
            console.print(f"- {line}", highlight=False, markup=False)
        console.print()
        console.print(self._counts())
        console.print(self._writes())
        for mode in MODES:
            console.print(self._parts(mode))
        console.print(self._beside())
        for line in self._missing():
            console.print(line, highlight=False)

    def _table(self, title: str, first: str = "") -> Table:
        made = Table(title=title, title_justify="left", title_style="bold", box=SIMPLE_HEAD, pad_edge=False)
        made.add_column(first)
        return made

    def _counts(self) -> Table:
        bills = self.of(MILEPOST.name)
        made = self._table("Measured, per million pings", "pings an upload")
        for bill in bills:
            made.add_column(str(bill.measured.per_upload), justify="right")
        for words, name in _COUNTS:
            made.add_row(words, *(f"{bill.measured.per_million(name):,.0f}" for bill in bills))
        failed = [failed_conditions(bill.measured) for bill in bills]
        made.add_row("failed conditions", *(f"{count:,.0f}" for count in failed))
        made.add_row("records a processor batch", *(f"{batch(bill.measured):.1f}" for bill in bills))
        return made

    def _writes(self) -> Table:
        made = self._table("Writes a ping, and the live item", "pings an upload")
        for name in ("writes a ping", "limit", "live item p50", "p99", "p100", f"limit {LIMIT_BYTES:,} B"):
            made.add_column(name, justify="right")
        for bill in self.of(MILEPOST.name):
            m = bill.measured
            sizes, limit = live_sizes(m), writes_limit(m, bill.assumed.interval_s)
            made.add_row(
                str(m.per_upload), f"{m.writes_per_ping:.4f}", f"{limit:.4f}",
                *(f"{size:,} B" for size in sizes),
                "kept" if sizes[-1] <= LIMIT_BYTES else "[red]passed[/]",
            )  # fmt: skip
        return made

    def _parts(self, mode: Mode) -> Table:
        bills = self.of(MILEPOST.name)
        made = self._table(
            f"{self.prices.region}, {mode}: {self.prices.currency} per million pings", "pings an upload"
        )
        columns = []
        for bill in bills:
            made.add_column(str(bill.measured.per_upload), justify="right")
            made.add_column("%", justify="right", style="dim")
            columns.append(priced(bill.lines(mode), self.prices))
        sums = [total(column, PARTS) for column in columns]
        for part in PARTS:
            costs = [column[part] for column in columns]
            _row(made, part, costs, [share(cost, whole) for cost, whole in zip(costs, sums, strict=True)])
        made.add_section()
        _row(made, "in all", sums, style="bold")
        made.add_section()
        for part in APART:
            _row(made, part, [column[part] for column in columns])
        made.add_section()
        whole = [total(column, PARTS + APART) for column in columns]
        _row(made, "with what stands apart", whole, style="bold")
        return made

    def _beside(self) -> Table:
        made = self._table(f"Beside others: {self.prices.currency} per million pings", "pings an upload")
        for bill in self.of(MILEPOST.name):
            made.add_column(str(bill.measured.per_upload), justify="right")
        for name, words in (
            (MILEPOST.name, "Milepost"),
            (NAIVE.name, "naive: a record, item and push a ping"),
        ):
            for mode in MODES:
                for parts, more in ((PARTS, ""), (PARTS + APART, ", with what stands apart")):
                    costs = [total(priced(b.lines(mode), self.prices), parts) for b in self.of(name)]
                    made.add_row(f"{words}, {mode}{more}", *map(money, costs))
        for key, words in (("location_positions", "first"), ("location_positions_over_50m", "last")):
            amount = self.prices.cost(key, 1e6)
            cost = Cost(amount or 0.0, frozenset(() if amount is not None else (key,)))
            made.add_row(f"AWS Location tracker, {words} tier", *[money(cost)] * len(self.of(MILEPOST.name)))
        return made

    def _missing(self) -> Iterable[str]:
        keys = {
            line.price for bill in self.bills for mode in MODES for line in bill.lines(mode) if line.quantity
        }
        if without := missing(self.prices, keys):
            yield (
                f"{self.prices.region} has no price for {', '.join(without)}: amounts with + leave them out."
                " Give them in a file with --prices (docs/operations/cost.md)."
            )


def _row(
    made: Table, words: str, costs: Sequence[Cost], shares: Sequence[str] = (), style: str | None = None
) -> None:
    """Each amount with its share beside it."""
    cells = zip_longest(map(money, costs), shares, fillvalue="")
    made.add_row(words, *(cell for pair in cells for cell in pair), style=style)


def money(cost: Cost) -> str:
    """`+` behind an amount that leaves something out; a dash where nothing has a price."""
    if cost.missing and not cost.amount:
        return "-"
    return f"{cost.amount:.4f}{'+' if cost.missing else ''}"


def share(cost: Cost, whole: Cost) -> str:
    return "" if whole.missing or not whole.amount else f"{100 * cost.amount / whole.amount:.0f}"


def failed_conditions(measured: Measured) -> float:
    names = [name for name in measured.counts if name.startswith("dynamodb.failed_conditions.")]
    return sum(map(measured.per_million, names))


def batch(measured: Measured) -> float:
    process = measured.design.process
    return measured.counts[f"lambda.records.{process}"] / measured.counts[f"lambda.invocations.{process}"]


def live_sizes(measured: Measured) -> tuple[int, int, int]:
    """p50, p99 and p100 of the items written [bytes]."""
    sizes = measured.sizes[measured.design.live]
    return int(percentile(sizes, 0.5)), int(percentile(sizes, 0.99)), max(sizes)


def writes_limit(measured: Measured, interval_s: float) -> float:
    """What a clean run may write a ping: one an upload, one a bucket, and 2 %."""
    return (1 / measured.per_upload + interval_s / BUCKET_S) * SLACK
