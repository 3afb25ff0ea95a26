"""Trips on the real stack: what waits, what it pays and why, and what a manager decides."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from types import SimpleNamespace

import pytest
from playwright.sync_api import Error, Page, Route, expect

from tests.browser.conftest import PHONE, Stack, held, signed_in
from tests.browser.rides import SETTLED_S, Rides
from tests.browser.test_page import violations
from tests.local.test_whole_flow import until


@pytest.fixture(scope="module")
def rides(stack: Stack) -> SimpleNamespace:
    """Trips that wait, one of them settled anew, with its first answer; one approved with a newer record; one
    under way with two of its three photos; and two claims.
    """
    made = Rides(stack, "triproad")
    newer = made.finish("trip-newer", "Half told", pings=slice(30))
    again = made.finish("trip-again", "Told later", pings=slice(20))
    waiting = [
        made.finish("trip-mei", f"Parcel {i}", share=1 - i / 10, ago_s=(4 - i) * 700) for i in range(5)
    ]
    under = made.start("trip-rider", "On the road", photos=3)
    made.ride("trip-rider", under, share=0.4)
    photos = [made.photograph("trip-rider", under), made.photograph("trip-rider", under, 90, 200)]
    claimed, other = made.claim("trip-li", "Claimed"), made.claim("trip-sun", "To be cancelled")
    made.settled(newer, again, *waiting)
    made.approve(newer)
    old = made.bonus(again)
    made.ride("trip-newer", newer, pings=slice(30, None))
    made.ride("trip-again", again, pings=slice(20, None))
    made.newer(newer)
    until(lambda: made.bonus(again)["calculation"]["revision"] == 2, SETTLED_S)
    return SimpleNamespace(
        made=made, waiting=waiting, newer=newer, again=again, old=old, under=under, photos=photos,
        claimed=claimed, other=other,
    )  # fmt: skip


def opened(page: Page, stack: Stack, trip: str = "", role: str = "manager") -> None:
    signed_in(page, stack, f"#/trips/{trip}", role)


def heading(page: Page):
    return page.locator("main.sheet h2")


def part(page: Page, title: str):
    return page.locator("section.part").filter(has=page.get_by_role("heading", name=title, exact=True))


def row(page: Page, trip: str):
    return page.locator(f".shelf a[data-id={trip}]")


def approving(page: Page):
    return page.get_by_role("button", name="Approve", exact=True)


def test_it_opens_with_what_waits_and_says_why_it_pays_so_much(
    page: Page, stack: Stack, rides: SimpleNamespace
) -> None:
    opened(page, stack)
    expect(page.locator(".tab[aria-pressed=true]")).to_have_text("To decide")
    for words in ("Parcel 3", "trip-mei", "To decide", "CN¥12.50"):
        expect(row(page, rides.waiting[3])).to_contain_text(words)
    row(page, rides.waiting[3]).click()
    expect(heading(page)).to_have_text("Parcel 3")
    bonus, made = part(page, "Bonus"), rides.made.bonus(rides.waiting[3])["calculation"]
    expect(bonus.locator("tbody tr")).to_have_count(len(made["lines"]))
    for line in made["lines"]:
        if line["rule"] in {"base", "coverage"}:  # the others have amounts of money, and times
            expect(bonus).to_contain_text(line["text"])
    left = next(line["given"]["left_m"] for line in made["lines"] if line["rule"] == "on_time")
    expect(bonus).to_contain_text("No reward: the finish is stated for")
    expect(bonus).to_contain_text(f"but the ride was {left} m from the end")
    expect(bonus.locator("tfoot")).to_contain_text(f"CN¥{made['total']}")
    bonus.get_by_text("What it was reckoned from").click()
    expect(bonus.locator(".fact").filter(has_text="Gives the same again")).to_contain_text("Yes")
    ride = part(page, "Ride")
    expect(ride.get_by_role("img")).to_have_accessible_name(
        "The route and the recorded track; 70% of the route is ridden."
    )
    assert len((ride.locator("svg path.sketch-track").get_attribute("d") or "").split("L")) == 59
    expect(ride).to_contain_text("1 of 1 visited")
    lines = part(page, "What was done").locator("li b")
    expect(lines).to_have_text(["Settled", "Finished", "Started", "Claimed"])


def test_keys_go_through_those_that_wait_and_never_while_somebody_types(
    page: Page, stack: Stack, rides: SimpleNamespace
) -> None:
    opened(page, stack)
    expect(row(page, rides.waiting[0])).to_be_visible()
    page.keyboard.press("j")
    expect(heading(page)).to_have_text("Parcel 4")
    page.keyboard.press("j")
    expect(heading(page)).to_have_text("Parcel 3")
    page.keyboard.press("k")
    expect(heading(page)).to_have_text("Parcel 4")
    page.get_by_role("combobox", name="A courier's trips").focus()
    page.keyboard.type("jka")
    page.keyboard.press("Control+a")
    page.keyboard.press("Backspace")
    page.locator("main.sheet").focus()
    page.keyboard.press("Control+j")
    page.get_by_label("Keys").get_by_role("checkbox").uncheck()
    page.locator("main.sheet").focus()
    page.keyboard.press("j")
    page.get_by_role("checkbox").check()
    expect(heading(page)).to_have_text("Parcel 4")
    assert rides.made.bonus(rides.waiting[4])["state"] == "settled"

    expect(approving(page)).to_be_enabled()  # it rests until somebody can have looked
    page.locator("main.sheet").focus()
    page.keyboard.press("a")
    expect(page.get_by_role("status").filter(has_text="approved")).to_have_text("“Parcel 4” is approved.")
    expect(heading(page)).to_have_text("Parcel 3")
    expect(row(page, rides.waiting[4])).to_have_count(0)
    expect(approving(page)).to_be_enabled()
    approving(page).click()
    expect(heading(page)).to_have_text("Parcel 2")
    assert [rides.made.bonus(trip)["state"] for trip in rides.waiting[2:]] == [
        "settled",
        "approved",
        "approved",
    ]


def test_another_record_that_came_meanwhile_is_shown_and_not_approved(
    page: Page, stack: Stack, rides: SimpleNamespace
) -> None:
    """The page is given an answer that has become old; the refusal is the stack's own."""
    trip, total = rides.again, part(page, "Bonus").locator("tfoot")
    page.route(f"**/v1/trips/{trip}/bonus", lambda route: route.fulfill(json=rides.old), times=1)
    opened(page, stack, trip)
    expect(total).to_contain_text(rides.old["calculation"]["total"])
    # A second click that was meant for the record before must not approve the one that takes its place.
    rests = page.evaluate_handle(
        """before => ({ rests: new Promise(resolve => {
            const sheet = document.querySelector("[data-act=approve]").closest("main")
            new MutationObserver(() => {
                const total = sheet.querySelector("tfoot")?.textContent ?? before
                if (!total.includes(before)) resolve(sheet.querySelector("[data-act=approve]")?.disabled)
            }).observe(sheet, { childList: true, subtree: true })
        }) })""",
        rides.old["calculation"]["total"],
    )
    approving(page).click()
    told = page.get_by_role("status").filter(has_text="Another record")
    expect(told).to_contain_text("the trip pays CN¥14.00 by it")
    expect(total).to_contain_text("CN¥14.00")
    assert rides.made.bonus(trip)["state"] == "settled"
    assert rests.evaluate("it => it.rests") is True
    approving(page).click()
    expect(row(page, trip)).to_have_count(0)
    assert rides.made.bonus(trip)["state"] == "approved"


def test_a_newer_record_stands_beside_the_approval_which_is_taken_back(
    page: Page, stack: Stack, rides: SimpleNamespace
) -> None:
    opened(page, stack)
    page.get_by_role("button", name="Approved", exact=True).click()
    expect(row(page, rides.newer)).to_contain_text("Newer record")
    row(page, rides.newer).click()
    told = rides.made.bonus(rides.newer)
    change = float(told["newer"]["total"]) - float(told["calculation"]["total"])
    bonus = part(page, "Bonus")
    expect(bonus.locator(".notice")).to_contain_text(f"change the amount by +CN¥{change:.2f}")
    expect(bonus.locator("tfoot")).to_have_count(2)
    old, new = (box for it in bonus.locator(".beside > div").all() if (box := it.bounding_box()))
    assert old["y"] == new["y"]
    assert old["width"] == pytest.approx(new["width"], abs=1)
    assert violations(page) == []
    page.get_by_role("button", name="Take the approval back").click()
    question = page.get_by_role("dialog")
    question.get_by_role("button", name="Take it back").click()
    expect(question).to_be_visible()  # a reason is needed
    question.get_by_role("textbox").fill("The other half came later.")
    question.get_by_role("button", name="Take it back").click()
    expect(page.get_by_text("The approval of “Half told” is taken back.")).to_be_visible()
    expect(bonus.locator(".notice")).to_contain_text("browser-manager took the approval back on")
    expect(bonus.locator("tfoot")).to_contain_text(told["newer"]["total"])
    expect(part(page, "What was done").locator("li").first).to_contain_text("The other half came later.")
    expect(row(page, rides.newer)).to_have_count(0)


def test_a_claim_is_given_to_another_courier_and_a_refusal_keeps_what_was_typed(
    page: Page, stack: Stack, rides: SimpleNamespace
) -> None:
    opened(page, stack, rides.claimed)
    page.get_by_role("button", name="Give to another courier").click()
    question = page.get_by_role("dialog")
    assert violations(page) == []
    other = question.get_by_role("combobox", name="The other courier")
    other.fill("trip-li")
    question.get_by_role("textbox", name="A remark").fill("The bike broke down.")
    question.get_by_role("button", name="Give it to them").click()
    expect(other).to_have_accessible_description(re.compile("Has this trip already"))
    expect(other).to_be_focused()
    expect(other).to_have_attribute("aria-invalid", "true")
    expect(question.get_by_role("textbox", name="A remark")).to_have_value("The bike broke down.")
    other.fill("trip-sun")
    question.get_by_role("button", name="Give it to them").click()
    expect(page.locator(".sheet-head")).to_contain_text("trip-sun")
    expect(part(page, "What was done").locator("li")).to_contain_text("The bike broke down.")


def test_a_trip_is_cancelled_after_a_question_by_an_admin_who_approves_nothing(
    page: Page, stack: Stack, rides: SimpleNamespace
) -> None:
    opened(page, stack, rides.waiting[0], "admin")
    expect(heading(page)).to_have_text("Parcel 0")
    expect(approving(page)).to_have_count(0)
    page.get_by_role("button", name="Under way").click()
    row(page, rides.other).click()
    expect(page.get_by_role("button", name="Release")).to_have_count(0)
    cancel = page.get_by_role("button", name="Cancel the trip")
    cancel.click()
    page.keyboard.press("Escape")
    expect(cancel).to_be_focused()
    cancel.click()
    page.get_by_role("dialog").get_by_role("button", name="End the trip").click()
    expect(page.get_by_text("“To be cancelled” is cancelled.")).to_be_visible()
    expect(page.locator(".sheet-head .badge")).to_have_text("Cancelled")
    expect(row(page, rides.other)).to_have_count(0)
    page.get_by_role("button", name="Ended otherwise").click()
    expect(row(page, rides.other)).to_be_visible()


def test_a_couriers_trips_are_found_and_what_happens_comes_by_itself(
    page: Page, stack: Stack, rides: SimpleNamespace
) -> None:
    opened(page, stack)
    page.wait_for_selector("[data-status=live]")
    field = page.get_by_role("combobox", name="A courier's trips")
    field.fill("trip-nobody")
    field.press("Enter")
    expect(page.get_by_text("No trips of this courier")).to_be_visible()
    field.fill("trip-rider")
    field.press("Enter")
    expect(page.locator(".shelf-list a")).to_have_count(1)
    claimed = rides.made.claim("trip-rider", "Claimed just now")
    expect(row(page, claimed)).to_be_visible()
    page.get_by_role("button", name="Under way").click()
    expect(field).to_have_value("")
    expect(row(page, claimed)).to_be_visible()
    rides.made.ask(rides.made.courier("trip-rider"), f"POST /v1/trips/{claimed}/release")
    expect(row(page, claimed)).to_have_count(0)


def test_the_live_page_leads_to_a_trip_and_back(page: Page, stack: Stack, rides: SimpleNamespace) -> None:
    opened(page, stack, rides.under)
    expect(part(page, "Ride")).to_contain_text("Progress")
    page.get_by_role("link", name="Show on the live map").click()
    card = page.locator("section.card")
    expect(card).to_have_attribute("data-courier", "trip-rider")
    card.get_by_role("link", name=rides.under).click()
    expect(heading(page)).to_have_text("On the road")


def test_photos_are_enlarged_by_keyboard_and_asked_for_again_when_their_addresses_run_out(
    page: Page, stack: Stack, rides: SimpleNamespace
) -> None:
    asked: list[str] = []
    page.on("request", lambda it: asked.append(it.url) if it.url.endswith("/photos") else None)
    page.route(f"**/{rides.photos[0]}*", lambda route: route.fulfill(status=403), times=1)
    opened(page, stack, rides.under)
    photos = part(page, "Photos")
    expect(photos).to_contain_text("2 of 3 needed")
    drawn = "images => images.map(it => [it.naturalWidth, it.naturalHeight])"
    until(lambda: photos.locator("img").evaluate_all(drawn) == [[240, 160], [90, 200]])
    assert len(asked) == 2
    first = photos.get_by_role("button", name="Enlarge photo 1")
    first.focus()
    page.keyboard.press("Enter")
    viewer = page.get_by_role("dialog")
    expect(viewer).to_contain_text("Photo 1 of 2")
    assert violations(page) == []
    page.keyboard.press("ArrowRight")
    expect(viewer).to_contain_text("Photo 2 of 2")
    page.keyboard.press("ArrowRight")
    expect(viewer).to_contain_text("Photo 1 of 2")
    page.keyboard.press("Escape")
    expect(viewer).to_have_count(0)
    expect(first).to_be_focused()
    page.get_by_role("button", name="Under way").click()
    expect(row(page, rides.under)).to_contain_text("2 of 3 photos")


def test_in_chinese_rules_and_steps_are_said_too(page: Page, stack: Stack, rides: SimpleNamespace) -> None:
    opened(page, stack, rides.waiting[1])
    page.get_by_role("button", name="中文").click()
    made = rides.made.bonus(rides.waiting[1])["calculation"]
    covered = next(line["given"]["covered_percent"] for line in made["lines"] if line["rule"] == "coverage")
    expect(part(page, "奖金")).to_contain_text(f"骑行了路线的 {covered}%；达到 95% 全额支付")
    expect(part(page, "奖金").locator("tfoot")).to_contain_text(f"合计¥{made['total']}")
    expect(part(page, "操作记录").locator("li").first).to_contain_text(f"第 1 版：¥{made['total']}")
    expect(page.locator(".shelf a .badge").first).to_have_text("待审批")


def test_on_a_phone_a_trip_fits_and_axe_finds_nothing(
    phone: Page, stack: Stack, rides: SimpleNamespace
) -> None:
    page = phone
    opened(page, stack)
    expect(row(page, rides.waiting[0])).to_be_visible()
    assert violations(page) == []
    row(page, rides.waiting[0]).click()
    expect(part(page, "Ride").locator("svg")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    assert violations(page) == []
    page.get_by_role("link", name="Back to the list").click()
    expect(row(page, rides.waiting[0])).to_be_visible()


def test_a_trip_is_shown_though_the_pipeline_does_not_answer(
    page: Page, stack: Stack, rides: SimpleNamespace
) -> None:
    def refuse(route: Route) -> None:
        route.fulfill(status=400, body=json.dumps({"detail": "No."}))

    page.route(f"**/v1/trips/{rides.waiting[0]}", refuse)
    opened(page, stack, rides.waiting[0])
    expect(part(page, "Ride")).to_contain_text("The ride cannot be drawn")
    expect(approving(page)).to_be_enabled()


def test_an_approval_that_is_answered_late_does_not_take_the_page_away(
    page: Page, stack: Stack, rides: SimpleNamespace
) -> None:
    asked = held(page, "**/approve")
    opened(page, stack, rides.waiting[1])
    expect(row(page, rides.waiting[1])).to_be_visible()
    approving(page).click()
    page.get_by_role("link", name="Payouts", exact=True).click()
    expect(page.locator("main.sheet:not([data-off])")).to_contain_text("To be paid")
    asked[0].continue_()
    expect(row(page, rides.waiting[1])).to_have_count(0)
    assert page.evaluate("location.hash") == "#/payouts"


def test_an_older_answer_of_the_list_never_replaces_a_newer_one(
    page: Page, stack: Stack, rides: SimpleNamespace
) -> None:
    opened(page, stack)
    expect(row(page, rides.waiting[0])).to_be_visible()
    asked = held(page, "**/v1/trips?state=settled*", times=1)
    for link in ("Payouts", "Trips"):
        page.get_by_role("link", name=link).click()
    until(lambda: page.evaluate("1") and asked)
    page.get_by_role("link", name="Payouts", exact=True).click()
    with page.expect_response("**/v1/trips?state=settled*"):
        page.get_by_role("link", name="Trips", exact=True).click()
    with suppress(Error):  # the page asks no longer
        asked[0].fulfill(json={"trips": [], "next": None})
    expect(row(page, rides.waiting[0])).to_be_visible()
    assert page.get_by_text("Nothing waits").count() == 0


def test_what_is_asked_for_comes_though_the_sheet_is_said_anew(
    page: Page, stack: Stack, rides: SimpleNamespace
) -> None:
    opened(page, stack, rides.waiting[0])
    expect(approving(page)).to_be_enabled()
    expect(part(page, "Ride").locator("svg")).to_be_visible()
    asked = held(page, f"**/v1/trips/{rides.waiting[0]}/audit", times=1)
    page.get_by_role("link", name="Payouts", exact=True).click()
    expect(page.locator("main.sheet:not([data-off])")).not_to_contain_text("Parcel 0")
    page.go_back()
    until(lambda: page.evaluate("1") and asked)
    page.get_by_role("button", name="中文").click()
    page.get_by_role("button", name="EN").click()
    answer = asked[0].fetch()
    now = answer.json()
    asked[0].fulfill(response=answer, json=now | {"trip": now["trip"] | {"title": "As it is now"}})
    expect(page.locator("main.sheet:not([data-off]) h2")).to_have_text("As it is now")
