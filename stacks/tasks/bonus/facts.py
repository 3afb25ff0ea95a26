"""What a bonus is computed from: kept with the calculation, so that anybody can do it again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any


@dataclass(frozen=True, slots=True)
class Facts:
    """Of one trip, in whole numbers. finished_ms, as the courier stated it, deadline_ms: Unix milliseconds;
    covered_bp: share of the route that was ridden, in hundredths of a percent; off_route_m: ridden away from
    it; record: digest of the settled record that says so.

    arrived_ms: when the pings show the courier at the end, None where they do not; not_before_ms: when the
    courier can have been there at the earliest, from where it was left_m further. None in facts of before
    records told it: what they paid comes out of them as ever (docs/decisions/0034).
    """

    finished_ms: int
    deadline_ms: int | None
    covered_bp: int
    off_route_m: int
    record: str
    arrived_ms: int | None = None
    not_before_ms: int | None = None
    left_m: int | None = None


def facts_of(finished_ms: int, deadline_ms: int | None, record: Mapping[str, Any], digest: str) -> Facts:
    """record: as processors/settle makes it."""
    covered_bp, off_route_m = round(record["progress"]["covered"] * 10_000), record["off_route"]["length_m"]
    it = Facts(finished_ms, deadline_ms, covered_bp, int(off_route_m), digest)
    if (end := record.get("arrival")) is None:  # a record of METHOD 2 and before
        return it
    arrived_ms = None if end["at"] is None else round(end["at"] * 1000)
    return replace(
        it, arrived_ms=arrived_ms, not_before_ms=round(end["not_before"] * 1000), left_m=round(end["left_m"])
    )
