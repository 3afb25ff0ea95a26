"""A bonus line by line."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from stacks.tasks.bonus import calculate, terms
from stacks.tasks.bonus.facts import Facts, facts_of
from stacks.tasks.bonus.rule import Line
from telemetry.problem import BadRequest

DEADLINE_MS = 1_800_000_000_000
RULES: dict[str, Any] = {
    "coverage": {"full_percent": 95, "none_percent": 45},
    "off_route": {"per_km": "1.00", "free_m": 500},
    "late": {"per_minute": "0.20", "grace_minutes": 5},
    "on_time": {"reward": "2.00"},
    "limits": {"least": "3.00", "most": "14.00"},
}


def facts(late_s: float = -60, covered_bp: int = 9800, off_route_m: int = 0) -> Facts:
    return Facts(DEADLINE_MS + round(late_s * 1000), DEADLINE_MS, covered_bp, off_route_m, "digest")


def lines(given: Facts, rules: dict[str, Any] = RULES) -> tuple[dict[str, str], str]:
    found = calculate(terms("12.5", "CNY", rules), given)
    return {line.rule: str(line.amount) for line in found.lines}, str(found.total)


def test_a_whole_ride_in_time_is_paid_with_its_reward_up_to_the_most() -> None:
    said, total = lines(facts())
    assert said == {
        "base": "12.50",
        "coverage": "0.00",
        "off_route": "0.00",
        "on_time": "2.00",
        "limits": "-0.50",
    }
    assert total == "14.00"


def test_minutes_begun_after_the_grace_cost_each() -> None:
    assert lines(facts(late_s=5 * 60))[0]["late"] == "0.00"
    said, total = lines(facts(late_s=7 * 60 + 1))
    assert (said["late"], total) == ("-0.60", "11.90")
    assert "on_time" not in said


def test_what_was_not_ridden_takes_its_share_rounded_for_the_courier() -> None:
    assert lines(facts(covered_bp=7000))[0]["coverage"] == "-6.25"
    assert lines(facts(covered_bp=9499))[0]["coverage"] == "0.00"
    assert lines(facts(covered_bp=1000))[0]["coverage"] == "-12.50"


def test_kilometres_off_the_route_cost_beyond_the_free_ones() -> None:
    assert lines(facts(off_route_m=1739))[0]["off_route"] == "-1.23"


def test_the_least_is_paid_whatever_is_taken_and_nothing_less_than_nothing() -> None:
    said, total = lines(facts(late_s=86_400, covered_bp=0, off_route_m=90_000))
    assert total == "3.00"
    assert Decimal(said["limits"]) > 0
    without = {name: rule for name, rule in RULES.items() if name != "limits"}
    assert lines(facts(late_s=86_400), without)[1] == "0.00"


def test_a_task_without_rules_pays_its_amount() -> None:
    assert lines(facts(late_s=500, covered_bp=1, off_route_m=5000), {}) == ({"base": "12.50"}, "12.50")


def test_facts_come_from_the_settled_record() -> None:
    record = {"progress": {"covered": 0.9731}, "off_route": {"length_m": 312.4}}
    assert facts_of(1, None, record, "d") == Facts(1, None, 9731, 312, "d")
    record["arrival"] = {"at": 1_800_000_000.1, "not_before": 1_800_000_000.1, "left_m": 0.0}
    assert facts_of(1, None, record, "d") == Facts(
        1, None, 9731, 312, "d", 1_800_000_000_100, 1_800_000_000_100, 0
    )
    record["arrival"] = {"at": None, "not_before": 1_800_000_007.25, "left_m": 151.6}
    assert facts_of(1, None, record, "d") == Facts(1, None, 9731, 312, "d", None, 1_800_000_007_250, 152)


def on_time(late_s: float, **ride: int) -> Line:
    found = calculate(terms("12.5", "CNY", RULES), replace(facts(late_s), **ride))
    return next(line for line in found.lines if line.rule == "on_time")


def test_the_line_of_the_reward_says_which_time_counted_and_why() -> None:
    """The deadline is 08:00:00."""
    there = {"arrived_ms": DEADLINE_MS - 90_000, "not_before_ms": DEADLINE_MS - 90_000, "left_m": 0}
    line = on_time(-60, **there)
    assert (str(line.amount), line.given["counts"]) == ("2.00", "ride")
    assert line.text == (
        "Finished by the deadline, at 2027-01-15 07:59:00 UTC; "
        "the ride was at the end at 2027-01-15 07:58:30 UTC."
    )
    off = {"not_before_ms": DEADLINE_MS - 61_000, "left_m": 900}  # the phone went off 900 m before the end
    line = on_time(-60, **off)
    assert (str(line.amount), line.given["counts"]) == ("2.00", "stated")
    assert "07:59:00 UTC as the courier states" in line.text
    assert "from 900 m away it could be reached by 2027-01-15 07:58:59 UTC" in line.text
    line = on_time(-61, **off | {"not_before_ms": DEADLINE_MS - 60_001})  # phones state whole seconds
    assert str(line.amount) == "2.00"
    line = on_time(-62, **off)
    assert (str(line.amount), line.given) == ("0.00", {
        "counts": "ride", "finished_at": DEADLINE_MS // 1000 - 62, "not_before": DEADLINE_MS // 1000 - 61,
        "left_m": 900,
    })  # fmt: skip
    assert line.text.startswith("No reward: the finish is stated for 2027-01-15 07:58:58 UTC, but the ride")


@pytest.mark.parametrize(
    ("rules", "field"),
    [
        ({"tip": {}}, "bonus.rules.tip"),
        ({"late": {}}, "bonus.rules.late.per_minute"),
        ({"late": {"per_minute": 0.2}}, "bonus.rules.late.per_minute"),
        ({"late": {"per_minute": "-0.20"}}, "bonus.rules.late.per_minute"),
        ({"late": {"per_minute": "0.205"}}, "bonus.rules.late.per_minute"),
        ({"late": {"per_minute": "0.20", "grace_minutes": -1}}, "bonus.rules.late.grace_minutes"),
        ({"late": {"per_minute": "0.20", "grace": 1}}, "bonus.rules.late.grace"),
        ({"late": 3}, "bonus.rules.late"),
        ({"coverage": {"full_percent": 101}}, "bonus.rules.coverage.full_percent"),
        ({"coverage": {"full_percent": 50, "none_percent": 50}}, "bonus.rules.coverage.none_percent"),
        ({"limits": {"least": "5.00", "most": "4.99"}}, "bonus.rules.limits.most"),
        ({"on_time": {"reward": "1e3"}}, "bonus.rules.on_time.reward"),
    ],
)
def test_wrong_terms_are_refused_by_field(rules: dict[str, Any], field: str) -> None:
    with pytest.raises(BadRequest) as refused:
        terms("12.50", "CNY", rules)
    assert [error["field"] for error in refused.value.errors] == [field]


def test_a_negative_bonus_is_refused() -> None:
    with pytest.raises(BadRequest, match=r"bonus\.amount must be a decimal number"):
        terms("-1.00", "CNY", {})
