"""The whole flow in a browser: sign in, see a courier move, its bar grow, and off route marked."""

from __future__ import annotations

import time
from types import SimpleNamespace

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Stack, sign_in, submit
from tests.local.api import call

LINE = {"type": "LineString", "coordinates": [[121.4700, 31.2304], [121.4800, 31.2304], [121.4900, 31.2304]]}
PASSWORD = "a long password"


@pytest.fixture(scope="module")
def ride(stack: Stack) -> SimpleNamespace:
    """A courier with an active trip along LINE that began ten minutes ago."""
    base, admin = stack.base, stack.admin
    user = {"user": "browser-rider", "role": "courier", "password": PASSWORD}
    assert call(base, "POST /v1/users", user, admin)[0] == 201
    _, session = call(base, "POST /v1/session", {"user": user["user"], "password": PASSWORD})
    _, route = call(base, "POST /v1/routes", {"id": "browser", "name": "Browser road", "line": LINE}, admin)
    bonus = {"amount": "12.50", "currency": "CNY"}
    task = {"route": route["route"], "title": "A parcel", "bonus": bonus, "deadline": time.time() + 3600}
    _, task = call(base, "POST /v1/tasks", task, admin)
    rider = session["token"]
    assert call(base, f"POST /v1/tasks/{task['task']}/claim", {}, rider)[0] == 200
    began = {"at": time.time() - 600}
    assert call(base, f"POST /v1/tasks/{task['task']}/start", began, rider)[0] == 201
    return SimpleNamespace(base=base, token=rider, courier=user["user"])


def upload(ride: SimpleNamespace, lon: float, lat: float = 31.2304, ago_s: float = 0) -> None:
    """Six pings ten seconds apart, the last of them `ago_s` ago at lon, lat."""
    now = time.time() - ago_s
    pings = [
        {"t": now - 10 * i, "lat": lat, "lon": lon - 0.0005 * i, "accuracy_m": 5} for i in reversed(range(6))
    ]
    status, body = call(ride.base, "POST /v1/uploads", {"pings": pings}, ride.token)
    assert (status, body["rejected"]) == (200, [])


def test_a_manager_watches_a_courier_move_grow_and_leave_the_route(
    page: Page, stack: Stack, ride: SimpleNamespace
) -> None:
    upload(ride, 121.4730, ago_s=240)
    sign_in(page, stack.base, *stack.sign_in)
    row = page.locator(f"[data-courier={ride.courier}][role=option]")
    expect(row).to_contain_text("Browser road")
    before = float(row.get_attribute("data-fraction") or 0)

    row.click()
    card = page.locator("section.card")
    expect(card).to_contain_text("A parcel")
    x_before = row.get_attribute("data-x")
    upload(ride, 121.4790, ago_s=150)
    page.wait_for_function(
        "([who, before]) => document.querySelector(`.row[data-courier=${who}]`).dataset.fraction > before",
        arg=[ride.courier, before],
    )
    expect(row).to_have_attribute("data-state", "silent")  # its newest ping is 150 s old
    upload(ride, 121.4840, ago_s=60)
    expect(row).to_have_attribute("data-state", "on_route")
    expect(row).not_to_have_attribute("data-x", x_before or "")

    upload(ride, 121.4860, lat=31.2340)
    expect(row).to_have_attribute("data-state", "off_route")
    expect(row).to_contain_text("Off route")
    expect(card).to_have_attribute("data-state", "off_route")
    expect(page.locator("[data-filter=off_route]")).to_have_attribute("data-count", "1")


def test_a_wrong_password_is_told(page: Page, stack: Stack) -> None:
    submit(page, stack.base, stack.sign_in[0], "not the password")
    expect(page.get_by_role("alert")).to_contain_text("not right")


def test_a_courier_is_told_that_the_map_is_for_managers(page: Page, ride: SimpleNamespace) -> None:
    submit(page, ride.base, ride.courier)
    expect(page.get_by_role("alert")).to_contain_text("this map is for managers")
