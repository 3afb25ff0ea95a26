"""The routes' page on the laptop stack: files imported, drafts looked at, published, changed and retired."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from playwright.sync_api import Error, Locator, Page, expect

from tests.browser.conftest import DESKTOP, PHONE, Stack, answered, held, sign_in
from tests.browser.test_page import violations
from tests.drawings import FILES, LINE
from tests.local.api import call
from tests.local.test_whole_flow import until

OUT = [[121.47 + 0.0005 * i, 31.23] for i in range(40)]
BACK = [[lon, lat + 0.00008] for lon, lat in reversed(OUT)]
GAP = [[121.47, 31.26]]
FAR = {"name": "Far depot", "lon": 121.48, "lat": 31.24}


@pytest.fixture(scope="module")
def admin(stack: Stack) -> str:
    """The session of who may publish, as the page keeps it."""
    fleet = call(stack.base, "GET /config.json")[1]["fleet"]
    user = {"user": "browser-route-admin", "password": "a long password"}
    assert call(stack.base, "POST /v1/users", user | {"role": "admin"}, stack.admin)[0] == 201
    status, session = call(stack.base, "POST /v1/session", user | {"fleet": fleet})
    assert status == 200
    return json.dumps(session)


def enter(page: Page, stack: Stack, session: str, thing: str = "") -> None:
    """Signed in, with this on the routes' page."""
    page.add_init_script(f"sessionStorage.setItem('milepost.session', {json.dumps(session)})")
    page.goto(f"{stack.base}/#/routes/{thing}")
    page.wait_for_selector("main.sheet:not([data-off])", state="attached")


@pytest.fixture
def routes(page: Page, stack: Stack, admin: str) -> Page:
    """An admin on the routes' page."""
    enter(page, stack, admin)
    return page


def put(stack: Stack, route: str, line: list[list[float]], **more: Any) -> dict[str, Any]:
    body = {"name": route.title(), "line": {"type": "LineString", "coordinates": line}} | more
    status, draft = call(stack.base, f"PUT /v1/routes/{route}/draft", body, stack.admin)
    assert status == 200, draft
    return draft


def publish(stack: Stack, route: str, times: int = 1, **more: Any) -> None:
    body = {"id": route, "name": route.title(), "line": {"type": "LineString", "coordinates": LINE}} | more
    for _ in range(times):
        assert call(stack.base, "POST /v1/routes", body, stack.admin)[0] == 201


def choose(page: Page, name: str, data: bytes) -> None:
    page.get_by_label("File", exact=True).set_input_files({"name": name, "mimeType": "", "buffer": data})


def show(page: Page, thing: str) -> None:
    page.evaluate(f"location.hash = '#/routes/{thing}'")


def heading(page: Page, text: str) -> None:
    expect(page.locator("main.sheet").get_by_role("heading", name=text, exact=True)).to_be_visible()


def yes(page: Page, name: str) -> None:
    page.get_by_role("dialog").get_by_role("button", name=name, exact=True).click()


def notice(page: Page) -> Locator:
    """At the top of the sheet: a question that is just closing has one too."""
    return page.locator("main.sheet:not([data-off]) > .notice")


def test_a_file_becomes_a_draft_and_the_draft_a_route(routes: Page, stack: Stack) -> None:
    page = routes
    page.get_by_role("link", name="Import").click()
    choose(page, "Browser lap.gpx", FILES["gpx"])
    expect(page.get_by_label("Id", exact=True)).to_have_value("browser-lap")
    page.get_by_label("Time zone").fill("Asia/Shanghai")
    page.get_by_role("button", name="Make the draft").click()
    heading(page, "Harbour lap")
    expect(page.locator(".shelf-list [aria-current]")).to_contain_text("by browser-route-admin, just now")
    stops = page.get_by_role("row")
    expect(stops.nth(1)).to_contain_text("1. 四号码头")
    expect(stops.nth(1)).to_contain_text(re.compile(r"300 m.*1 min.*50 m.*always"))
    expect(page.locator(".facts")).to_contain_text("11 min at 14 km/h and 3 min at each stop")
    expect(page.locator(".plan canvas.maplibregl-canvas")).to_be_visible()
    page.get_by_role("button", name="Publish", exact=True).click()
    yes(page, "Publish")
    expect(notice(page)).to_contain_text("browser-lap@1 is published.")
    expect(page.locator(".shelf-list [aria-current]")).to_contain_text("browser-lap@1")
    assert call(stack.base, "GET /v1/routes/browser-lap/draft", token=stack.admin)[0] == 404
    page.get_by_role("link", name="Payouts", exact=True).click()
    expect(page.locator(".plan canvas")).to_have_count(0)  # its WebGL context is given back


def test_what_is_wrong_in_a_file_is_told_at_the_file_and_nothing_typed_is_lost(routes: Page) -> None:
    page = routes
    page.get_by_role("link", name="Import").click()
    page.get_by_role("button", name="Make the draft").click()
    expect(page.get_by_text("Choose a file first.")).to_be_visible()
    expect(page.get_by_label("File", exact=True)).to_be_focused()
    page.get_by_label("Name", exact=True).fill("Kept")
    page.get_by_label("GCJ-02").check()
    choose(page, "Broken file.kml", b"<kml><Placemark></kml>")
    page.get_by_role("button", name="Make the draft").click()
    file = page.get_by_label("File", exact=True)
    expect(file).to_have_attribute("aria-invalid", "true")
    expect(file).to_be_focused()
    expect(file).to_have_accessible_description(re.compile("it is not XML"))
    choose(page, "Zone.kml", FILES["kml"])
    page.get_by_label("Time zone").fill("Asia/Shangai")
    page.get_by_role("button", name="Make the draft").click()
    expect(page.get_by_label("Time zone")).to_have_accessible_description(re.compile("perhaps Asia/Shanghai"))
    expect(file).not_to_have_attribute("aria-invalid", "true")
    expect(page.get_by_label("Name", exact=True)).to_have_value("Kept")
    expect(page.get_by_label("GCJ-02")).to_be_checked()
    # Leaving is asked, and staying keeps it.
    page.get_by_role("link", name="Live", exact=True).click()
    yes(page, "Cancel")
    expect(page.get_by_label("Name", exact=True)).to_have_value("Kept")
    page.get_by_role("link", name="Live", exact=True).click()
    yes(page, "Leave")
    expect(page.locator("main.map")).to_be_visible()


def test_who_was_not_the_first_is_told_and_may_put_theirs_in_its_place(routes: Page, stack: Stack) -> None:
    page = routes
    put(stack, "contested", LINE)
    page.get_by_role("link", name="Import").click()
    choose(page, "contested.geojson", FILES["geojson"])
    page.get_by_role("button", name="Make the draft").click()
    told = notice(page)
    expect(told).to_contain_text("There is a draft of contested already, at revision 1")
    put(stack, "contested", OUT, revision=1)
    told.get_by_role("button", name="Put mine in its place").click()
    expect(told).to_contain_text("Somebody was faster: the draft of contested is at revision 2 now")
    told.get_by_role("button", name="Put mine in its place").click()
    heading(page, "Harbour lap")
    expect(page.locator(".facts")).to_contain_text("revision 3")
    # Publishing what somebody has changed meanwhile is not done; what stands now is shown.
    put(stack, "contested", OUT, revision=3, name="Theirs")
    page.get_by_role("button", name="Publish", exact=True).click()
    yes(page, "Publish")
    expect(told).to_contain_text("Somebody has changed the draft of contested meanwhile")
    heading(page, "Theirs")


def test_warnings_and_map_point_at_one_another_and_what_blocks_is_said(routes: Page, stack: Stack) -> None:
    page = routes
    put(stack, "odd", OUT + BACK + GAP, stops=[FAR], name="Odd one")
    show(page, "odd")
    expect(page.get_by_role("button", name="Publish", exact=True)).to_be_disabled()
    expect(page.get_by_role("button", name="Publish", exact=True)).to_have_accessible_description(
        re.compile("1 to be mended")
    )
    findings = page.locator(".finding")
    expect(findings.nth(0)).to_contain_text(
        "Stop 1, Far depot, is 950 m from the line, beyond its radius of 50 m"
    )
    expect(findings.nth(0)).to_contain_text("Blocks publishing")
    expect(findings.nth(1)).to_contain_text("Runs beside itself")
    expect(findings.last).to_contain_text("Points 80 and 81 are 3.3 km apart")
    findings.last.focus()
    page.keyboard.press("Enter")
    last = findings.count()
    expect(page.locator(f".pins [data-pin='{last}']")).to_have_attribute("data-chosen", "")
    expect(findings.last).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="Show the whole route").click()
    page.locator(".pins [data-pin='1']").click()
    expect(findings.nth(0)).to_be_focused()
    expect(findings.nth(0)).to_have_attribute("aria-pressed", "true")
    expect(findings.last).to_have_attribute("aria-pressed", "false")
    page.get_by_role("button", name="中文").click()
    expect(findings.nth(0)).to_contain_text("第 1 站“Far depot”距路线 950 m，超出其半径 50 m")
    expect(page.locator(".blocked")).to_contain_text("有 1 处需要修改")
    expect(page.get_by_role("button", name="发布", exact=True)).to_be_disabled()
    page.get_by_role("button", name="丢弃草稿").click()
    yes(page, "丢弃草稿")
    expect(notice(page)).to_contain_text("odd 的草稿已丢弃")
    assert call(stack.base, "GET /v1/routes/odd/draft", token=stack.admin)[0] == 404


def test_a_version_is_changed_by_a_draft_and_retired(routes: Page, stack: Stack) -> None:
    page = routes
    stop = {"name": "Pier", "lon": LINE[1][0], "lat": LINE[1][1], "radius_m": 60}
    hours = {"opens": "08:00", "closes": "18:30"}
    publish(stack, "ring", 2, stops=[stop | hours], time_zone="Asia/Shanghai")
    show(page, "ring@2")
    heading(page, "Ring")
    expect(page.get_by_role("row").nth(1)).to_contain_text("08:00 to 18:30")
    page.get_by_role("button", name="Change it").click()
    expect(page.locator(".facts")).to_contain_text("07:28 to 18:27")  # half an hour early at most
    show(page, "ring@2")
    page.get_by_role("button", name="Change it").click()
    expect(
        page.locator("[aria-pressed=true]", has_text="Drafts")
    ).to_be_visible()  # the same again is no conflict
    show(page, "ring@1")
    expect(page.locator(".sheet-head")).to_contain_text("ring@1")
    page.get_by_role("button", name="Retire this version").click()
    yes(page, "Cancel")
    page.get_by_role("button", name="Retire this version").click()
    yes(page, "Retire this version")
    expect(notice(page)).to_contain_text("ring@1 takes no new tasks now.")
    expect(page.locator("[aria-pressed=true]", has_text="Retired")).to_be_visible()
    expect(page.get_by_role("button", name="Retire this version")).to_have_count(0)
    show(page, "ring@2")
    expect(page.locator(".sheet-head")).to_contain_text("ring@2")
    page.get_by_role("button", name="Retire all versions").click()
    yes(page, "Retire all versions")
    expect(notice(page)).to_contain_text("ring takes no new tasks now.")
    listed = call(stack.base, "GET /v1/routes", token=stack.admin)[1]["routes"]
    assert not [it for it in listed if it["route"].startswith("ring@")]


def test_a_version_that_is_retired_late_takes_no_form_away(routes: Page, stack: Stack) -> None:
    page = routes
    publish(stack, "slow")
    show(page, "slow@1")
    heading(page, "Slow")
    page.get_by_role("button", name="Retire this version").click()
    asked = held(page, "**/retire")
    yes(page, "Retire this version")
    until(lambda: page.evaluate("1") and asked)
    show(page, "~draw")
    page.get_by_label("Name", exact=True).fill("Half typed")
    answered(page, asked[0], {"routes": []})
    page.wait_for_timeout(300)  # time enough to fetch what was open
    expect(page.get_by_label("Name", exact=True)).to_have_value("Half typed")
    page.get_by_label("Name", exact=True).fill("")


def clicked(page: Page, *places: tuple[int, int]) -> None:
    """On the map, as a hand does: it moves there first."""
    box = page.locator(".plan").bounding_box()
    assert box is not None
    for x, y in places:
        page.mouse.move(box["x"] + x, box["y"] + y, steps=3)
        page.mouse.click(box["x"] + x, box["y"] + y)
        page.wait_for_timeout(300)  # two clicks at once are one double click, which zooms


def test_a_route_is_drawn_and_moved_on_the_map(routes: Page, stack: Stack) -> None:
    page = routes
    publish(stack, "near-by")  # a map of the whole world is no place to draw a street
    page.get_by_role("link", name="Draw", exact=True).click()
    expect(page.locator(".tool[aria-pressed=true]")).to_have_text("Draw the line")
    expect(page.locator(".plan .scale")).to_have_text(re.compile(r"^\d+ m$"))
    clicked(page, (150, 280), (300, 220), (500, 260))
    page.keyboard.press("Enter")
    points = page.locator(".points input")
    expect(points).to_have_count(3)
    page.get_by_role("button", name="Put a stop").click()
    clicked(page, (302, 221))
    expect(page.locator(".stops li")).to_have_count(1)
    expect(page.locator(".pins .pin")).to_have_text(["1"])
    page.get_by_role("button", name="Move", exact=True).click()
    before = points.nth(2).input_value()
    box = page.locator(".plan").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 500, box["y"] + 260)
    page.mouse.down()
    page.mouse.move(box["x"] + 560, box["y"] + 300, steps=8)
    page.mouse.up()
    expect(points.nth(2)).not_to_have_value(before)
    page.get_by_role("button", name="Undo").click()
    expect(points.nth(2)).to_have_value(before)
    page.get_by_role("button", name="Redo").click()
    expect(points.nth(2)).not_to_have_value(before)
    # Leaving is asked; staying keeps the line.
    page.get_by_role("link", name="Import").click()
    yes(page, "Cancel")
    page.get_by_role("button", name="Save the draft").click()
    name = page.get_by_label("Id", exact=True)
    expect(name).to_have_accessible_description(re.compile("An id begins with"))
    expect(name).to_be_focused()
    name.fill("by-hand")
    page.get_by_role("button", name="Save the draft").click()
    heading(page, "by-hand")
    _, draft = call(stack.base, "GET /v1/routes/by-hand/draft", token=stack.admin)
    assert len(draft["geometry"]["coordinates"]) == 3
    assert draft["properties"]["preview"]["publishable"], draft["properties"]["preview"]


def test_a_route_is_drawn_by_keyboard_alone(page: Page, stack: Stack, admin: str) -> None:
    put(stack, "typed", LINE[:2])
    page.add_init_script("HTMLCanvasElement.prototype.getContext = () => null")  # and without a map
    enter(page, stack, admin, "typed~draw")
    points = page.locator(".points input")
    expect(points).to_have_count(2)
    expect(page.locator(".tool")).to_have_count(0)
    page.get_by_role("textbox", name="More points, one a line").focus()
    page.keyboard.type("31.24, 121.4801\n121.4801, 31.25")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert").filter(has_text="No place in line 2")).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Control+A")
    page.keyboard.type("31.24, 121.4801\n31.25, 121.4801\n31.2600, 121.4801")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(points).to_have_count(5)
    points.nth(4).fill("121.5, 31.26")
    page.get_by_role("button", name="Save the draft").press("Enter")
    expect(page.get_by_role("alert").filter(has_text="Write it as 31.2304, 121.4737")).to_be_visible()
    expect(points.nth(4)).to_be_focused()  # it is not left out silently
    points.nth(4).fill("31.26, 121.5")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Earlier: Point 5")).to_be_focused()
    page.keyboard.press("Enter")
    expect(points.nth(3)).to_have_value("31.26, 121.5")
    page.get_by_role("button", name="Remove: Point 4").press("Enter")
    expect(points).to_have_count(4)
    page.keyboard.press("Control+z")
    expect(points).to_have_count(5)
    page.keyboard.press("Control+Shift+Z")
    expect(points).to_have_count(4)
    page.get_by_role("button", name="Save the draft").press("Enter")
    heading(page, "Typed")
    expect(page.locator(".facts")).to_contain_text("4 drawn")


def test_what_is_refused_of_a_stop_is_told_at_the_stop(routes: Page, stack: Stack) -> None:
    page = routes
    put(stack, "stopping", LINE)
    show(page, "stopping~draw")
    page.get_by_role("button", name="Add a stop").press("Enter")
    expect(page.get_by_label("Name of stop 1")).to_be_focused()
    page.keyboard.press("Control+A")
    page.keyboard.type("四号码头")
    page.get_by_label("Stop 1 opens").fill("8:00")
    page.get_by_role("button", name="Save the draft").press("Enter")
    closes = page.get_by_label("Stop 1 closes")
    expect(closes).to_be_focused()
    expect(closes).to_have_accessible_description(re.compile("opens and closes belong together"))
    closes.fill("1830")
    page.get_by_role("button", name="Save the draft").press("Enter")
    expect(page.get_by_label("Time zone")).to_be_focused()
    page.get_by_label("Time zone").fill("Asia/Shanghai")
    put(stack, "stopping", OUT, revision=1)
    page.get_by_role("button", name="Save the draft").press("Enter")
    page.get_by_role("button", name="Put mine in its place").press("Enter")
    heading(page, "Stopping")
    expect(page.get_by_role("row").nth(1)).to_contain_text("08:00 to 18:30")
    expect(page.get_by_role("row").nth(1)).to_contain_text("四号码头")


def test_a_manager_looks_and_does_nothing(page: Page, stack: Stack) -> None:
    publish(stack, "looked-at")
    put(stack, "looked-at", OUT)
    sign_in(page, stack.base, *stack.sign_in)
    for thing in ("looked-at@1", "looked-at"):
        show(page, thing)
        heading(page, "Looked-At")
        expect(page.locator("main.sheet .actions").get_by_role("button")).to_have_count(0)
        expect(page.locator("main.sheet .actions").get_by_role("link")).to_have_count(0)
    expect(page.locator(".shelf-tools a")).to_have_count(0)


def test_without_webgl_the_route_is_a_plain_drawing(page: Page, stack: Stack, admin: str) -> None:
    put(stack, "plain", OUT + BACK + GAP, stops=[FAR])
    page.add_init_script("HTMLCanvasElement.prototype.getContext = () => null")
    enter(page, stack, admin, "plain")
    expect(page.locator("svg.paper .way")).to_have_count(1)
    expect(page.get_by_text("the line is drawn without a map")).to_be_visible()
    page.locator(".finding").last.click()
    expect(page.locator("svg.paper .stretch.chosen")).to_have_count(1)
    page.locator(".pins [data-pin='1']").click()
    expect(page.locator(".finding").first).to_be_focused()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_and_a_phone_scrolls_one_way(
    pages: Callable[..., Page], stack: Stack, admin: str, scheme: str
) -> None:
    name = "A route with a rather long name, round by the river and the old town and back"
    put(stack, f"seen-{scheme}", OUT + BACK + GAP, stops=[FAR], name=name)
    size = DESKTOP if scheme == "light" else PHONE
    page = pages(viewport=size, color_scheme=scheme, reduced_motion="reduce")
    enter(page, stack, admin)
    form = ("~import", ".picker") if scheme == "light" else (f"seen-{scheme}~draw", ".tool")
    things = ((f"seen-{scheme}", ".finding"), form)
    for thing, there in things:
        show(page, thing)
        expect(page.locator(there).first).to_be_visible()
        # What waits for its answer is pale.
        expect(page.locator(".shelf:not([data-off])")).not_to_have_attribute("aria-busy", "true")
        assert violations(page) == []
        sheet = page.locator("main.sheet")
        assert sheet.evaluate("it => it.scrollWidth - it.clientWidth") == 0


def test_another_language_takes_nothing_away_that_is_typed(page: Page, stack: Stack, admin: str) -> None:
    put(stack, "half-typed", LINE[:2])
    page.add_init_script("HTMLCanvasElement.prototype.getContext = () => null")
    enter(page, stack, admin, "half-typed~draw")
    page.get_by_role("button", name="Add a stop").press("Enter")
    first, opens = page.locator(".points input").first, page.get_by_label("Stop 1 opens")
    first.fill("31.26, half")
    opens.fill("half")
    page.get_by_role("button", name="中文").click()
    page.get_by_role("button", name="EN").click()
    expect(first).to_have_value("31.26, half")
    expect(opens).to_have_value("half")
    expect(page.get_by_role("alert").filter(has_text="Write it as 31.2304, 121.4737")).to_be_visible()


def test_no_map_is_made_for_who_has_left(routes: Page, stack: Stack) -> None:
    page = routes
    publish(stack, "left-early")
    asked = held(page, "**/v1/routes/left-early@1")
    show(page, "left-early@1")
    until(lambda: page.evaluate("1") and asked)
    page.get_by_role("link", name="Payouts", exact=True).click()
    expect(page.get_by_role("heading", name="Payouts")).to_be_visible()
    with suppress(Error):  # the page asks no longer
        asked[0].continue_()
    page.get_by_role("link", name="People", exact=True).click()
    expect(page.locator(".shelf:not([data-off]) a[data-id]").first).to_be_visible()
    page.evaluate("new Promise(done => requestAnimationFrame(() => done()))")
    expect(page.locator(".plan canvas")).to_have_count(0)
    assert page.get_by_role("heading", name="Left-Early", include_hidden=True).count() == 0


def test_a_draft_that_is_saved_late_does_not_take_the_page_away(page: Page, stack: Stack, admin: str) -> None:
    page.add_init_script("HTMLCanvasElement.prototype.getContext = () => null")
    enter(page, stack, admin, "~draw")
    page.get_by_label("Id", exact=True).fill("saved-late")
    page.get_by_role("textbox", name=re.compile("^More points")).fill("31.23, 121.47\n31.23, 121.48")
    page.get_by_role("button", name="Add at the end").click()
    asked = held(page, "**/v1/routes/saved-late/draft", times=1)
    page.get_by_role("button", name="Save the draft").click()
    until(lambda: page.evaluate("1") and asked)
    page.get_by_role("link", name="Payouts", exact=True).click()
    yes(page, "Leave")
    expect(page.get_by_role("heading", name="Payouts")).to_be_visible()
    answered(page, asked[0], {"route": "saved-late"})
    assert page.evaluate("location.hash") == "#/payouts"
