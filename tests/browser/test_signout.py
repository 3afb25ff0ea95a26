"""Signing out, on the real stack: who signs in next in the same tab finds nothing of who was here before."""

from __future__ import annotations

from contextlib import suppress

from playwright.sync_api import Error, Page, expect

from tests.browser.conftest import Stack, answered, held, sign_in
from tests.browser.test_fleet import press
from tests.local.test_whole_flow import until

GHOST = {"user": "ghost", "name": "Ghost of the first", "role": "courier", "tags": []}


def sign_out(page: Page) -> None:
    """Though something is typed."""
    press(page, "Sign out")
    page.get_by_role("dialog", name="Sign out without saving?").get_by_role("button", name="Sign out").click()
    expect(page.locator("#user")).to_be_visible()


def enter(page: Page, stack: Stack, who: tuple[str, str]) -> None:
    page.fill("#user", who[0])
    page.fill("#password", who[1])
    press(page, "Sign in")
    page.wait_for_selector("[data-status=live]")


def test_nothing_that_was_shown_or_asked_for_comes_to_who_signs_in_next(page: Page, stack: Stack) -> None:
    told: list[str] = []
    page.on("request", lambda asked: told.append(asked.headers.get("authorization", "")))
    sign_in(page, stack.base, *stack.admin_sign_in)
    first = page.evaluate("'Bearer ' + JSON.parse(sessionStorage['milepost.session']).token")
    page.get_by_role("link", name="People", exact=True).click()
    expect(page.locator(".shelf")).to_contain_text("browser-manager")
    page.get_by_role("link", name="New user").click()
    page.get_by_label("User", exact=True).fill("ghost")
    changing = held(page, lambda url: url.endswith("/v1/users"), times=1)
    press(page, "Make the user")
    until(lambda: page.evaluate("1") and changing)
    reading = held(page, lambda url: url.endswith("/v1/users"), times=1)
    page.evaluate("location.hash = '#/people/browser-manager'")
    page.get_by_role("dialog").get_by_role("button", name="Leave").click()
    until(lambda: page.evaluate("1") and reading)
    page.evaluate("location.hash = '#/people/~new'")
    page.get_by_label("User", exact=True).fill("another")
    sign_out(page)
    assert page.locator(".shelf, .sheet").count() == 0
    assert page.evaluate("location.hash + Object.keys(sessionStorage)") == ""

    assert first in told
    told.clear()
    enter(page, stack, stack.sign_in)
    page.evaluate("location.hash = '#/people/~new'")  # where the first one was
    expect(page.locator(".shelf")).to_contain_text("browser-manager")
    answered(page, changing[0], GHOST)
    with suppress(Error):  # the page asks no longer
        reading[0].fulfill(json={"users": [GHOST]})
    page.get_by_role("button", name="Couriers", exact=True).click()
    page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    assert page.evaluate("location.hash") == "#/people/~new"
    assert "Ghost" not in page.content()
    assert first not in told


def test_what_is_typed_is_asked_about_and_forgotten(page: Page, stack: Stack) -> None:
    sign_in(page, stack.base, *stack.admin_sign_in)
    page.goto(f"{stack.base}/#/tasks/new")
    page.get_by_label("Title", exact=True).fill("A secret parcel")
    page.get_by_role("link", name="Payouts", exact=True).click()
    expect(page.get_by_role("heading", name="Payouts")).to_be_visible()
    press(page, "Sign out")
    page.get_by_role("dialog", name="Sign out without saving?").get_by_role("button", name="Cancel").click()
    page.get_by_role("link", name="Tasks", exact=True).click()
    page.get_by_role("link", name="New task").click()
    expect(page.get_by_label("Title", exact=True)).to_have_value("A secret parcel")
    sign_out(page)
    enter(page, stack, stack.admin_sign_in)
    page.get_by_role("link", name="Tasks", exact=True).click()
    page.get_by_role("link", name="New task").click()
    expect(page.get_by_label("Title", exact=True)).to_have_value("")
