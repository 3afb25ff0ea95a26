"""What a person does on the page, against the double: list, card, map, language, phone."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESKTOP, PHONE, sign_in
from tests.browser.double import DIST, Double
from tests.browser.town import on, populate

AXE = DIST.parent / "node_modules" / "axe-core" / "axe.min.js"


def row(page: Page, courier: str):
    return page.locator(f".row[data-courier={courier}]")


def violations(page: Page) -> list[str]:
    """What axe holds against the page as it is, each with the first place."""
    page.evaluate(f"() => {{ {AXE.read_text()} }}")
    found = page.evaluate("() => axe.run({ resultTypes: ['violations'] })")["violations"]
    return [f"{one['id']}: {one['nodes'][0]['failureSummary']} {one['nodes'][0]['html']}" for one in found]


def resting(page: Page, courier: str) -> tuple[float, float]:
    """Where the courier's dot is on the page, once it stands still."""
    frame = page.locator("main.map").bounding_box()
    assert frame is not None
    place = None
    for _ in range(100):
        data = row(page, courier).evaluate("row => [row.dataset.x, row.dataset.y]")
        if data == place and None not in data:
            return frame["x"] + float(data[0]), frame["y"] + float(data[1])
        place = data
        time.sleep(0.3)
    raise AssertionError(f"{courier}'s dot does not rest: {place}")


def test_a_click_on_a_dot_opens_its_card_and_on_nothing_closes_it(page: Page, double: Double) -> None:
    sign_in(page, double.base)
    page.mouse.click(*resting(page, "zhao-lei"))
    card = page.locator("section.card")
    expect(card).to_have_attribute("data-courier", "zhao-lei")
    expect(card).to_contain_text("180 m")
    expect(card).to_contain_text("Parcel round 5")
    expect(row(page, "zhao-lei")).to_have_attribute("aria-selected", "true")
    box = page.locator("main.map").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] - 12, box["y"] + box["height"] - 12)
    expect(card).to_be_hidden()


def test_a_row_brings_its_courier_into_the_middle_of_the_map(page: Page, double: Double) -> None:
    sign_in(page, double.base)
    row(page, "sun").click()
    box = page.locator("main.map").bounding_box()
    assert box is not None
    page.wait_for_function(
        """([x, y]) => {
            const { dataset } = document.querySelector(".row[data-courier=sun]")
            return Math.hypot(dataset.x - x, dataset.y - y) < 3
        }""",
        arg=[box["width"] / 2, box["height"] / 2],
    )
    page.get_by_role("button", name="Show everybody").click()
    expect(page.locator("canvas.dots")).to_have_attribute("data-dots", "12")


def test_the_list_works_by_keyboard(page: Page, double: Double) -> None:
    sign_in(page, double.base)
    page.get_by_role("listbox").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("End")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    active = page.evaluate("document.activeElement.getAttribute('aria-activedescendant')")
    chosen = page.locator(f"#{active}")
    expect(chosen).to_have_attribute("aria-posinset", "11")
    expect(chosen).to_have_attribute("aria-selected", "true")
    card = page.locator("section.card")
    card.get_by_role("button", name="Close").focus()
    page.keyboard.press("Escape")
    expect(card).to_be_hidden()
    expect(page.get_by_role("listbox")).to_be_focused()


def test_filter_search_and_sort(page: Page, double: Double) -> None:
    sign_in(page, double.base)
    rows = page.locator(".row")
    page.locator("[data-filter=off_route]").click()
    expect(rows).to_have_count(2)
    page.get_by_role("searchbox").fill("nobody")
    expect(page.locator(".empty")).to_contain_text("No courier fits “Off route · nobody”")
    page.locator(".empty").get_by_role("button", name="Show everybody").click()
    expect(rows.first).to_have_attribute("aria-setsize", "12")
    page.get_by_role("searchbox").fill("river")
    expect(rows.first).to_contain_text("River road")
    page.get_by_role("searchbox").fill("")
    page.get_by_role("combobox").select_option("name")
    expect(page.locator(".row[aria-posinset='1']")).to_have_attribute("data-courier", "chen")


def test_chinese_everywhere_and_remembered(page: Page, double: Double) -> None:
    sign_in(page, double.base)
    page.get_by_role("button", name="中文").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    expect(page.locator(".status")).to_contain_text("实时")
    expect(row(page, "zhao-lei")).to_contain_text("偏离路线 180 m")
    row(page, "zhao-lei").click()
    expect(page.locator("section.card")).to_contain_text("已离开路线：请联系骑手")
    page.reload()
    expect(page.locator("[data-filter=stalled]")).to_contain_text("停滞")
    page.get_by_role("button", name="退出登录").click()
    expect(page.get_by_role("heading", name="登录")).to_be_visible()


def test_a_chinese_browser_starts_in_chinese(pages: Callable[..., Page], double: Double) -> None:
    page = pages(locale="zh-CN")
    page.goto(double.base)
    expect(page.get_by_role("button", name="登录", exact=True)).to_be_visible()


def test_sign_in_says_what_is_wrong(page: Page, double: Double) -> None:
    page.goto(double.base)
    submit = page.get_by_role("button", name="Sign in")
    alert = page.get_by_role("alert")
    submit.click()
    expect(alert).to_contain_text("Enter your user and password")
    for user, told in (("nobody", "not right"), ("li", "this map is for managers")):
        page.fill("#user", user)
        page.fill("#password", "a long password")
        submit.click()
        expect(alert).to_contain_text(told)
    expect(submit).to_be_enabled()


def test_an_empty_fleet_shows_its_routes_and_what_comes_next(page: Page, double: Double) -> None:
    double.rows.clear()
    sign_in(page, double.base)
    expect(page.locator(".empty")).to_contain_text("Nobody is on the road yet")
    double.move("mei", **on("harbour@3", 100, time.time()))
    expect(row(page, "mei")).to_be_visible()
    expect(page.locator("canvas.dots")).to_have_attribute("data-dots", "1")


TILES = "/{z}/{x}/{y}"
BACKGROUNDS = [
    ({"tiles": f"/tiles{TILES}"}, "tile", False),
    ({"style": "/style.json"}, "style", False),
    ({"tiles": f"/broken{TILES}"}, "snapshot", True),
    ({"style": "/broken/style.json"}, "snapshot", True),
]


@pytest.mark.parametrize(("background", "asked", "told"), BACKGROUNDS)
def test_a_background_map_is_shown_or_its_absence_told(
    page: Page, double: Double, background: dict[str, str], asked: str, told: bool
) -> None:
    vars(double).update(background)
    sign_in(page, double.base)
    expect(page.locator("main.map")).to_contain_text("© Map people")
    expect(page.locator("canvas.dots")).to_have_attribute("data-dots", "12")
    page.mouse.click(*resting(page, "zhao-lei"))
    expect(page.locator("section.card")).to_have_attribute("data-courier", "zhao-lei")
    expect(page.get_by_text("The background map does not load")).to_be_visible(visible=told)
    assert asked in double.asked


def test_a_phone_has_map_list_and_card_without_sideways_scrolling(
    pages: Callable[..., Page], double: Double
) -> None:
    page = pages(viewport={"width": 375, "height": 667}, has_touch=True)
    sign_in(page, double.base)
    assert page.evaluate("document.documentElement.scrollWidth") == 375
    row(page, "zhao-lei").tap()
    expect(page.locator("section.card")).to_be_in_viewport(ratio=0.9)
    page.get_by_role("button", name="Close").tap()
    page.get_by_role("button", name="Show the list").tap()
    box = page.get_by_role("listbox").bounding_box()
    assert box is not None
    assert box["height"] > 667 / 2


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESKTOP, PHONE])
def test_axe_finds_nothing(
    pages: Callable[..., Page], double: Double, scheme: str, size: dict[str, int]
) -> None:
    page = pages(viewport=size, color_scheme=scheme, reduced_motion="reduce")
    page.goto(double.base)
    page.wait_for_selector("#user")
    assert violations(page) == []
    sign_in(page, double.base)
    expect(page.locator("canvas.dots")).to_have_attribute("data-dots", "12")
    assert violations(page) == []
    row(page, "zhao-lei").click()
    expect(page.locator("section.card")).to_be_visible()
    assert violations(page) == []


def test_without_webgl_the_list_is_live_all_the_same(page: Page, double: Double) -> None:
    page.add_init_script("HTMLCanvasElement.prototype.getContext = () => null")
    sign_in(page, double.base)
    expect(page.locator(".no-map")).to_contain_text("The map cannot be drawn")
    double.move("mei", **on("harbour@3", 6_000, time.time()))
    expect(row(page, "mei")).to_have_attribute("data-fraction", str(double.rows["mei"]["fraction"]))


def test_it_asks_nobody_else_and_leaves_no_globals(page: Page, double: Double) -> None:
    strangers: list[str] = []
    page.on("request", lambda asked: None if double.base in asked.url else strangers.append(asked.url))
    page.goto(double.base)
    before = set(page.evaluate("Object.keys(window)"))
    sign_in(page, double.base)
    expect(page.locator("canvas.dots")).to_have_attribute("data-dots", "12")
    assert set(page.evaluate("Object.keys(window)")) == before
    assert strangers == []


def test_thousands_are_listed_by_the_rows_in_sight(page: Page, double: Double) -> None:
    populate(double, 3_000)
    sign_in(page, double.base)
    expect(page.locator("canvas.dots")).not_to_have_attribute("data-dots", "0")
    assert page.locator(".row").count() < 40
    listbox = page.get_by_role("listbox")
    listbox.focus()
    page.keyboard.press("End")
    expect(page.locator(".row[aria-posinset='3000']")).to_be_visible()
    assert page.locator(".row").count() < 40
