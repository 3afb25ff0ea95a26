"""The tasks page on the real stack: an admin offers work, once or again and again; all see how it goes."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.conftest import DESKTOP, PHONE, Stack, held
from tests.browser.test_page import violations
from tests.local.api import call

ZONE = "Asia/Shanghai"
PASSWORD = "a long password"
LINE = {"type": "LineString", "coordinates": [[121.4700, 31.2304], [121.4800, 31.2304], [121.4900, 31.2304]]}
BONUS = {
    "amount": "12.50",
    "currency": "CNY",
    "rules": {"on_time": {"reward": "2.00"}, "late": {"per_minute": "0.20", "grace_minutes": 5}},
}


class Fleet:
    """People and routes of the stack, and what the API says of them."""

    def __init__(self, stack: Stack) -> None:
        self.base, self.admin = stack.base, stack.admin
        self.sessions = {
            role: self._person(f"tasks-{role}", role) for role in ("admin", "manager", "courier")
        }
        for number, name in enumerate(("Quay round", "Quay express", "Hill climb")):
            body = {"id": f"tasks-{number}", "name": name, "line": LINE}
            assert call(self.base, "POST /v1/routes", body, self.admin)[0] == 201

    def _person(self, name: str, role: str) -> dict[str, Any]:
        user = {"user": name, "role": role, "password": PASSWORD}
        assert call(self.base, "POST /v1/users", user, self.admin)[0] == 201
        return call(self.base, "POST /v1/session", {"user": name, "password": PASSWORD})[1]

    def ask(self, route: str, body: Any = None, role: str = "admin") -> Any:
        status, said = call(self.base, route, body, self.sessions[role]["token"])
        assert status < 300, said
        return said

    def task(self, **changes: Any) -> dict[str, Any]:
        new = {"route": "tasks-0@1", "bonus": BONUS, "deadline": time.time() + 7200} | changes
        return self.ask("POST /v1/tasks", new)

    def titled(self, title: str) -> list[dict[str, Any]]:
        return [task for task in self.ask("GET /v1/tasks")["tasks"] if task["title"] == title]


@pytest.fixture(scope="module")
def fleet(stack: Stack) -> Fleet:
    return Fleet(stack)


@pytest.fixture
def desk(pages: Callable[..., Page], fleet: Fleet) -> Callable[..., Page]:
    """Opens the tasks page for somebody who is signed in, in a browser of its own."""

    def open_page(role: str = "admin", thing: str = "", **look: Any) -> Page:
        page = pages(timezone_id=ZONE, **look)
        session = json.dumps(fleet.sessions[role])
        page.add_init_script(f"sessionStorage.setItem('milepost.session', {json.dumps(session)})")
        page.goto(f"{fleet.base}/#/tasks{thing and '/'}{thing}")
        page.wait_for_selector("[data-status=live]")
        page.wait_for_selector(".shelf:not([aria-busy])")
        return page

    return open_page


def field(page: Page, name: str) -> Locator:
    return page.locator(f".form [id$='-{name.replace('.', '-')}']")


def row(page: Page, title: str) -> Locator:
    return page.locator(".shelf-list a", has_text=title)


def at(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M")


def shanghai() -> datetime:
    return datetime.now(ZoneInfo(ZONE)).replace(second=0, microsecond=0)


def write(page: Page, title: str, deadline: datetime | None = None) -> None:
    """What a task needs."""
    field(page, "route").fill("hill")
    page.keyboard.press("Enter")
    field(page, "title").fill(title)
    field(page, "bonus.amount").fill("12.5")
    field(page, "deadline").fill(at(deadline or shanghai() + timedelta(hours=2)))


def send(page: Page) -> None:
    page.locator(".form button[type=submit]").click()


def test_an_admin_offers_a_task_and_everybody_sees_how_it_goes(desk, fleet: Fleet) -> None:
    page, watching = desk(), desk("manager")
    page.get_by_role("link", name="New task").click()
    expect(field(page, "route")).to_be_focused()
    page.keyboard.type("quay")
    expect(page.locator(".picker [role=option]")).to_have_count(2)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("option", name="Quay round")).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    expect(field(page, "route")).to_have_value("Quay round")
    page.keyboard.press("Tab")
    page.keyboard.type("By keyboard")
    page.keyboard.press("Tab")
    page.keyboard.type("2")
    field(page, "bonus.amount").fill("12.5")
    page.get_by_label("Deduction for being late").check()
    field(page, "late.per_minute").fill("0.2")
    expect(page.locator(".told")).to_contain_text("CN¥0.20 is taken for each minute begun")
    field(page, "deadline").fill(at(shanghai() + timedelta(hours=2)))
    page.keyboard.press("Enter")

    expect(page.locator(".sheet > .notice")).to_contain_text("The task is made")
    sheet = page.locator(".sheet")
    for words in ("By keyboard", "Quay round", "0 of 2", "Nobody has claimed it yet", "CN¥12.50"):
        expect(sheet).to_contain_text(words)
    (made,) = fleet.titled("By keyboard")
    assert made["bonus"] == {
        "amount": "12.50",
        "currency": "CNY",
        "rules": {"late": {"per_minute": "0.20", "grace_minutes": 0}},
    }
    assert (made["route"], made["quantity"], made["status"]) == ("tasks-0@1", 2, "open")

    expect(row(watching, "By keyboard")).to_contain_text("2 of 2 left")
    page.get_by_role("button", name="Withdraw", exact=True).focus()
    trip = fleet.ask(f"POST /v1/tasks/{made['task']}/claim", {}, "courier")
    expect(row(watching, "By keyboard")).to_contain_text("1 of 2 left")
    expect(row(page, "By keyboard")).to_contain_text("1 of 2 left")
    expect(sheet.get_by_role("row", name="tasks-courier")).to_contain_text("Claimed")
    expect(page.get_by_role("button", name="Withdraw", exact=True)).to_be_focused()
    fleet.ask(f"POST /v1/trips/{trip['trip']}/release", {}, "courier")
    expect(sheet.get_by_role("row", name="tasks-courier")).to_contain_text("Released")

    page.keyboard.press("Enter")
    page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    assert fleet.titled("By keyboard")[0]["status"] == "open"
    page.get_by_role("button", name="Withdraw", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="Withdraw", exact=True).click()
    expect(page.locator(".sheet > .notice")).to_contain_text("Withdrawn")
    expect(row(page, "By keyboard")).to_have_count(0)
    expect(row(watching, "By keyboard")).to_have_count(0)
    watching.get_by_role("button", name="Withdrawn").click()
    row(watching, "By keyboard").click()
    expect(watching.locator(".sheet-head")).to_contain_text("Withdrawn")
    expect(watching.locator(".sheet-head button")).to_have_count(0)  # a manager looks on
    expect(watching.get_by_role("link", name="New task")).to_have_count(0)


def test_what_is_refused_is_told_at_its_field_and_nothing_typed_is_lost(desk, fleet: Fleet) -> None:
    page = desk(thing="new")
    send(page)
    expect(field(page, "route")).to_be_focused()
    expect(page.locator(".wrong:visible")).to_have_count(3)
    write(page, "Refused", deadline=shanghai() - timedelta(hours=1))
    expect(page.locator(".wrong:visible")).to_have_count(0)
    field(page, "bonus.amount").fill("12.505")
    field(page, "notes").fill("Ring at the gate.")
    send(page)
    expect(field(page, "deadline")).to_be_focused()
    expect(field(page, "deadline")).to_have_attribute("aria-invalid", "true")
    expect(page.locator(".wrong:visible")).to_have_text("Must lie in the future; Unix seconds are expected.")

    page.get_by_role("button", name="中文").click()
    expect(page.locator(".sheet")).to_contain_text("新建任务")
    field(page, "deadline").fill(at(shanghai() + timedelta(days=1)))
    send(page)
    amount = field(page, "bonus.amount")
    expect(amount).to_be_focused()
    described = page.locator(f"#{(amount.get_attribute('aria-describedby') or '').split()[-1]}")
    expect(described).to_have_text("CNY 最多 2 位小数。")
    expect(field(page, "notes")).to_have_value("Ring at the gate.")

    page.get_by_role("link", name="结算").click()
    page.get_by_role("link", name="任务", exact=True).click()
    page.get_by_role("link", name="新建任务").click()
    expect(amount).to_have_value("12.505")
    page.reload()
    expect(field(page, "route")).to_have_value("Hill climb")
    expect(field(page, "notes")).to_have_value("Ring at the gate.")
    amount.fill("12.50")
    send(page)
    expect(page.locator(".sheet > .notice")).to_contain_text("任务已创建")
    assert fleet.titled("Refused")[0]["notes"] == "Ring at the gate."


def test_a_task_whose_answer_was_lost_is_made_once(desk, fleet: Fleet) -> None:
    page = desk(thing="new")
    keys: list[str] = []

    def lose(route: Route) -> None:
        if route.request.method != "POST":
            route.continue_()
            return
        keys.append(route.request.headers["idempotency-key"])
        route.fetch()
        route.abort()

    page.route("**/v1/tasks", lose)
    write(page, "Lost and found")
    send(page)
    expect(page.locator(".sheet > .notice")).to_contain_text("The server does not answer")
    expect(field(page, "title")).to_have_value("Lost and found")
    page.unroute("**/v1/tasks")
    send(page)
    expect(page.locator(".sheet > .notice")).to_contain_text("The task is made")
    assert len(keys) == 3
    assert len(set(keys)) == 1
    assert len(fleet.titled("Lost and found")) == 1


def test_another_like_this_brings_all_of_it(desk, fleet: Fleet) -> None:
    made = fleet.task(title="The first", quantity=3, tags=["bike"], photos=2, notes="Ring.")
    page = desk(thing=made["task"])
    page.get_by_role("button", name="Make another like this").click()
    expect(field(page, "route")).to_have_value("Quay round")
    field(page, "title").fill("The second")
    send(page)
    expect(page.locator(".sheet > .notice")).to_contain_text("The task is made")
    (other,) = fleet.titled("The second")
    same = ("route", "bonus", "quantity", "tags", "photos", "notes")
    assert {name: other[name] for name in same} == {name: made[name] for name in same}
    assert abs(other["deadline"] - made["deadline"]) < 60


def test_a_schedule_is_made_shown_with_its_next_times_and_deleted(desk, fleet: Fleet) -> None:
    page = desk(thing="new")
    field(page, "route").fill("tasks-2@1")
    field(page, "title").fill("Each morning")
    field(page, "bonus.amount").fill("5")
    field(page, "mode").select_option("again")
    page.get_by_label("Common schedules").select_option(label="Monday to Friday at 08:00")
    expect(field(page, "cron")).to_have_value("0 8 * * 1-5")
    expect(field(page, "time_zone")).to_have_value("Asia/Shanghai")
    field(page, "closes_after").fill("3")
    field(page, "deadline_after").fill("1.5")
    send(page)
    expect(
        field(page, "closes_after")
    ).to_be_focused()  # the server counts from the opening, and told `closes`
    field(page, "closes_after").fill("60")
    field(page, "closes_after.unit").select_option("minutes")
    send(page)
    expect(page.locator(".sheet > .notice")).to_contain_text("The schedule is made")
    sheet = page.locator(".sheet")
    expect(sheet.locator(".coming li")).to_have_count(5)
    expect(sheet.locator(".coming li").first).to_contain_text("08:00")
    for words in ("Monday to Friday at 08:00", "Asia/Shanghai", "1 hour", "90 minutes"):
        expect(sheet).to_contain_text(words)
    (made,) = [
        it for it in fleet.ask("GET /v1/schedules")["schedules"] if it["task"]["title"] == "Each morning"
    ]
    assert (made["task"]["closes_after"], made["task"]["deadline_after"]) == (60, 90)

    def failing(route: Route) -> None:
        answer = route.fetch()
        said = answer.json()
        for it in said["schedules"]:
            it |= {"failed": "Route tasks-2@1 is retired.", "failed_at": made["next"][0] - 86_400}
        route.fulfill(response=answer, json=said)

    page.route("**/v1/schedules", failing)
    page.reload()
    expect(row(page, "Each morning")).to_contain_text("Failing")
    expect(sheet.locator(".sheet-body .notice")).to_contain_text("Route tasks-2@1 is retired.")
    page.unroute("**/v1/schedules")
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.locator(".sheet > .notice")).to_contain_text("Deleted")
    expect(row(page, "Each morning")).to_have_count(0)
    assert made not in fleet.ask("GET /v1/schedules")["schedules"]


@pytest.mark.parametrize(("scheme", "size"), [("light", DESKTOP), ("dark", PHONE)])
def test_axe_finds_nothing_and_a_phone_scrolls_one_way(
    desk, fleet: Fleet, scheme: str, size: dict[str, int]
) -> None:
    tagged = fleet.task(
        title=f"A title that is as long as a title may be, or nearly so, {scheme}", tags=["bike"]
    )
    page = desk(viewport=size, color_scheme=scheme, reduced_motion="reduce")
    assert violations(page) == []
    row(page, tagged["title"]).click()
    expect(page.locator(".sheet")).to_contain_text("Nobody has claimed it yet")
    assert violations(page) == []
    page.goto(f"{fleet.base}/#/tasks/new")
    for box in page.locator(".form input[type=checkbox]").all():
        box.check()
    send(page)
    expect(page.locator(".wrong:visible")).to_have_count(7)
    assert violations(page) == []
    field(page, "route").click()
    expect(page.get_by_role("listbox")).to_be_visible()
    field(page, "mode").select_option("again")
    assert violations(page) == []
    for part in ("document.documentElement", "document.querySelector('.sheet')"):
        assert page.evaluate(f"{part}.scrollWidth - {part}.clientWidth") == 0


def test_a_long_list_keeps_its_place_while_news_come(desk, fleet: Fleet) -> None:
    rows = [fleet.task(title=f"Row {number:02}") for number in range(55)]
    page = desk()
    body = page.locator(".shelf-body")
    body.evaluate("body => body.scrollTop = body.scrollHeight")
    page.get_by_role("button", name="Show more").click()
    link = row(page, "Row 02")
    link.focus()

    def height() -> float:
        return link.evaluate("link => link.getBoundingClientRect().top")

    before = height()
    fleet.ask(f"POST /v1/tasks/{rows[1]['task']}/claim", {}, "courier")
    fleet.ask(f"POST /v1/tasks/{rows[0]['task']}/withdraw")
    expect(row(page, "Row 01")).to_have_count(0)
    expect(row(page, "Row 00")).to_have_count(0)
    expect(link).to_be_focused()
    assert abs(height() - before) < 1
    newest = fleet.task(title="Above all")
    expect(page.locator(".shelf-list a").first).to_have_attribute("data-id", newest["task"])
    assert abs(height() - before) < 1


def test_the_same_task_once_more_is_a_second_task(desk, fleet: Fleet) -> None:
    page, deadline = desk(), shanghai() + timedelta(hours=3)
    for made in (1, 2):
        page.get_by_role("link", name="New task").click()
        write(page, "Twins", deadline)
        send(page)
        expect(page.get_by_text("The task is made.")).to_be_visible()
        expect(row(page, "Twins")).to_have_count(made)
    assert len(fleet.titled("Twins")) == 2


def test_a_task_that_is_made_late_does_not_take_the_page_away(desk, fleet: Fleet) -> None:
    page = desk()
    asked = held(page, "**/v1/tasks")
    page.get_by_role("link", name="New task").click()
    write(page, "Made late")
    send(page)
    expect(page.locator(".form button[type=submit]")).to_have_attribute("aria-busy", "true")
    page.get_by_role("link", name="Payouts", exact=True).click()
    expect(page.get_by_role("heading", name="Payouts")).to_be_visible()
    asked[0].continue_()
    expect(row(page, "Made late")).to_have_count(1)  # the list behind knows
    assert page.evaluate("location.hash") == "#/payouts"
    page.get_by_role("link", name="Tasks", exact=True).click()
    expect(page.get_by_text("The task is made.")).to_be_visible()


def test_more_trips_that_do_not_come_are_told(desk, fleet: Fleet) -> None:
    made = fleet.task(title="Many trips")
    page = desk()
    trip = {"trip": "tr_1", "courier": "mei", "state": "claimed", "claimed_at": time.time()}
    first = {"trips": [trip | {"started_at": None, "finished_at": None}], "next": "tr_1"}
    page.route("**/v1/trips?task=*", lambda route: route.fulfill(json=first), times=1)
    page.evaluate(f"location.hash = '#/tasks/{made['task']}'")
    more = page.locator("main.sheet").get_by_role("button", name="Show more")
    expect(more).to_be_visible()
    page.route("**/v1/trips?task=*", lambda route: route.fulfill(status=400, json={"detail": "Not now."}))
    more.click()
    expect(page.get_by_role("status").filter(has_text="Not now.")).to_be_visible()


@pytest.mark.parametrize("size", [DESKTOP, PHONE])
def test_the_box_of_a_rule_stands_beside_its_name(desk, fleet: Fleet, size: dict[str, int]) -> None:
    page = desk(viewport=size)
    page.get_by_role("link", name="New task").click()
    rules = page.locator(".field.tick")
    expect(rules).to_have_count(5)
    for rule in rules.all():
        box, name = rule.locator("input").bounding_box(), rule.locator("label").bounding_box()
        assert box is not None
        assert name is not None
        assert 0 <= name["x"] - box["x"] - box["width"] <= 16
