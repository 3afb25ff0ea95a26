"""Any agreed rules and any ride: the lines add up, within the limits, the same again from what is kept."""

from __future__ import annotations

from dataclasses import asdict, replace
from decimal import Decimal

import orjson
from hypothesis import given
from hypothesis import strategies as st

from stacks.tasks.bonus import calculate, terms
from stacks.tasks.bonus.facts import Facts
from stacks.tasks.reckoning import reckon
from stacks.tasks.tasks.example import Ride, Supposed, example
from stacks.tasks.tasks.shapes import NewBonus
from storage.settlements import Settled
from storage.tasks import Trip

CURRENCIES = {"JPY": 0, "CNY": 2, "KWD": 3}
T_MS = 1_800_000_000_000


def amounts(currency: str, most: int = 10_000) -> st.SearchStrategy[str]:
    digits = CURRENCIES[currency]
    return st.integers(0, most).map(lambda coins: str(Decimal(coins).scaleb(-digits)))


@st.composite
def agreed(draw: st.DrawFn) -> tuple[str, str, dict[str, object]]:
    currency = draw(st.sampled_from([*CURRENCIES]))
    money = amounts(currency)
    least, most = sorted((draw(money), draw(money)), key=Decimal)
    full = draw(st.integers(1, 100))
    rules = {
        "coverage": {"full_percent": full, "none_percent": draw(st.integers(0, full - 1))},
        "off_route": {"per_km": draw(money), "free_m": draw(st.integers(0, 5000))},
        "late": {"per_minute": draw(money), "grace_minutes": draw(st.integers(0, 60))},
        "on_time": {"reward": draw(money)},
        "limits": {"least": least, "most": draw(st.sampled_from([None, most]))},
    }
    chosen = draw(st.sets(st.sampled_from([*rules])))
    return draw(money), currency, {name: rules[name] for name in chosen}


times_ms = st.integers(T_MS - 10**8, T_MS + 10**8)
before = st.builds(
    Facts,
    finished_ms=times_ms,
    deadline_ms=st.none() | st.just(T_MS),
    covered_bp=st.integers(0, 10_000),
    off_route_m=st.integers(0, 10**6),
    record=st.just("digest"),
)
"""Facts of records that did not tell of the arrival."""


@st.composite
def told(draw: st.DrawFn) -> Facts:
    """Facts of a record that tells when the courier was at the end, or can have been there."""
    there, arrived = draw(times_ms), draw(st.booleans())
    return replace(
        draw(before), not_before_ms=there, arrived_ms=there if arrived else None,
        left_m=0 if arrived else draw(st.integers(0, 10**6)),
    )  # fmt: skip


rides = before | told()


@given(agreed(), rides)
def test_lines_add_up_in_whole_coins_and_within_the_limits(
    bargain: tuple[str, str, dict[str, object]], ride: Facts
) -> None:
    amount, currency, rules = bargain
    bonus = terms(amount, currency, rules)
    found = calculate(bonus, ride)
    coin = Decimal(1).scaleb(-CURRENCIES[currency])
    assert found.total == sum((line.amount for line in found.lines), Decimal(0))
    assert all(line.amount == line.amount.quantize(coin) for line in found.lines)
    limits = bonus.rules.get("limits", {"least": "0", "most": None})
    assert found.total >= Decimal(limits["least"])
    assert limits["most"] is None or found.total <= Decimal(limits["most"])


@given(agreed(), rides)
def test_the_same_again_from_what_is_kept(bargain: tuple[str, str, dict[str, object]], ride: Facts) -> None:
    bonus = terms(*bargain)
    kept = orjson.loads(orjson.dumps(asdict(ride)))
    assert calculate(bonus, Facts(**kept)) == calculate(bonus, ride)


@given(agreed(), rides, st.integers(0, 10_000), st.integers(0, 10**6))
def test_who_rides_more_of_the_route_and_less_off_it_gets_no_less(
    bargain: tuple[str, str, dict[str, object]], ride: Facts, covered_bp: int, off_route_m: int
) -> None:
    bonus = terms(*bargain)
    better = replace(
        ride, covered_bp=max(ride.covered_bp, covered_bp), off_route_m=min(ride.off_route_m, off_route_m)
    )
    assert calculate(bonus, better).total >= calculate(bonus, ride).total


def rewarded(bargain: tuple[str, str, dict[str, object]], ride: Facts) -> tuple[Decimal, Decimal]:
    """The reward's line, 0 where there is none, and the total."""
    found = calculate(terms(*bargain), ride)
    return sum((it.amount for it in found.lines if it.rule == "on_time"), Decimal(0)), found.total


@given(agreed(), told(), st.integers(1_000, 10**8))
def test_a_finish_stated_for_earlier_than_the_ride_shows_earns_no_reward(
    bargain: tuple[str, str, dict[str, object]], ride: Facts, early_ms: int
) -> None:
    assert ride.not_before_ms is not None
    amount, currency, rules = bargain
    stated = replace(ride, finished_ms=ride.not_before_ms - early_ms)
    assert rewarded(bargain, stated)[0] == 0
    without = {name: said for name, said in rules.items() if name != "on_time"}
    assert rewarded(bargain, stated)[1] == rewarded((amount, currency, without), stated)[1]


@given(agreed(), told())
def test_a_finish_that_the_ride_allows_is_believed_and_counts_as_stated(
    bargain: tuple[str, str, dict[str, object]], ride: Facts
) -> None:
    assert ride.not_before_ms is not None
    amount, currency, rules = bargain
    paying = amount, currency, rules | {"on_time": {"reward": "1"}}
    late = ride.deadline_ms is None or ride.finished_ms > ride.deadline_ms
    allowed = not late and ride.finished_ms // 1000 >= ride.not_before_ms // 1000
    assert rewarded(paying, ride)[0] == (1 if allowed else 0)
    lines = [it for it in calculate(terms(*paying), ride).lines if it.rule == "on_time"]
    assert len(lines) == (0 if late else 1)  # one who gets none by the deadline is told why
    for line in lines:
        assert line.given["counts"] == ("ride" if ride.arrived_ms is not None or not allowed else "stated")


@given(agreed(), before)
def test_a_record_that_did_not_tell_of_the_arrival_pays_as_it_did(
    bargain: tuple[str, str, dict[str, object]], ride: Facts
) -> None:
    amount, currency, rules = bargain
    on_time = ride.deadline_ms is not None and ride.finished_ms <= ride.deadline_ms
    paying = amount, currency, rules | {"on_time": {"reward": "1"}}
    assert rewarded(paying, ride)[0] == (1 if on_time else 0)


supposed = st.builds(
    Ride,
    late_s=st.integers(0, 10**6),
    covered=st.integers(0, 10_000).map(lambda bp: bp / 10_000) | st.floats(0, 1),
    off_route_m=st.integers(0, 10**6),
)


@given(agreed(), st.lists(supposed, min_size=1, max_size=10), st.integers(0, 10**8))
def test_an_example_is_what_settling_such_a_ride_gives(
    bargain: tuple[str, str, dict[str, object]], rides: list[Ride], before_ms: int
) -> None:
    """Also where the record tells of an arrival before the stated finish, but for the words of its line."""
    examples = example(Supposed(NewBonus(*bargain), rides))
    for ride, found in zip(rides, examples, strict=True):
        ended_ms = T_MS + ride.late_s * 1000
        trip = Trip(
            "demo", "tr_1", "tk_1", "mei", "Lap", "lap@1", terms(*bargain), 0, T_MS, T_MS,
            state="finished", ended_ms=ended_ms,
        )  # fmt: skip
        record = {"progress": {"covered": ride.covered}, "off_route": {"length_m": float(ride.off_route_m)}}
        settled = reckon(trip, Settled(1, "digest", 0, record), 0)
        assert [tuple(line) for line in found.lines] == [
            (line.rule, line.amount, line.text, line.given) for line in settled.lines
        ]
        arrived_s = (ended_ms - before_ms) / 1000
        record["arrival"] = {"at": arrived_s, "not_before": arrived_s, "left_m": 0.0}
        told = reckon(trip, Settled(1, "digest", 0, record), 0)
        assert [line[:2] for line in found.lines] == [(line.rule, line.amount) for line in told.lines]
        assert found.total == settled.total == told.total
