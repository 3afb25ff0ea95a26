"""A fleet's rules: what an admin may set, and what is said of the rest; and alerts over HTTP."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from stacks.tasks.alerts import handler as alerts_handler
from stacks.tasks.fleet.shapes import read_rules
from telemetry.alerts import KINDS, MEANINGS, THRESHOLDS, Rules
from telemetry.api import Request
from telemetry.problem import BadRequest
from tests import events
from tests.events import CONTEXT
from tests.fakes_alerts import FakeAlerts
from tests.fakes_stacks import FakeTasks
from tests.watching import alert
from tools.alerts import PAGE, with_tables


def read(body) -> Rules:
    return read_rules(Request(events.http("PUT /v1/fleet/rules", json.dumps(body))))


def test_what_is_left_out_has_its_default() -> None:
    assert read({}) == Rules()
    assert read({"kinds": ["late"], "late_by_s": 0}) == Rules(frozenset({"late"}), late_by_s=0)
    assert read({"kinds": []}).kinds == frozenset()


@pytest.mark.parametrize("name", THRESHOLDS)
def test_a_threshold_outside_its_bounds_is_refused(name) -> None:
    it = THRESHOLDS[name]
    for value in (it.low - 1, it.high + 1, 1.5, "1", True):
        with pytest.raises(BadRequest) as refused:
            read({name: value})
        assert refused.value.errors[0]["field"] == name
    assert getattr(read({name: it.low}), name) == it.low


def test_an_unknown_kind_or_field_is_refused() -> None:
    for body in ({"kinds": ["hungry"]}, {"silent": 3}, []):
        with pytest.raises(BadRequest):
            read(body)


@pytest.fixture
def ask(monkeypatch):
    store = FakeAlerts(FakeTasks())
    monkeypatch.setattr(alerts_handler, "wire", lambda: store)

    def asked(route, query=None, path=None):
        event = events.signed_in(events.http(route), "manager")
        event["queryStringParameters"], event["pathParameters"] = query, path
        answer = alerts_handler.handler(event, CONTEXT)
        return answer["statusCode"], json.loads(answer["body"])

    return store, asked


def test_alerts_come_newest_first_by_pages(ask) -> None:
    store, asked = ask
    for i in range(3):
        name = f"al_000000000000000{i}"
        store.alerts["demo", name] = alert(name)
    store.alerts["demo", "al_9"] = replace(alert("al_9"), closed_ms=1)
    _, first = asked("GET /v1/alerts", {"limit": "2"})
    assert [it["alert"][-1] for it in first["alerts"]] == ["2", "1"]
    _, rest = asked("GET /v1/alerts", {"limit": "2", "after": first["next"]})
    assert ([it["alert"][-1] for it in rest["alerts"]], rest["next"]) == (["0"], None)
    _, closed = asked("GET /v1/alerts", {"state": "closed"})
    assert [it["alert"] for it in closed["alerts"]] == ["al_9"]
    assert asked("GET /v1/alerts", {"state": "all"})[0] == 400


def test_who_acknowledged_an_alert_first_stays(ask) -> None:
    store, asked = ask
    store.alerts["demo", alert().alert] = replace(alert(), acknowledged_ms=5, acknowledged_by="max")
    status, said = asked("POST /v1/alerts/{alert}/acknowledge", path={"alert": alert().alert})
    assert (status, said["acknowledged_by"], said["acknowledged_at"]) == (200, "max", 0.005)
    assert asked("POST /v1/alerts/{alert}/acknowledge", path={"alert": "al_none"})[0] == 404


def test_the_page_has_the_kinds_and_thresholds_of_the_code() -> None:
    assert PAGE.read_text() == with_tables(PAGE.read_text()), "run `python -m tools.alerts`"
    with pytest.raises(ValueError, match="needs"):
        with_tables("# A page")
    assert set(MEANINGS) == set(KINDS)
