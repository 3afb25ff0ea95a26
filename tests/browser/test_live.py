"""What the live view does when the stream misbehaves, against the double."""

from __future__ import annotations

import time

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import sign_in, submit
from tests.browser.double import Double
from tests.browser.town import ROUTES, on

STATES = {
    "on_route": 5, "off_route": 2, "stalled": 1, "silent": 1, "arrived": 1, "idle": 1, "finished": 1,
}  # fmt: skip


def row(page: Page, courier: str):
    return page.locator(f".row[data-courier={courier}]")


def until(check, timeout_s: float = 10.0) -> None:
    end = time.monotonic() + timeout_s
    while not check():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.05)


def test_every_state_is_counted_listed_and_drawn(page: Page, double: Double) -> None:
    sign_in(page, double.base)
    for state, count in STATES.items():
        expect(page.locator(f"[data-filter={state}]")).to_have_attribute("data-count", str(count))
    expect(page.locator("canvas.dots")).to_have_attribute("data-dots", "12")
    expect(page).to_have_title("(2) Milepost")
    page.get_by_role("link", name="People", exact=True).click()
    expect(page).to_have_title("(2) People · Milepost")
    page.go_back()
    first = page.locator(".row[aria-posinset='1']")
    expect(first).to_have_attribute("data-state", "off_route")


def test_the_card_tells_arrival_stops_speed_and_how_sure_they_are(page: Page, double: Double) -> None:
    length = ROUTES["harbour@3"]["properties"]["length_m"]
    double.put("mei", **on("harbour@3", length / 2 - 30, time.time(), speed_mps=5.0))
    sign_in(page, double.base)
    row(page, "mei").click()
    card = page.locator(".card")
    for words in (
        "Arrives",
        "At stop",
        "四号码头",
        "Next stop",
        "Old mill, 2.7 km ahead",
        "18 km/h",
        "97% sure",
    ):
        expect(card).to_contain_text(words)
    expect(row(page, "mei")).to_contain_text("ETA ")
    double.move(
        "mei", **on("harbour@3", length, time.time(), state="arrived", speed_mps=None, arrives_at=None)
    )
    expect(card).to_contain_text("Has reached the end of the route")
    expect(card.get_by_text("Arrives", exact=True)).to_be_hidden()
    expect(card.get_by_text("Next stop")).to_be_hidden()


def test_doubtful_positions_are_said_in_the_list_and_counted_on_the_card(page: Page, double: Double) -> None:
    double.put("mei", mock=3, implausible=1)
    double.put("wang", implausible=2)
    double.put("chen", implausible=3)
    sign_in(page, double.base)
    expect(row(page, "mei").locator(".doubt")).to_have_text("Made-up position")
    expect(row(page, "wang").locator(".doubt")).to_be_hidden()  # what one wild fix makes
    expect(row(page, "chen").locator(".doubt")).to_have_text("Impossible speed")
    row(page, "mei").click()
    expect(page.locator(".card")).to_contain_text("Made-up positions")
    page.get_by_role("button", name="中文").click()
    expect(row(page, "mei").locator(".doubt")).to_have_text("虚拟定位")
    expect(page.locator(".card")).to_contain_text("速度异常点")


def test_a_dot_glides_along_its_route_between_updates(page: Page, double: Double) -> None:
    now = time.time()
    double.put("mei", **on("north@2", 2_700, now))
    sign_in(page, double.base)
    mei = row(page, "mei")
    expect(mei).to_have_attribute("data-fraction", str(double.rows["mei"]["fraction"]))
    places = set()
    time.sleep(1)
    double.move("mei", **on("north@2", 3_300, time.time()))
    until(lambda: places.add((mei.get_attribute("data-x"), mei.get_attribute("data-y"))) or len(places) > 4)
    expect(mei).to_have_attribute("data-fraction", str(double.rows["mei"]["fraction"]))


def test_an_older_version_never_overwrites_a_newer_one(page: Page, double: Double) -> None:
    sign_in(page, double.base)
    old = double.put("mei", **on("harbour@3", 1_000, time.time()))
    double.move("mei", **on("harbour@3", 4_000, time.time()))
    newest = str(double.rows["mei"]["fraction"])
    expect(row(page, "mei")).to_have_attribute("data-fraction", newest)
    double.send([old])
    double.move("wang", **on("river@1", 5_000, time.time()))
    expect(row(page, "wang")).to_have_attribute("data-fraction", str(double.rows["wang"]["fraction"]))
    expect(row(page, "mei")).to_have_attribute("data-fraction", newest)


def test_a_lost_connection_is_told_and_mended_with_what_was_missed(page: Page, double: Double) -> None:
    sign_in(page, double.base)
    double.refusing = 503
    double.drop()
    status = page.locator(".status")
    expect(status).to_have_attribute("data-status", "reconnecting")
    expect(page.locator(".banner")).to_contain_text("Not live. Positions are from")
    until(lambda: double.asked.count("ticket") >= 6, 20)  # the next attempt is seconds away
    double.put("mei", **on("harbour@3", 5_000, time.time()))
    del double.rows["chen"]
    double.refusing = None
    page.get_by_role("button", name="Reconnect now").click()
    expect(status).to_have_attribute("data-status", "live")
    expect(page.locator(".banner")).to_be_hidden()
    expect(row(page, "mei")).to_have_attribute("data-fraction", str(double.rows["mei"]["fraction"]))
    assert double.asked[-3:] == ["ticket", "subscribe", "snapshot"]


def test_it_reconnects_by_itself(page: Page, double: Double) -> None:
    sign_in(page, double.base)
    double.drop()
    expect(page.locator(".status")).to_have_attribute("data-status", "reconnecting")
    expect(page.locator(".status")).to_have_attribute("data-status", "live", timeout=3_000)


def test_the_network_coming_back_is_not_waited_for(page: Page, double: Double) -> None:
    sign_in(page, double.base)
    double.refusing = 503
    double.drop()
    until(lambda: double.asked.count("ticket") >= 5, 20)
    double.refusing = None
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.locator(".status")).to_have_attribute("data-status", "live", timeout=2_000)


def test_silence_comes_with_time_alone(page: Page, double: Double) -> None:
    sign_in(page, double.base)
    double.move("mei", **on("harbour@3", 1_000, time.time() - 117))
    expect(row(page, "mei")).to_contain_text("min ago")
    expect(row(page, "mei")).to_have_attribute("data-state", "on_route")
    expect(row(page, "mei")).to_have_attribute("data-state", "silent")
    expect(page.locator("[data-filter=silent]")).to_have_attribute("data-count", "2")


@pytest.mark.parametrize(("status", "told"), [(401, "Your session has ended"), (403, "may no longer watch")])
def test_a_refused_session_goes_back_to_the_sign_in(
    page: Page, double: Double, status: int, told: str
) -> None:
    sign_in(page, double.base)
    double.refusing = status
    double.drop()
    expect(page.get_by_role("alert")).to_contain_text(told)
    page.reload()
    expect(page.locator("#user")).to_be_visible()


def test_a_session_that_runs_out_goes_back_to_the_sign_in(page: Page, double: Double) -> None:
    double.lasts_s = 2
    submit(page, double.base)
    expect(page.get_by_role("alert")).to_contain_text("Your session has ended")


def test_a_reload_stays_signed_in_and_signing_out_does_not(page: Page, double: Double) -> None:
    sign_in(page, double.base)
    page.reload()
    page.wait_for_selector("[data-status=live]")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("alert")).to_contain_text("signed out")
    page.reload()
    expect(page.locator("#user")).to_be_visible()


def test_a_frame_that_is_not_understood_does_no_harm(page: Page, double: Double) -> None:
    sign_in(page, double.base)
    double.say({"type": "update", "at": 1, "couriers": {"courier": ["mei"]}})
    double.say({"type": "news"})
    double.move("mei", **on("harbour@3", 6_000, time.time()))
    expect(row(page, "mei")).to_have_attribute("data-fraction", str(double.rows["mei"]["fraction"]))
