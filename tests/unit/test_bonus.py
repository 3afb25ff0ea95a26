"""A bonus line by line."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from stacks.tasks.bonus import calculate, terms
from stacks.tasks.bonus.facts import Facts, facts_of
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
