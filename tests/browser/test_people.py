"""People on the real stack: users that an admin makes, and how their phones are connected."""

from __future__ import annotations

import time
import urllib.request
from collections.abc import Callable
from urllib.parse import unquote

import pytest
from playwright.sync_api import Page, expect

from stacks.accounts.devices.setup import setup
from tests.browser.conftest import PHONE, Stack, answered, held, signed_in
from tests.browser.test_fleet import agree, fault, press
from tests.browser.test_page import violations
from tests.local.api import call
from tests.local.test_whole_flow import until

PASSWORD = "a long password"


@pytest.fixture(scope="module")
def lin(stack: Stack) -> str:
    """A courier."""
    user = {"user": "lin", "role": "courier", "name": "Lin Mei", "password": PASSWORD, "tags": ["bike"]}
    assert call(stack.base, "POST /v1/users", user, stack.admin)[0] == 201
    return "lin"


def opened(page: Page, stack: Stack, thing: str = "", role: str = "admin") -> None:
    signed_in(page, stack, f"#/people{thing and '/' + thing}", role)
    expect(page.locator(".shelf h2").filter(has_text="People")).to_be_visible()


def phones(stack: Stack, courier: str) -> list:
    found = call(stack.base, "GET /v1/devices", None, stack.admin)[1]["devices"]
    return [it for it in found if it["courier"] == courier]


def shown_code(page: Page) -> str:
    """The SVG of the code that is shown."""
    image = page.locator("img.qr")
    expect(image).to_be_visible()
    assert image.evaluate("it => it.decode().then(() => Math.min(it.width, it.height))") >= 200
    return unquote(image.get_attribute("src") or "")


def drawn(svg: str) -> str:
    """The dark modules of a code."""
    return svg.rpartition(' d="')[2].partition('"')[0]


def test_an_admin_makes_a_user_and_passes_the_password_on(page: Page, stack: Stack, lin: str) -> None:
    opened(page, stack)
    page.get_by_role("link", name="New user").click()
    page.get_by_label("User", exact=True).fill("Wei Zhang")
    page.get_by_label("Name", exact=True).fill("Wei Zhang")
    page.get_by_label("Tags").fill("Bike")
    page.get_by_label("Password", exact=True).fill("short")
    press(page, "Make the user")
    expect(page.get_by_label("User", exact=True)).to_be_focused()
    assert "Enter lower-case letters" in fault(page, "User")
    assert "Enter at most 16 tags" in fault(page, "Tags")
    assert "Enter at least 10 characters" in fault(page, "Password")
    page.get_by_label("User", exact=True).fill(lin)
    page.get_by_label("Tags").fill("bike, cold-chain，bike")
    page.get_by_label("Password", exact=True).fill("aaaaaaaaaaaa")
    press(page, "Make the user")
    assert "too easy to guess" in fault(page, "Password")  # in the server's words
    press(page, "Another one")
    press(page, "Make the user")
    assert "There is a user of this name." in fault(page, "User")
    expect(page.get_by_label("Name", exact=True)).to_have_value("Wei Zhang")
    page.get_by_label("User", exact=True).fill("wei")
    press(page, "Make the user")
    password = page.get_by_role("textbox", name="Password")
    expect(page.locator(".sheet-head h2")).to_have_text("Wei Zhang")
    signing_in = {"user": "wei", "password": password.input_value()}
    assert call(stack.base, "POST /v1/session", signing_in)[1]["role"] == "courier"
    expect(page.locator(".facts")).to_contain_text("cold-chain")
    expect(page.locator(".shelf a[aria-current]")).to_contain_text("Wei Zhang")
    page.locator(".shelf").get_by_role("link", name="Lin Mei").click()
    page.locator(".shelf").get_by_role("link", name="Wei Zhang").click()
    expect(page.locator(".sheet-head h2")).to_have_text("Wei Zhang")
    expect(password).to_have_count(0)
    search = page.get_by_role("searchbox", name="Name, user or tag")
    search.fill("COLD")
    search.press("Enter")
    expect(page.locator(".shelf-list a")).to_have_count(1)
    press(page, "Managers")
    expect(page.locator(".shelf")).not_to_contain_text("Wei Zhang")
    expect(page.locator(".shelf")).to_contain_text("browser-manager")


def test_a_user_who_is_made_late_does_not_take_the_page_away(page: Page, stack: Stack, lin: str) -> None:
    opened(page, stack, "~new")
    expect(page.locator(".shelf")).to_contain_text("Lin Mei")
    page.get_by_label("User", exact=True).fill("late")
    asked = held(page, "**/v1/users", times=1)
    press(page, "Make the user")
    until(lambda: page.evaluate("1") and asked)
    assert asked[0].request.method == "POST"
    page.locator(".shelf").get_by_role("link", name="Lin Mei").click()
    agree(page, "Leave")
    expect(page.locator(".sheet-head h2")).to_have_text("Lin Mei")
    page.get_by_label("Register a phone").fill("Half typed")
    answered(page, asked[0], {"user": "late", "name": "late", "role": "courier", "tags": []})
    assert page.evaluate("location.hash") == f"#/people/{lin}"
    expect(page.get_by_label("Register a phone")).to_have_value("Half typed")


def test_a_phone_is_registered_set_up_and_revoked(page: Page, stack: Stack, lin: str) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    opened(page, stack, lin)
    press(page, "Register")
    assert "Enter a name for the phone." in fault(page, "Register a phone")
    page.get_by_label("Register a phone").fill("Lin's phone")
    page.keyboard.press("Enter")
    show = page.get_by_role("button", name="Show code and address")
    expect(show).to_be_focused()
    (phone,) = phones(stack, lin)
    assert "dk_" not in page.content()  # not before it is asked for
    show.click()
    expect(page.locator(".set-up .tab")).to_have_text(
        ["Traccar Client", "OwnTracks", "Overland", "GPSLogger", "background-geolocation"]
    )
    press(page, "Copy")
    expect(page.locator(".copy-told")).to_have_text("Copied")
    address = page.evaluate("navigator.clipboard.readText()")
    key = address.split("/")[-2]
    expected = {it["app"]: it for it in setup(stack.base, phone["device"], key)}
    assert address == expected["traccar"]["address"]
    fix = f"?id=1&timestamp={int(time.time())}&lat=31.23&lon=121.47&speed=3&bearing=90&accuracy=6"
    with urllib.request.urlopen(address + fix, b"", timeout=30) as answer:  # noqa: S310 - our own loopback
        assert answer.status == 200
    assert drawn(shown_code(page)) == drawn(expected["traccar"]["qr"])
    press(page, "Overland")
    assert drawn(shown_code(page)) == drawn(expected["overland"]["qr"])
    expect(page.get_by_role("textbox", name="Address")).to_have_value(expected["overland"]["address"])
    press(page, "Hide code and address")
    assert "dk_" not in page.content()
    page.get_by_role("link", name="Fleet", exact=True).click()
    expect(page.get_by_role("heading", name="Alert rules")).to_be_visible()
    page.go_back()
    press(page, "Set up")
    show.click()  # this tab knows the key until it is reloaded
    assert drawn(shown_code(page)) == drawn(expected["traccar"]["qr"])


def test_who_has_lost_the_key_enters_it_or_gives_a_new_one(page: Page, stack: Stack, lin: str) -> None:
    made = call(stack.base, "POST /v1/devices", {"courier": lin, "name": "Old phone"}, stack.admin)[1]
    opened(page, stack, lin)
    phone = page.locator(".phone").filter(has_text="Old phone")
    phone.get_by_role("button", name="Set up").click()
    expect(phone).to_contain_text("is kept nowhere")
    show = page.get_by_role("button", name="Show code and address")
    page.get_by_label("Key", exact=True).fill("dk_" + "A" * 32)
    show.click()
    assert "This is not the key of this phone." in fault(page, "Key")
    page.get_by_label("Key", exact=True).fill(made["key"])
    show.click()
    expected = setup(stack.base, made["device"], made["key"])
    assert drawn(shown_code(page)) in {drawn(it["qr"]) for it in expected if it["app"] == "traccar"}

    phone.get_by_role("button", name="New key").click()
    agree(page, "New key")
    expect(page.locator(f".phone[data-device={made['device']}]")).to_have_count(0)
    (other,) = [it for it in phones(stack, lin) if it["name"] == "Old phone"]
    assert other["device"] != made["device"]
    show.click()
    expect(page.get_by_role("textbox", name="Address")).not_to_have_value(expected[-1]["address"])
    phone.get_by_role("button", name="Revoke").click()
    agree(page, "Revoke")
    expect(page.locator(".sheet > .notice")).to_contain_text("Old phone can upload nothing any more.")
    expect(phone).to_have_count(0)
    assert "Old phone" not in {it["name"] for it in phones(stack, lin)}


def test_a_manager_reads_who_belongs_to_the_fleet(page: Page, stack: Stack, lin: str) -> None:
    opened(page, stack, lin, "manager")
    expect(page.locator(".sheet-head h2")).to_have_text("Lin Mei")
    expect(page.locator("main.sheet")).to_contain_text("Admins register phones and see them.")
    expect(page.get_by_role("link", name="New user")).to_have_count(0)
    expect(page.get_by_role("button", name="Register")).to_have_count(0)
    page.goto(f"{stack.base}/#/people/nobody-here")
    expect(page.locator("main.sheet")).to_contain_text("There is no such user in the fleet.")


def test_chinese_phone_width_a_thousand_people_and_axe(
    pages: Callable[..., Page], stack: Stack, lin: str
) -> None:
    page = pages(viewport=PHONE)
    tags = [f"a-long-tag-{i}" for i in range(16)]
    crowd = [
        {"user": f"user-{i:04}", "role": "courier", "name": f"{i:04} " + "Anastasia " * 9, "tags": tags}
        for i in range(1000)
    ]
    page.route("**/v1/users", lambda route: route.fulfill(json={"users": crowd}))
    signed_in(page, stack, "#/people", "admin")
    press(page, "中文")
    rows = page.locator(".shelf-list a")
    expect(rows).to_have_count(100)
    press(page, "显示更多")
    expect(rows).to_have_count(200)
    rows.nth(150).focus()
    page.keyboard.press("Enter")
    expect(page.locator("main.sheet")).to_contain_text("尚未登记手机")
    page.unroute("**/v1/users")
    page.route("**/v1/users", lambda route: route.fulfill(json={"users": crowd[140:160]}))
    page.reload()
    for thing in ("user-0150", "~new", ""):
        page.goto(f"{stack.base}/#/people{thing and '/' + thing}")
        there = f"[data-thing='{thing}']" if thing else ":not([data-thing])"
        expect(page.locator(f".shell{there}")).to_have_count(1)
        page.wait_for_load_state("networkidle")
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], thing
        for theme in ("light", "dark"):
            page.emulate_media(color_scheme=theme)
            assert violations(page) == [], (thing, theme)
