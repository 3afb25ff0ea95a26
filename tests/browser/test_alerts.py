"""Alerts above the list of couriers: they come live, are seen to, and go."""

from __future__ import annotations

import time

from playwright.sync_api import Page, expect

from tests.browser.conftest import sign_in
from tests.browser.double import Double
from tests.browser.test_page import violations


def test_alerts_come_are_seen_to_and_go(page: Page, double: Double, tmp_path) -> None:
    double.alert("al_1", "late", "sun", raised_at=time.time() - 300)
    sign_in(page, double.base)
    rows = page.locator(".alerts li")
    expect(rows).to_have_count(1)
    expect(rows.first).to_contain_text("Late")
    expect(rows.first).to_contain_text("5 min ago")
    double.alert("al_2", "off_route", "zhao-lei")
    double.alert("al_3", "low_battery", "chen")
    expect(rows).to_have_count(3)
    assert [row.get_attribute("data-alert") for row in rows.all()] == ["al_3", "al_2", "al_1"]

    rows.nth(1).locator(".who").click()
    expect(page.locator("section.card")).to_have_attribute("data-courier", "zhao-lei")
    rows.nth(1).get_by_role("button", name="I see to it").click()
    expect(rows.nth(1)).to_contain_text("mei sees to it")
    assert violations(page) == []
    page.screenshot(path=tmp_path / "alerts.png")

    page.get_by_role("button", name="中文").click()
    expect(rows.first).to_contain_text("电量低")
    expect(rows.nth(1)).to_contain_text("mei 处理中")
    page.screenshot(path=tmp_path / "alerts-zh.png")

    for name in ("al_1", "al_2", "al_3"):
        double.alert(name, "late", "sun", "closed", closed_at=time.time())
    expect(page.locator(".alerts")).to_be_hidden()


def test_a_message_that_the_page_does_not_know_is_left_out(page: Page, double: Double) -> None:
    sign_in(page, double.base)
    double.say({"type": "weather", "rain": True})
    double.alert("al_1", "silent", "sun")
    expect(page.locator(".alerts li")).to_have_count(1)
    expect(page.locator(".status")).to_have_attribute("data-status", "live")
