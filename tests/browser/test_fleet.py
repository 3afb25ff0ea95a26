"""Fleet on the real stack: what an admin sets, what a manager reads, and a webhook from beginning to end."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import Page, Route, expect

from stacks.tasks.webhooks.sign import signature
from telemetry.alerts import KINDS, Rules
from tests.browser.conftest import PHONE, Stack, signed_in
from tests.browser.test_page import violations
from tests.local.api import call
from tests.local.test_whole_flow import LINE, until

DEFAULTS = Rules()


class Receiver(BaseHTTPRequestHandler):
    """Has seen enough after the first delivery: 410."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        names = ("webhook-id", "webhook-timestamp", "webhook-signature")
        self.server.seen.append(([self.headers[name] for name in names], body))
        self.send_response(410)
        self.end_headers()

    def log_message(self, *_) -> None:
        pass


@pytest.fixture
def receiver() -> Iterator[ThreadingHTTPServer]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Receiver) as serving:
        serving.seen = []
        threading.Thread(target=serving.serve_forever, daemon=True).start()
        yield serving
        serving.shutdown()


@pytest.fixture
def clean(stack: Stack) -> Iterator[None]:
    """The rules are the defaults and there is no webhook, before and after."""

    def reset() -> None:
        assert call(stack.base, "PUT /v1/fleet/rules", {}, stack.admin)[0] == 200
        for hook in hooks(stack):
            assert (
                call(stack.base, f"DELETE /v1/fleet/webhooks/{hook['webhook']}", None, stack.admin)[0] == 204
            )

    reset()
    yield
    reset()


def hooks(stack: Stack) -> list:
    return call(stack.base, "GET /v1/fleet/webhooks", None, stack.admin)[1]["webhooks"]


def rules(stack: Stack) -> dict:
    return call(stack.base, "GET /v1/fleet/rules", None, stack.admin)[1]


def hook(stack: Stack, name: str, url: str = "https://erp.example.com/milepost", *events: str) -> None:
    body = {"url": url, "events": list(events) or ["alert.raised"]}
    assert call(stack.base, f"PUT /v1/fleet/webhooks/{name}", body, stack.admin)[0] == 200


def opened(page: Page, stack: Stack, thing: str = "", role: str = "admin") -> None:
    signed_in(page, stack, f"#/fleet{thing and '/' + thing}", role)
    expect(page.locator("main.sheet h2")).to_be_visible()


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def agree(page: Page, name: str) -> None:
    page.get_by_role("dialog").get_by_role("button", name=name, exact=True).click()


def fault(page: Page, label: str) -> str:
    """What is told to be wrong with a field, as it is described to who cannot see it."""
    field = page.get_by_label(label, exact=True)
    expect(field).to_have_attribute("aria-invalid", "true")
    ids = (field.get_attribute("aria-describedby") or "").split()
    return " ".join(page.locator(f"#{it}").inner_text() for it in ids)


def test_an_admin_sets_the_rules_and_goes_back_to_the_defaults(page: Page, stack: Stack, clean: None) -> None:
    opened(page, stack)
    save, bar = page.get_by_role("button", name="Save"), page.locator(".form-bar")
    expect(page.get_by_role("switch")).to_have_count(len(KINDS))
    expect(bar).to_contain_text("Everything is saved")
    expect(save).to_be_disabled()
    page.get_by_role("switch", name="Late").uncheck()
    silent = page.locator(".rule[data-kind=silent]")
    silent.get_by_role("textbox").fill("600")
    expect(silent).to_contain_text("= 10 min")
    expect(silent).to_contain_text("300 s by default; from 120 to 86,400 s")
    expect(bar).to_contain_text("Not saved yet")
    save.click()
    expect(page.get_by_role("status").filter(has_text="Saved.")).to_be_visible()
    expect(bar).to_contain_text("Everything is saved")
    said = rules(stack)
    assert (said["silent_after_s"], set(said["kinds"])) == (600, set(KINDS) - {"late"})
    page.reload()
    expect(silent.get_by_role("textbox")).to_have_value("600")
    expect(page.get_by_role("switch", name="Late")).not_to_be_checked()
    press(page, "Back to the defaults")
    expect(silent.get_by_role("textbox")).to_have_value("300")
    assert rules(stack)["silent_after_s"] == 600  # until it is saved
    save.click()
    expect(bar).to_contain_text("Everything is saved")
    assert rules(stack)["silent_after_s"] == DEFAULTS.silent_after_s


def test_a_rule_that_cannot_be_is_told_at_its_field_and_nothing_typed_is_lost(
    page: Page, stack: Stack, clean: None
) -> None:
    opened(page, stack, "rules")
    page.get_by_label("Battery below").fill("91")
    page.get_by_label("Late by more than").fill("an hour")
    press(page, "Save")
    assert "Enter a whole number from 1 to 90 %." in fault(page, "Battery below")
    assert "from 0 to 86,400 s" in fault(page, "Late by more than")
    expect(page.get_by_label("Late by more than")).to_be_focused()
    assert rules(stack)["battery_below_percent"] == DEFAULTS.battery_below_percent

    def refuse(route: Route) -> None:  # as a server with other bounds does
        faults = [{"field": "late_by_s", "reason": "must be from 600 to 900 s"}]
        body = {"type": "about:blank", "title": "No", "status": 400, "detail": "No.", "errors": faults}
        if route.request.method == "PUT":
            route.fulfill(status=400, content_type="application/problem+json", body=json.dumps(body))
        else:
            route.fallback()

    page.route("**/v1/fleet/rules", refuse)
    page.get_by_label("Battery below").fill("20")
    page.get_by_label("Late by more than").fill("500")
    press(page, "Save")
    expect(page.get_by_label("Battery below")).not_to_have_attribute("aria-invalid", "true")
    assert "Must be from 600 to 900 s." in fault(page, "Late by more than")
    expect(page.get_by_label("Late by more than")).to_have_value("500")
    page.get_by_role("link", name="People", exact=True).click()
    dialog = page.get_by_role("dialog", name="Leave without saving?")
    dialog.get_by_role("button", name="Cancel").click()
    expect(page.get_by_label("Battery below")).to_have_value("20")
    page.get_by_role("link", name="People", exact=True).click()
    agree(page, "Leave")
    expect(page.get_by_role("heading", name="People")).to_be_visible()


def test_a_manager_reads(page: Page, stack: Stack, clean: None) -> None:
    hook(stack, "erp", "https://erp.example.com/key/of/theirs")
    opened(page, stack, "rules", "manager")
    expect(page.get_by_role("switch", name="Off route")).to_be_checked()
    expect(page.get_by_role("switch", name="Off route")).to_be_disabled()
    expect(page.locator(".rule[data-kind=silent]").get_by_role("textbox")).not_to_be_editable()
    expect(page.locator("main.sheet")).to_contain_text("An admin sets the rules.")
    for name in ("Save", "Back to the defaults"):
        expect(page.get_by_role("button", name=name)).to_have_count(0)
    page.locator(".shelf").get_by_role("link", name="erp").click()
    expect(page.locator(".facts")).to_contain_text("https://erp.example.com")
    assert "key/of/theirs" not in page.content()
    expect(page.locator(".sheet-head").get_by_role("button")).to_have_count(0)
    for name in ("New webhook", "Change"):
        expect(page.get_by_role("link", name=name)).to_have_count(0)


def test_a_webhook_is_made_and_told_and_switched_on_again(
    page: Page, stack: Stack, clean: None, receiver: ThreadingHTTPServer
) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    opened(page, stack)
    page.get_by_role("link", name="New webhook").click()
    page.get_by_label("Name", exact=True).fill("erp")
    page.get_by_label("Address", exact=True).fill(f"http://127.0.0.1:{receiver.server_port}/in")
    page.locator("input[name='alert.*']").uncheck()
    page.locator("input[name='task.*']").check()
    page.locator("input[name='task.withdrawn']").uncheck()
    press(page, "Save")
    secret = page.get_by_role("textbox", name="Secret")
    expect(secret).to_have_value(re.compile(r"^whsec_.{44}$"))
    press(page, "Copy")
    expect(page.locator(".copy-told")).to_have_text("Copied")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == secret.input_value()
    (made,) = hooks(stack)
    assert made["events"] == ["task.scheduled", "task.opened", "task.taken", "task.closed"]
    press(page, "I have kept it")
    expect(secret).to_have_count(0)

    route = call(stack.base, "POST /v1/routes", {"id": "told", "line": LINE}, stack.admin)[1]["route"]
    task = {"route": route, "bonus": {"amount": "1", "currency": "CNY"}, "deadline": time.time() + 3600}
    assert call(stack.base, "POST /v1/tasks", task, stack.admin)[0] == 201
    (name, at, signed), body = until(lambda: receiver.seen and receiver.seen[0], 30)
    assert signed == f"v1,{signature(copied, name, int(at), body)}"
    head = page.locator(".sheet-head")
    expect(head.locator(".badge")).to_have_text("Off", timeout=30_000)  # by itself: events were told
    expect(page.locator(".facts")).to_contain_text("410 Gone")
    expect(page.locator(".shelf a[aria-current] .badge")).to_have_text("Off")
    press(page, "Switch on again")
    expect(head.locator(".badge")).to_have_text("On")
    expect(page.get_by_role("status").filter(has_text="The webhook is on")).to_be_visible()
    assert hooks(stack)[0]["state"] == "on"


def test_a_refused_webhook_keeps_what_was_typed(page: Page, stack: Stack, clean: None) -> None:
    hook(stack, "erp")
    opened(page, stack)
    expect(page.locator(".shelf")).to_contain_text("erp.example.com")
    page.get_by_role("link", name="New webhook").click()
    page.get_by_label("Name", exact=True).fill("erp")
    page.get_by_label("Address", exact=True).fill("erp.example.com")
    page.locator("input[name='alert.*']").uncheck()
    press(page, "Save")
    assert "Enter an address such as" in fault(page, "Address")
    expect(page.get_by_role("group", name="What is sent")).to_contain_text("Choose at least one")
    page.locator("input[name='alert.raised']").check()
    page.get_by_label("Address", exact=True).fill("https://crm.example.com")
    press(page, "Save")
    assert "There is a webhook of this name." in fault(page, "Name")
    expect(page.get_by_label("Name", exact=True)).to_be_focused()
    assert hooks(stack)[0]["url"] == "https://erp.example.com/milepost"  # it is as it was
    page.get_by_label("Name", exact=True).fill("crm")
    page.get_by_label("Address", exact=True).fill("https://crm.example.com/#x")
    press(page, "Save")
    expect(page.get_by_label("Address", exact=True)).to_be_focused()
    assert "Must have a host, and neither a user, a password nor a #fragment" in fault(page, "Address")
    page.get_by_role("button", name="中文").click()
    told = page.locator(".wrong [data-said]")
    expect(told).to_have_text("须带主机名，不含用户名、密码或 # 片段。")
    assert told.get_attribute("lang") is None
    page.get_by_role("button", name="EN", exact=True).click()
    expect(told).to_contain_text("Must have a host")
    expect(page.get_by_label("Name", exact=True)).to_have_value("crm")
    for i in range(4):
        hook(stack, f"more-{i}")
    page.get_by_label("Address", exact=True).fill("https://crm.example.com/")
    press(page, "Save")
    expect(page.locator(".sheet > .notice")).to_contain_text("The fleet has 5 webhooks")
    page.get_by_role("button", name="中文").click()
    expect(page.locator(".sheet > .notice")).to_contain_text(
        "车队已有 5 个 Webhook，不能再多；请先删除一个。"
    )
    page.get_by_role("button", name="EN", exact=True).click()
    expect(page.get_by_label("Name", exact=True)).to_have_value("crm")


def test_a_webhook_is_changed_gets_a_new_secret_and_is_removed(page: Page, stack: Stack, clean: None) -> None:
    hook(stack, "erp")
    opened(page, stack, "hook~erp")
    page.get_by_role("link", name="Change", exact=True).click()
    page.get_by_label("Address", exact=True).fill("https://erp.example.com/other")
    page.locator("input[name='trip.*']").check()
    press(page, "Save")
    expect(page.locator(".facts")).to_contain_text("https://erp.example.com/other")
    assert len(hooks(stack)[0]["events"]) == 18
    press(page, "New secret")
    expect(page.get_by_role("dialog")).to_contain_text("the old one ends at once")
    page.keyboard.press("Escape")
    expect(page.get_by_role("textbox", name="Secret")).to_have_count(0)
    press(page, "New secret")
    agree(page, "New secret")
    expect(page.get_by_role("textbox", name="Secret")).to_be_visible()
    page.get_by_role("link", name="Alert rules").click()
    page.get_by_role("link", name="erp").click()
    expect(page.locator(".sheet-head h2")).to_have_text("erp")
    expect(page.get_by_role("textbox", name="Secret")).to_have_count(0)  # that once
    press(page, "Remove")
    agree(page, "Remove")
    expect(page.get_by_role("heading", name="Alert rules")).to_be_visible()
    expect(page.locator(".shelf")).not_to_contain_text("erp")
    assert hooks(stack) == []


def test_what_a_newer_server_says_of_a_webhook_is_shown(page: Page, stack: Stack, clean: None) -> None:
    now = time.time()
    newer = {
        "webhook": "erp",
        "url": "https://erp.example.com",
        "events": ["alert.raised", "gate.opened"],
        "state": "resting",
        "changed_at": now - 9000,
        "failed_at": now - 60,
        "failure": "503",
        "succeeded_at": now - 600,
        "failures": 1234,
        "failing_since": now - 500,
        "off_at": now + 90_000,
        "something": {"else": []},
    }
    page.route("**/v1/fleet/webhooks", lambda route: route.fulfill(json={"webhooks": [newer]}))
    opened(page, stack, "hook~erp")
    shown = page.locator("main.sheet")
    for text in ("resting", "503", "Last taken", "1,234", "Failing since", "Switched off, if it goes on"):
        expect(shown).to_contain_text(text)
    expect(shown).to_contain_text("gate.opened")
    page.get_by_role("link", name="Change", exact=True).click()
    expect(page.locator("input[name='gate.opened']")).to_be_checked()


def test_chinese_keyboard_phone_and_axe(pages: Callable[..., Page], stack: Stack, clean: None) -> None:
    page = pages(viewport=PHONE)
    hook(stack, "erp", "https://erp.example.com/" + "long/" * 60)
    signed_in(page, stack, "#/fleet", "admin")
    page.get_by_role("button", name="中文").click()
    page.get_by_role("link", name="警报规则").focus()
    page.keyboard.press("Enter")
    expect(page.locator("main.sheet")).to_contain_text("骑手离开路线时发出；回到路线或已到达时关闭。")
    switch = page.get_by_role("switch", name="停滞")
    switch.focus()
    page.keyboard.press("Space")
    expect(page.locator(".form-bar")).to_contain_text("尚未保存")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # in the field of a threshold
    expect(page.get_by_role("status").filter(has_text="已保存。新规则")).to_be_visible()
    assert "stalled" not in rules(stack)["kinds"]
    page.get_by_label("电量低于", exact=True).fill("0")
    press(page, "保存")
    assert "请输入 1 至 90 % 之间的整数。" in fault(page, "电量低于")
    page.get_by_label("电量低于", exact=True).fill("15")
    for thing in ("rules", "new", "hook~erp", ""):
        page.goto(f"{stack.base}/#/fleet{thing and '/' + thing}")
        there = f"[data-thing='{thing}']" if thing else ":not([data-thing])"
        expect(page.locator(f".shell{there}")).to_have_count(1)
        page.wait_for_load_state("networkidle")
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= PHONE["width"], thing
        for theme in ("light", "dark"):
            page.emulate_media(color_scheme=theme)
            assert violations(page) == [], (thing, theme)
