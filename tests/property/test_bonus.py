"""Any agreed rules and any ride: the lines add up, within the limits, the same again from what is kept."""

from __future__ import annotations

from dataclasses import asdict
from decimal import Decimal

import orjson
from hypothesis import given
from hypothesis import strategies as st

from stacks.tasks.bonus import calculate, terms
from stacks.tasks.bonus.facts import Facts

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


rides = st.builds(
    Facts,
    finished_ms=st.integers(T_MS - 10**8, T_MS + 10**8),
    deadline_ms=st.none() | st.just(T_MS),
    covered_bp=st.integers(0, 10_000),
    off_route_m=st.integers(0, 10**6),
    record=st.just("digest"),
)


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
    better = Facts(
        ride.finished_ms,
        ride.deadline_ms,
        max(ride.covered_bp, covered_bp),
        min(ride.off_route_m, off_route_m),
        ride.record,
    )
    assert calculate(bonus, better).total >= calculate(bonus, ride).total
