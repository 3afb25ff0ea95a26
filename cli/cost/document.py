"""The same figures for machines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cli.cost.bill import APART, MODES, PARTS, Bill, Cost, Mode, priced, total
from cli.cost.prices import Prices
from cli.cost.report import failed_conditions, live_sizes, writes_limit


def document(bills: Sequence[Bill], regions: Mapping[str, Prices]) -> dict[str, Any]:
    """Every run with its counts per million pings, and what it costs in every region and mode."""
    assumed, deployed = bills[0].assumed, bills[0].deployed
    return {
        "assumed": list(assumed.told(deployed)),
        "location_tracker": {
            region: [_tier(prices, "location_positions"), _tier(prices, "location_positions_over_50m")]
            for region, prices in regions.items()
        },
        "runs": [_run(bill, regions) for bill in bills],
    }


def _run(bill: Bill, regions: Mapping[str, Prices]) -> dict[str, Any]:
    measured = bill.measured
    p50, p99, p100 = live_sizes(measured)
    return {
        "design": measured.design.name,
        "pings_an_upload": measured.per_upload,
        "pings_measured": measured.pings,
        "counts_per_million": {name: measured.per_million(name) for name in sorted(measured.counts)},
        "failed_conditions_per_million": failed_conditions(measured),
        "writes_a_ping": measured.writes_per_ping,
        "writes_a_ping_limit": writes_limit(measured, bill.assumed.interval_s),
        "live_item_bytes": {"p50": p50, "p99": p99, "p100": p100},
        "cost_per_million": {
            region: {"currency": prices.currency} | {mode: _cost(bill, mode, prices) for mode in MODES}
            for region, prices in regions.items()
        },
    }


def _cost(bill: Bill, mode: Mode, prices: Prices) -> dict[str, Any]:
    costs = priced(bill.lines(mode), prices)
    return {
        "parts": {part: _amount(costs[part]) for part in PARTS},
        "apart": {part: _amount(costs[part]) for part in APART},
        "total": _amount(total(costs, PARTS)),
        "total_with_apart": _amount(total(costs, PARTS + APART)),
    }


def _amount(cost: Cost) -> dict[str, Any]:
    return {"amount": round(cost.amount, 6), "without": sorted(cost.missing)}


def _tier(prices: Prices, key: str) -> float | None:
    amount = prices.cost(key, 1e6)
    return None if amount is None else round(amount, 6)
