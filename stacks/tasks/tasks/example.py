"""What a bonus would pay for rides that are only supposed, reckoned as settled trips are. Nothing is kept."""

from __future__ import annotations

from typing import Annotated

import msgspec

from stacks.tasks import bonus
from stacks.tasks.bonus import Calculation
from stacks.tasks.bonus.facts import Facts, facts_of
from stacks.tasks.tasks.shapes import NewBonus


class Ride(msgspec.Struct, forbid_unknown_fields=True):
    """Without more, all of the route, on it and on time. late_s: finished so long after the deadline;
    covered: share of the route that is ridden; off_route_m: ridden away from it.
    """

    late_s: Annotated[int, msgspec.Meta(ge=0, le=31 * 86_400)] = 0
    covered: Annotated[float, msgspec.Meta(ge=0, le=1)] = 1.0
    off_route_m: Annotated[int, msgspec.Meta(ge=0, le=1_000_000)] = 0

    def facts(self) -> Facts:
        """Of a record that does not tell of the arrival: a ride that is supposed agrees with its finish."""
        record = {"progress": {"covered": self.covered}, "off_route": {"length_m": self.off_route_m}}
        return facts_of(self.late_s * 1000, 0, record, "")


class Supposed(msgspec.Struct, forbid_unknown_fields=True):
    bonus: NewBonus
    rides: Annotated[list[Ride], msgspec.Meta(min_length=1, max_length=10)]


def example(said: Supposed) -> list[Calculation]:
    """One for each ride. Raises BadRequest, as a task with that bonus does."""
    agreed = bonus.terms(said.bonus.amount, said.bonus.currency, said.bonus.rules)
    return [bonus.calculate(agreed, ride.facts()) for ride in said.rides]
