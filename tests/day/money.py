"""Checks of what trips pay: by their terms and facts, by how they were truly ridden, and that it was paid."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal

from cli.replay.api import Json
from stacks.tasks.bonus import calculate
from stacks.tasks.reckoning import kept_on
from tests.day.cast import RULES
from tests.day.run import Day
from tests.day.world import Ridden

COVERED_PERCENT = 3.0
"""A settled record's coverage may be so far from the truth, in percent of the route."""
THERE_M = 40.0
"""So near to the end a courier is there."""
DOUBT_M = 25.0
"""Fixes show the courier so far from where they are: so near to that bound, either is right."""
STRAYED_SHARE, STRAYED_M = 0.30, 100.0
"""What was ridden away from the route: so far from the truth, as a share and in metres. It counts from the
first ping far away to the first one near again."""
PAID = ("paid",)


def bonuses(day: Day) -> Iterator[str]:
    """Calculated again here, from what is kept on the row; and the facts are those of the settled record."""
    for trip, row in day.seen.trip_rows.items():
        kept, shown = kept_on(row), day.seen.bonuses[trip]["calculation"]
        if row.state not in PAID:
            if kept or shown:
                yield f"{trip} is {row.state}, and pays something"
            continue
        if kept is None or shown is None:
            yield f"{trip} is {row.state}, and nobody knows what it pays"
            continue
        again = calculate(row.bonus, kept.facts)
        if [tuple(line) for line in again.lines] != [
            (it.rule, it.amount, it.text, it.given) for it in kept.lines
        ]:
            yield f"{trip}: other lines come of its terms and facts"
        total = sum(Decimal(line["amount"]) for line in shown["lines"])
        if not total == Decimal(shown["total"]) == again.total == kept.total or total < 0:
            yield f"{trip}: the lines add up to {total}, {shown['total']} is shown, {again.total} came again"
        if not shown["reproduced"]:
            yield f"{trip}: the API says that its calculation is not reproduced"
        yield from _facts(day, trip)


def _facts(day: Day, trip: str) -> Iterator[str]:
    shown = day.seen.bonuses[trip]["newer"] or day.seen.bonuses[trip]["calculation"]
    facts, record = shown["facts"], day.seen.records[trip]["settled"]
    if (shown["revision"], facts["record"]) != (record["revision"], record["digest"]):
        yield f"{trip}: revision {shown['revision']} was reckoned, and the record has {record['revision']}"
        return
    covered = f"{record['progress']['covered'] * 100:.2f}"
    ours = (facts["covered_percent"], facts["off_route_m"], facts["finished_at"] <= facts["deadline"])
    theirs = (covered, int(record["off_route"]["length_m"]), record["on_time"])
    if ours != theirs:
        yield f"{trip}: the facts {ours} are not the record's {theirs}"


def rides(day: Day) -> Iterator[str]:
    """Against what the courier truly did, of which the stack knows the pings alone."""
    for trip, ridden in day.world.truth.items():
        if ridden.end not in PAID or trip not in day.seen.bonuses:
            continue
        shown = day.seen.bonuses[trip]
        if shown["calculation"] is None or ridden.finished_s is None:
            yield f"{trip} of {ridden.courier} has no calculation or no finish"
            continue
        facts = shown["calculation"]["facts"]
        deadline = day.seen.trips[trip]["deadline"]
        on_time = ridden.finished_s <= deadline
        if abs(facts["finished_at"] - ridden.finished_s) > 0.002 or facts["deadline"] != deadline:
            yield f"{trip}: it was finished at {ridden.finished_s}, and reckoned with {facts['finished_at']}"
        if on_time and ridden.part == "late":
            yield f"{trip}: {ridden.courier} was to be late, and was on time"
        yield from _in_time(ridden, shown, on_time=on_time)
        true = 100 * min(ridden.along_m / ridden.road.compiled.length_m, 1)
        if abs(float(facts["covered_percent"]) - true) > COVERED_PERCENT:
            yield f"{trip} ({ridden.part}): {true:.1f} % were ridden, {facts['covered_percent']} % count"
        allowed = STRAYED_M + STRAYED_SHARE * ridden.strayed_m
        if abs(facts["off_route_m"] - ridden.strayed_m) > allowed:
            yield (
                f"{trip} ({ridden.part}): {ridden.strayed_m:.0f} m were ridden off the route, "
                f"{facts['off_route_m']} m count"
            )


def _in_time(ridden: Ridden, shown: Json, *, on_time: bool) -> Iterator[str]:
    """What is paid for being on time, or taken for being late; who was not at the end gets no reward."""
    agreed = shown["terms"]["rules"]
    lines = {line["rule"]: Decimal(line["amount"]) for line in shown["calculation"]["lines"]}
    for rule, said in (("on_time", on_time), ("late", not on_time)):
        if rule in agreed and (rule in lines) != said:
            yield f"{ridden.trip}: on time {on_time}, and its lines are {sorted(lines)}"
    if "on_time" in lines:
        left_m = ridden.road.compiled.length_m - ridden.along_m
        reward = Decimal(agreed["on_time"]["reward"])
        owed = {reward} if left_m <= THERE_M else {Decimal(0)}
        if abs(left_m - THERE_M) < DOUBT_M:
            owed = {reward, Decimal(0)}
        if lines["on_time"] not in owed:
            paid = f"{lines['on_time']} was paid for being on time"
            yield f"{ridden.trip} ({ridden.part}): {left_m:.0f} m were left, and {paid}"


def rules(day: Day) -> Iterator[str]:
    done = Counter(
        line["rule"]
        for shown in day.seen.bonuses.values()
        if shown["calculation"]
        for line in shown["calculation"]["lines"]
        if Decimal(line["amount"])
    )
    for rule in ("base", *RULES):
        if not done[rule]:
            yield f"no trip was paid more or less by {rule}"


def payouts(day: Day) -> Iterator[str]:
    seen = day.seen
    paid: Counter[str] = Counter()
    for payout in seen.payouts:
        paid.update(line["trip"] for line in payout["lines"])
        yield from _payout(day, payout)
    for trip in {t for t, it in seen.trips.items() if it["state"] == "paid"} ^ paid.keys():
        yield f"{trip} is {seen.trips[trip]['state']}, and was paid {paid[trip]} times"
    for trip, times in paid.items():
        if times != 1:
            yield f"{trip} was paid {times} times"
    if seen.unpaid:
        yield f"unpaid is {seen.unpaid}"
    if sorted(it["payout"] for it in seen.payouts) != sorted(it["payout"] for it in day.office.payouts):
        yield "the payouts that are there are not those that were answered"
    if not any(line["action"] == "reject" for line in seen.audits.get(day.office.rejected, [])):
        yield "no approval was taken back"


def _payout(day: Day, payout: Json) -> Iterator[str]:
    """Its lines are what its trips pay, and its sums are those of its lines."""
    name, sums = payout["payout"], Counter[tuple[str, str]]()
    if not payout["complete"] or payout["trips"] != len(payout["lines"]):
        yield f"{name} has {len(payout['lines'])} lines for {payout['trips']} trips"
    for line in payout["lines"]:
        sums[line["courier"], line["currency"]] += Decimal(line["amount"])
        shown = day.seen.bonuses[line["trip"]]
        made = shown["calculation"]
        if (line["amount"], line["revision"]) != (made["total"], made["revision"]):
            yield f"{line['trip']} was paid {line['amount']}, and not {made['total']}"
        if (shown["payout"], shown["courier"]) != (name, line["courier"]):
            yield f"{line['trip']} was paid by {name} to {line['courier']}, and says {shown['payout']}"
    if dict(sums) != {(it["courier"], it["currency"]): Decimal(it["amount"]) for it in payout["sums"]}:
        yield f"{name}: its sums are not those of its lines"
