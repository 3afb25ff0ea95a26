"""What a task or a schedule will mean, in the form, on the real stack: before anything is made."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect

from tests.browser.conftest import DESKTOP, Stack, signed_in
from tests.browser.test_page import violations
from tests.local.api import call

RULES = {
    "on_time": {"reward": "2"},
    "late": {"per_minute": "0.2", "grace_minutes": "5"},
    "coverage": {"full_percent": "95", "none_percent": "45"},
}
ASKED = "**/v1/bonuses/example"


@pytest.fixture
def form(chromium: Browser, stack: Stack) -> Iterator[Any]:
    """Opens the form of a new task for an admin in Shanghai."""
    contexts, troubles = [], []

    def open_form(**look: Any) -> Page:
        looks = {"viewport": DESKTOP, "locale": "en-GB", "timezone_id": "Asia/Shanghai"} | look
        contexts.append(chromium.new_context(**looks))
        contexts[-1].set_default_timeout(10_000)
        page = contexts[-1].new_page()
        page.on("pageerror", lambda error: troubles.append(str(error)))
        signed_in(page, stack, "#/tasks/new", "admin")
        expect(field(page, "route")).to_be_focused()
        return page

    yield open_form
    for context in contexts:
        context.close()
    assert troubles == []


def field(page: Page, name: str) -> Locator:
    return page.locator(f".form [id$='-{name.replace('.', '-')}']")


def agree(page: Page, amount: str = "12.5", rules: dict[str, dict[str, str]] = RULES) -> None:
    field(page, "bonus.amount").fill(amount)
    for rule, terms in rules.items():
        field(page, f"rules.{rule}").check()
        for term, value in terms.items():
            field(page, f"{rule}.{term}").fill(value)


def lines(page: Page) -> list[list[str]]:
    rows = page.locator(".example tr").all()
    return [[cell.inner_text() for cell in row.locator("th, td").all()] for row in rows[1:]]


def test_a_person_sees_what_a_trip_would_pay_and_moves_what_is_supposed(form, stack: Stack) -> None:
    page = form()
    example = page.locator(".example")
    field(page, "bonus.amount").fill("12.5")
    expect(example).to_be_hidden()  # without a rule every trip pays that
    agree(page)
    expect(example).to_contain_text("on time gets CN¥14.50")
    expect(example.locator("tfoot")).to_contain_text("CN¥7.75")
    asked = {
        "bonus": {
            "amount": "12.5", "currency": "CNY", "rules": {
                "on_time": {"reward": "2"}, "late": {"per_minute": "0.2", "grace_minutes": 5},
                "coverage": {"full_percent": 95, "none_percent": 45},
            },
        },
        "rides": [{"late_s": 600, "covered": 0.8}],
    }  # fmt: skip
    status, said = call(stack.base, "POST /v1/bonuses/example", asked, stack.manager)
    assert status == 200
    told = [line["amount"] for line in said["calculations"][0]["lines"]]
    assert [row[-1].replace("CN¥", "") for row in lines(page)] == [*told, "7.75"]
    assert lines(page)[2][1] == "10 min late, 5 min of them free, CN¥0.20 for each other minute."

    expect(
        page.get_by_role("slider", name="Ridden away from the route")
    ).to_be_hidden()  # no rule asks for it
    late, part = (
        page.get_by_role("slider", name="Finish"),
        page.get_by_role("slider", name="Part of the route"),
    )
    late.press("Home")
    part.press("End")
    expect(example.locator("tfoot")).to_contain_text("CN¥14.50")
    assert late.get_attribute("aria-valuetext") == "on time"
    part.press("ArrowLeft")
    assert (part.get_attribute("aria-valuetext"), page.evaluate("sessionStorage.length")) == ("99%", 2)
    page.get_by_role("button", name="中文").click()
    expect(example).to_contain_text("准时骑完全程支付 ¥14.50")
    expect(example.get_by_role("row", name="路线完成度")).to_contain_text("骑行了路线的 99.00%")


def test_lines_follow_the_newest_question_alone_and_stay_until_its_answer(form) -> None:
    page = form()
    agree(page)
    total = page.locator(".example tfoot")
    expect(total).to_contain_text("CN¥7.75")
    page.evaluate(
        """() => {
            window.gone = 0
            const example = document.querySelector(".example")
            const look = () => { if (example.hidden || !example.querySelector("tfoot td")) window.gone++ }
            new MutationObserver(look).observe(example, { subtree: true, childList: true, attributes: true })
        }"""
    )
    late, held = page.get_by_role("slider", name="Finish"), []

    def hold(route: Route) -> None:
        held.append(route)
        if json.loads(route.request.post_data or "")["rides"][1]["late_s"] == 0:
            route.continue_()  # the others are never answered

    page.route(ASKED, hold)
    late.press("ArrowRight")
    page.wait_for_function("document.querySelector('.example').getAttribute('aria-busy') === 'true'")
    page.wait_for_timeout(300)
    for _ in range(11):
        late.press("ArrowLeft")
    expect(total).to_contain_text("CN¥10.75")
    expect(page.locator(".example")).not_to_have_attribute("aria-busy", "true")
    # The first, and one for eleven steps; more only where the keys themselves took long.
    assert 2 <= len(held) <= 4
    assert page.evaluate("window.gone") == 0

    page.route(ASKED, lambda route: route.abort())
    late.press("ArrowRight")
    expect(page.locator(".example")).to_contain_text("The server does not answer")
    page.unroute(ASKED)
    late.press("ArrowRight")
    expect(total).to_contain_text("CN¥8.75")
    expect(page.locator(".example")).not_to_contain_text("The server does not answer")


def test_what_is_refused_is_told_at_its_field_once_the_person_has_left_it(form) -> None:
    page = form()
    agree(page)
    expect(page.locator(".example tfoot")).to_contain_text("CN¥7.75")
    amount, wrong = field(page, "bonus.amount"), page.locator(".wrong:visible")
    with page.expect_response(ASKED) as refused:
        amount.fill("12.505")
    assert refused.value.status == 400
    page.wait_for_timeout(100)
    expect(wrong).to_have_count(0)
    expect(page.locator(".example tfoot")).to_contain_text("CN¥7.75")
    amount.press("Tab")
    expect(wrong).to_have_text("Has more decimals than CNY knows (2).")
    expect(amount).to_have_attribute("aria-invalid", "true")
    assert (wrong.get_attribute("id") or "?") in (amount.get_attribute("aria-describedby") or "")
    expect(field(page, "bonus.currency")).to_be_focused()
    field(page, "bonus.currency").fill("kwd")  # it has three
    expect(wrong).to_have_count(0)
    expect(page.locator(".example tfoot")).to_contain_text("KWD 7.75")
    expect(amount).not_to_have_attribute("aria-invalid", "true")
    field(page, "late.grace_minutes").fill("some")
    field(page, "late.grace_minutes").press("Tab")
    expect(wrong).to_have_text("A whole number is expected.")
    field(page, "rules.late").uncheck()
    expect(wrong).to_have_count(0)
    expect(page.locator(".example tfoot")).to_contain_text("KWD")


def test_no_answer_is_told_until_the_next_one(form) -> None:
    page = form()
    page.route(ASKED, lambda route: route.abort())
    agree(page)
    example = page.locator(".example")
    expect(example).to_contain_text("The server does not answer.")
    expect(example).not_to_have_attribute("aria-busy", "true")
    page.unroute(ASKED)
    page.route("**/v1/schedules/times", lambda route: route.abort())
    field(page, "mode").select_option("again")
    field(page, "cron").fill("0 8 * * *")
    coming = page.locator(".foreseen:not(.example)")
    expect(coming).to_contain_text("The server does not answer.")
    field(page, "title").fill("Round")
    expect(coming).to_contain_text("The server does not answer.")


def test_a_common_schedule_is_no_longer_missing(form) -> None:
    page = form()
    field(page, "mode").select_option("again")
    page.get_by_role("button", name="Make the schedule").click()
    expect(field(page, "cron")).to_have_attribute("aria-invalid", "true")
    page.get_by_label("Common schedules").select_option(label="Monday to Friday at 08:00")
    expect(field(page, "cron")).not_to_have_attribute("aria-invalid", "true")


def test_the_next_times_are_told_by_both_clocks_and_what_the_clocks_skip(form) -> None:
    page = form()
    field(page, "mode").select_option("again")
    page.get_by_label("Common schedules").select_option(label="Monday to Friday at 08:00")
    coming = page.locator(".foreseen", has=page.locator(".coming"))
    expect(coming.locator("li")).to_have_count(5)
    expect(coming).to_contain_text("By the clocks of Asia/Shanghai")
    expect(coming).not_to_contain_text("here")
    # The last Sunday of March is always the day on which the clocks go forward there.
    field(page, "time_zone").fill("Europe/Berlin")
    field(page, "cron").fill("30 2 * 3 0")
    expect(coming.locator("li").first).to_contain_text("09:30 here")
    for item in coming.locator("li").all():
        assert item.inner_text().startswith("Sun")
        assert "02:30" in item.inner_text()
    expect(coming.locator(".change").first).to_contain_text(
        "go forward from 02:00 to 03:00. What is due in between does not happen on that day."
    )
    wrong, cron, zone = page.locator(".wrong:visible"), field(page, "cron"), field(page, "time_zone")
    with page.expect_response("**/v1/schedules/times"):
        cron.fill("30 2 * 3")
    page.wait_for_timeout(100)
    expect(wrong).to_have_count(0)
    cron.press("Tab")
    expect(wrong).to_contain_text("minute hour day month weekday are expected")
    expect(cron).to_have_attribute("aria-invalid", "true")
    cron.fill("0 8 * * *")
    expect(coming.locator("li").first).to_contain_text("08:00")
    zone.fill("Europe/Bonn")
    zone.press("Tab")
    expect(wrong).to_contain_text("Is no time zone: 'Europe/Bonn'")
    page.get_by_role("button", name="中文").click()
    zone.fill("America/New_York")
    expect(coming).to_contain_text("按 America/New_York 的时钟，并注明本地（Asia/Shanghai）时间")
    field(page, "mode").select_option("once")
    expect(coming).to_be_hidden()


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 390)])
def test_axe_finds_nothing_and_a_phone_scrolls_one_way(form, scheme: str, width: int) -> None:
    page = form(viewport={"width": width, "height": 800}, color_scheme=scheme, reduced_motion="reduce")
    agree(page, rules=RULES | {"off_route": {"per_km": "1"}, "limits": {"least": "3", "most": "14"}})
    field(page, "mode").select_option("again")
    field(page, "cron").fill("30 2 * 3 0")
    field(page, "time_zone").fill("Europe/Berlin")
    expect(page.locator(".foreseen .change").first).to_be_visible()
    expect(page.locator(".example tfoot")).to_be_visible()
    expect(page.locator(".foreseen[aria-busy=true]")).to_have_count(0)
    assert violations(page) == []
    for part in ("document.documentElement", "document.querySelector('.sheet')"):
        assert page.evaluate(f"{part}.scrollWidth - {part}.clientWidth") == 0
