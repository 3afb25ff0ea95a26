"""A fleet's webhooks, as its managers make, see and remove them."""

from __future__ import annotations

import json
from dataclasses import replace

import msgspec
import pytest

from stacks.tasks.fleet import handler as fleet_handler
from stacks.tasks.fleet.hooks import MOST, Hooks
from stacks.tasks.fleet.hooks import shown as hooks_shown
from stacks.tasks.fleet.shapes import NewWebhook
from stacks.tasks.fleet.wiring import Wiring
from stacks.tasks.notify.events import EVENTS
from stacks.tasks.webhooks import health
from stacks.tasks.webhooks.health import OFF_AFTER_S
from storage.webhooks import Webhook
from telemetry.problem import BadRequest, Conflict, NameTaken, NotFound
from tests import events
from tests.events import CONTEXT
from tests.fakes_alerts import FakeAlerts, FakeSecrets, FakeWebhooks
from tests.fakes_stacks import FakeTasks

NOW = 1_795_492_800.0
ERP = Webhook("demo", "erp", "https://erp.example.com/m?a=1", ("alert.raised",), 7)


def test_a_manager_sees_how_a_webhook_fares_and_not_the_key_in_its_address() -> None:
    ms = round(NOW * 1000)
    failing = replace(
        ERP, state="failing", failures=9, failing_ms=ms - 5_000, failed_ms=ms, failure="503",
        succeeded_ms=ms - 9_000, next_ms=ms + 60_000,
    )  # fmt: skip
    told = hooks_shown(failing, url=False)
    assert told["url"] == "https://erp.example.com"
    assert hooks_shown(failing)["url"] == ERP.url
    assert (told["healthy"], told["state"], told["failure"], told["failures"]) == (False, "failing", "503", 9)
    assert (told["succeeded_at"], told["failed_at"], told["failing_since"]) == (NOW - 9, NOW, NOW - 5)
    assert told["off_at"] == NOW - 5 + OFF_AFTER_S
    well = hooks_shown(health.taken(failing, 0.1, ms + 1))
    assert (well["healthy"], well["failing_since"], well["off_at"]) == (True, None, None)
    assert hooks_shown(ERP)["healthy"]


@pytest.fixture
def hooks():
    return Hooks(FakeWebhooks(), FakeSecrets(), private=False)


WANTED = NewWebhook("https://erp.example.com/m", ["alert.closed", "alert.raised"])


def test_a_secret_is_shown_once_and_again_when_a_new_one_is_asked_for(hooks) -> None:
    webhook, secret = hooks.put("demo", "erp", WANTED, NOW)
    assert secret == hooks.secrets.get("demo", "erp")
    assert webhook.events == ("alert.raised", "alert.closed")
    assert hooks.put("demo", "erp", WANTED, NOW)[1] is None
    renewed = NewWebhook(WANTED.url, WANTED.events, new_secret=True)
    assert hooks.put("demo", "erp", renewed, NOW)[1] not in {None, secret}


def test_what_is_to_be_new_replaces_no_webhook_of_its_name(hooks) -> None:
    made, secret = hooks.put("demo", "erp", WANTED, NOW, fresh=True)
    other = NewWebhook("https://other.example.com/", ["task.opened"])
    with pytest.raises(NameTaken, match="without If-None-Match"):
        hooks.put("demo", "erp", other, NOW + 1, fresh=True)
    assert (hooks.store.all("demo"), hooks.secrets.get("demo", "erp")) == ([made], secret)
    assert hooks.put("rival", "erp", other, NOW + 1, fresh=True)[1] not in {None, secret}


def test_of_two_who_make_a_webhook_at_once_the_second_is_refused(hooks, monkeypatch) -> None:
    """Both have found the name free before either takes it."""
    monkeypatch.setattr(hooks.store, "all", lambda _: [])
    made, secret = hooks.put("demo", "erp", WANTED, NOW, fresh=True)
    with pytest.raises(NameTaken):
        hooks.put("demo", "erp", NewWebhook("https://other.example.com/", ["task.opened"]), NOW, fresh=True)
    assert hooks.store.get("demo", "erp") == made
    assert hooks.secrets.get("demo", "erp") == secret


@pytest.mark.parametrize(("store", "call"), [("store", "add"), ("secrets", "put")])
def test_what_is_half_made_is_listed_and_can_be_removed_and_made_again(
    hooks, monkeypatch, store, call
) -> None:
    """Or its name would be taken for good, by nothing that anybody sees."""
    with monkeypatch.context() as patch:
        patch.setattr(getattr(hooks, store), call, away)
        with pytest.raises(TimeoutError):
            hooks.put("demo", "erp", WANTED, NOW, fresh=True)
    made_again(hooks)


@pytest.mark.parametrize("store", ["store", "secrets"])
def test_what_is_half_removed_is_listed_and_can_be_removed_and_made_again(hooks, monkeypatch, store) -> None:
    hooks.put("demo", "erp", WANTED, NOW, fresh=True)
    with monkeypatch.context() as patch:
        patch.setattr(getattr(hooks, store), "remove", away)
        with pytest.raises(TimeoutError):
            hooks.remove("demo", "erp")
    made_again(hooks)


def away(*_) -> None:
    raise TimeoutError


def made_again(hooks) -> None:
    for it in hooks.all("demo"):
        hooks.remove("demo", it.name)
    made, secret = hooks.put("demo", "erp", WANTED, NOW + 1, fresh=True)
    assert (hooks.all("demo"), hooks.secrets.get("demo", "erp")) == ([made], secret)


def test_the_header_if_none_match_makes_a_webhook_and_changes_none(hooks, monkeypatch) -> None:
    monkeypatch.setattr(fleet_handler, "wire", lambda: Wiring(FakeAlerts(FakeTasks()), hooks))

    def put(**headers: str) -> tuple[int, dict]:
        event = events.http("PUT /v1/fleet/webhooks/{webhook}", json.dumps(msgspec.to_builtins(WANTED)))
        event = events.signed_in(event, "admin") | {"pathParameters": {"webhook": "erp"}}
        event["headers"] |= {name.replace("_", "-"): value for name, value in headers.items()}
        answered = fleet_handler.handler(event, CONTEXT)
        return answered["statusCode"], json.loads(answered["body"])

    assert put(if_none_match='"3"')[1]["errors"][0]["field"] == "if-none-match"
    status, made = put(if_none_match="*")
    assert (status, made["secret"]) == (200, hooks.secrets.get("demo", "erp"))
    status, problem = put(if_none_match="*")
    assert (status, problem["type"]) == (412, "urn:milepost:problem:name-taken")
    status, changed = put()
    assert (status, "secret" in changed) == (200, False)


def test_a_change_switches_a_webhook_on_again(hooks) -> None:
    hooks.put("demo", "erp", WANTED, NOW)
    hooks.store.put(replace(hooks.store.get("demo", "erp"), state="off", failure="410 Gone"))
    webhook, _ = hooks.put("demo", "erp", WANTED, NOW + 1)
    assert (webhook.state, webhook.failure) == ("on", None)


def test_a_fleet_has_so_many_webhooks_and_no_more(hooks) -> None:
    for i in range(MOST):
        hooks.put("demo", f"w{i}", WANTED, NOW)
    with pytest.raises(Conflict, match="may have no more"):
        hooks.put("demo", "more", WANTED, NOW)
    hooks.remove("demo", "w0")
    hooks.put("demo", "more", WANTED, NOW)
    assert hooks.secrets.get("demo", "w0") is None
    with pytest.raises(NotFound):
        hooks.remove("demo", "w0")


@pytest.mark.parametrize(
    ("name", "said", "field"),
    [
        ("Up", WANTED, "webhook"),
        ("a/b", WANTED, "webhook"),
        ("erp", NewWebhook("http://erp.example.com", list(EVENTS)), "url"),
        ("erp", NewWebhook(WANTED.url, ["alert.raised", "alert"]), "events[1]"),
    ],
)
def test_what_is_wrong_with_a_webhook_is_said_by_field(hooks, name, said, field) -> None:
    with pytest.raises(BadRequest) as refused:
        hooks.put("demo", name, said, NOW)
    assert refused.value.errors[0]["field"] == field
    assert hooks.store.all("demo") == []
