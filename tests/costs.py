"""A run's counts made by hand, for the tests of what they cost."""

from __future__ import annotations

from collections.abc import Mapping

from cli.cost.assumptions import Assumptions
from cli.cost.bill import Bill
from cli.cost.deployed import Deployed
from cli.cost.measure import MILEPOST, Design, Measured
from cli.cost.prices import Price, Prices, read

DEPLOYED = Deployed.read()
MILLION = 1_000_000
YEAR_S = 365 * 86_400.0


def measured(
    counts: Mapping[str, float], per_upload: int = 6, pings: int = MILLION, design: Design = MILEPOST
) -> Measured:
    sizes = {design.live: [500, 600, 990], design.history: [520]}
    counts = {f"lambda.{what}.{design.process}": 1.0 for what in ("invocations", "records")} | dict(counts)
    return Measured(design, per_upload, pings, counts, sizes, {design.history: YEAR_S})


def bill(counts: Mapping[str, float], assumed: Assumptions | None = None, **more) -> Bill:
    return Bill(measured(counts, **more), assumed or Assumptions(), DEPLOYED)


def prices(**amounts: float | None) -> Prices:
    """Nothing but `amounts` costs anything."""
    keys = read()["us-east-1"].by_key
    return Prices("here", "USD", {key: Price(amounts.get(key, 0.0), "", None, None) for key in keys})
