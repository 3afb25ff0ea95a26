"""Payouts on the real stack: what is to be paid, who pays it, and what a payout keeps."""

from __future__ import annotations

import csv
from pathlib import Path
from types import SimpleNamespace

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, Stack, answered, held, signed_in
from tests.browser.rides import Rides
from tests.browser.test_page import violations
from tests.local.test_whole_flow import until


@pytest.fixture(scope="module")
def paid(stack: Stack) -> SimpleNamespace:
    """Two couriers with three approved trips, of one of which a newer record came; and a trip that waits."""
    rides = Rides(stack, "payroad")
    rides.pay()
    first = rides.finish("pay-mei", "=First parcel", ago_s=700)
    second = rides.finish("pay-mei", "Second parcel", share=0.5)
    third = rides.finish("pay-wang", "Third parcel", pings=slice(58), ago_s=700)
    waits = rides.finish("pay-wang", "Not yet looked at")
    rides.settled(first, second, third, waits)
    for trip in (first, second, third):
        rides.approve(trip)
    rides.ride("pay-wang", third, pings=slice(58, None))
    rides.newer(third)
    return SimpleNamespace(rides=rides, trips=[first, second, third], waits=waits)


def row(page: Page, courier: str):
    return page.locator("main.sheet tbody tr").filter(has=page.get_by_role("rowheader", name=courier))


def test_a_manager_sees_what_is_to_be_paid_and_cannot_pay_it(
    page: Page, stack: Stack, paid: SimpleNamespace
) -> None:
    signed_in(page, stack, "#/payouts")
    total = sum(float(paid.rides.bonus(trip)["calculation"]["total"]) for trip in paid.trips[:2])
    mei = row(page, "pay-mei").get_by_role("cell")
    expect(mei).to_have_text(["2", "", f"CN¥{total:.2f}"])
    expect(row(page, "pay-wang").get_by_role("cell")).to_have_text(["1", "1 with a newer record", "CN¥14.00"])
    expect(page.get_by_role("button", name="Make a payout")).to_have_count(0)
    assert violations(page) == []


def test_an_admin_pays_reads_the_payout_and_saves_it(
    page: Page, stack: Stack, paid: SimpleNamespace, tmp_path: Path
) -> None:
    signed_in(page, stack, "#/payouts", "admin")
    pay = page.get_by_role("button", name="Make a payout")
    pay.click()
    question = page.get_by_role("dialog")
    expect(question).to_contain_text("3 approved trips will be marked as paid")
    question.get_by_role("button", name="Cancel").click()
    expect(question).to_have_count(0)
    assert paid.rides.bonus(paid.trips[0])["payout"] is None

    pay.click()
    question.get_by_role("button", name="Make a payout").click()
    expect(page.get_by_role("heading", name="Trips", level=3)).to_be_visible()
    expect(page.locator(".shelf a[aria-current=true]")).to_contain_text("3 trips, by browser-admin")
    lines = page.locator("section.part").filter(has_text="Task").locator("tbody tr")
    expect(lines).to_have_count(3)
    expect(lines.filter(has_text="Third parcel")).to_contain_text("CN¥14.00")
    assert paid.rides.bonus(paid.trips[2])["payout"] == page.url.rpartition("/")[2]

    with page.expect_download() as saving:
        page.get_by_role("button", name="Save as CSV").click()
    saving.value.save_as(tmp_path / "payout.csv")
    assert saving.value.suggested_filename == f"{page.url.rpartition('/')[2]}.csv"
    with (tmp_path / "payout.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["trip"]: row for row in csv.DictReader(file)}
    assert rows.keys() == set(paid.trips)
    assert rows[paid.trips[0]]["title"] == "'=First parcel"  # no formula for who opens it in a spreadsheet
    assert (rows[paid.trips[2]]["amount"], rows[paid.trips[2]]["currency"]) == ("14.00", "CNY")


def test_everything_is_paid_then_and_a_manager_reads_it_in_chinese(
    page: Page, stack: Stack, paid: SimpleNamespace
) -> None:
    signed_in(page, stack, "#/payouts")
    expect(page.get_by_text("Everything approved is paid")).to_be_visible()
    page.get_by_role("button", name="中文").click()
    expect(page.get_by_text("已批准的行程均已结算")).to_be_visible()
    page.locator(".shelf-list a").first.click()
    expect(page.get_by_role("heading", name="按骑手")).to_be_visible()
    expect(page.get_by_role("button", name="保存为 CSV")).to_be_visible()
    page.wait_for_selector("[data-status=live]")
    paid.rides.approve(paid.waits)
    page.get_by_role("link", name="待结算").click()
    expect(row(page, "pay-wang").get_by_role("cell")).to_have_text(["1", "", "¥14.00"])


def test_a_payout_that_is_answered_late_does_not_take_the_page_away(
    page: Page, stack: Stack, paid: SimpleNamespace
) -> None:
    asked = held(page, "**/v1/payouts")
    signed_in(page, stack, "#/payouts", "admin")
    page.get_by_role("button", name="Make a payout").click()
    page.get_by_role("dialog").get_by_role("button", name="Make a payout").click()
    until(lambda: page.evaluate("1") and asked)
    page.get_by_role("link", name="Trips", exact=True).click()
    expect(page.get_by_role("heading", name="Trips", exact=True)).to_be_visible()
    answered(page, asked[0], {"payout": "po_0000000000000001"})
    assert page.evaluate("location.hash") == "#/trips"


def test_a_fleet_that_has_paid_nothing_is_told_how_it_comes_about(page: Page, stack: Stack) -> None:
    """The stack of these tests has paid by now: what a new one answers is put in its place."""
    nothing = {"unpaid": [], "payouts": [], "next": None}
    page.route("**/v1/payouts?*", lambda route: route.fulfill(json=nothing))
    signed_in(page, stack, "#/payouts")
    expect(page.get_by_text("Nothing was paid yet")).to_be_visible()
    expect(page.get_by_text("Everything approved is paid")).to_be_visible()


def test_a_payout_that_is_not_there_is_told(page: Page, stack: Stack) -> None:
    signed_in(page, stack, "#/payouts/po_0000000000000000")
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("This did not work")
    expect(alert.get_by_role("button", name="Try again")).to_be_visible()


def test_on_a_phone_a_payout_fits_and_axe_finds_nothing(
    phone: Page, stack: Stack, paid: SimpleNamespace
) -> None:
    page = phone
    signed_in(page, stack, "#/payouts")
    link = page.locator(".shelf-list a").first
    expect(link).to_be_visible()
    assert violations(page) == []
    link.click()
    expect(page.get_by_role("button", name="Save as CSV")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    assert violations(page) == []
    page.get_by_role("link", name="Back to the list").click()
    expect(link).to_be_visible()
