"""What a bonus is computed from: kept with the calculation, so that anybody can do it again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Facts:
    """Of one trip, in whole numbers. finished_ms, deadline_ms: Unix milliseconds; covered_bp: share of the
    route that was ridden, in hundredths of a percent; off_route_m: ridden away from it; record: digest of the
    settled record that says so.
    """

    finished_ms: int
    deadline_ms: int | None
    covered_bp: int
    off_route_m: int
    record: str


def facts_of(finished_ms: int, deadline_ms: int | None, record: Mapping[str, Any], digest: str) -> Facts:
    """record: as processors/settle makes it."""
    covered = record["progress"]["covered"]
    return Facts(
        finished_ms, deadline_ms, round(covered * 10_000), int(record["off_route"]["length_m"]), digest
    )
