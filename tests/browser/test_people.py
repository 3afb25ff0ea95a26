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


def goes_on_to_lin(page: Page) -> None:
    """Away from a form, and begins to write there."""
    page.locator(".shelf").get_by_role("link", name="Lin Mei").click()
    agree(page, "Leave")
    expect(page.locator(".sheet-head h2")).to_have_text("Lin Mei")
    page.get_by_label("Register a phone").fill("Half typed")


def test_a_user_who_is_made_late_does_not_take_the_page_away(page: Page, stack: Stack, lin: str) -> None:
    opened(page, stack, "~new")
    expect(page.locator(".shelf")).to_contain_text("Lin Mei")
    page.get_by_label("User", exact=True).fill("late")
    asked = held(page, "**/v1/users", times=1)
    press(page, "Make the user")
    until(lambda: page.evaluate("1") and asked)
    assert asked[0].request.method == "POST"
    goes_on_to_lin(page)
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


@pytest.fixture
def tao(stack: Stack) -> str:
    """A courier with a phone and a trip under way."""
    user = f"tao-{time.time_ns()}"
    new = {"user": user, "role": "courier", "name": "Tao Ran", "password": PASSWORD, "tags": ["van"]}
    assert call(stack.base, "POST /v1/users", new, stack.admin)[0] == 201
    call(stack.base, "POST /v1/devices", {"courier": user, "name": "Tao's phone"}, stack.admin)
    line = {"type": "LineString", "coordinates": [[121.47, 31.23], [121.49, 31.23]]}
    route = call(stack.base, "POST /v1/routes", {"id": user, "line": line}, stack.admin)[1]["route"]
    terms = {
        "bonus": {"amount": "5", "currency": "CNY"},
        "deadline": time.time() + 9000,
        "title": "Tao's lap",
    }
    task = call(stack.base, "POST /v1/tasks", {"route": route} | terms, stack.admin)[1]["task"]
    token = call(stack.base, "POST /v1/session", {"user": user, "password": PASSWORD})[1]["token"]
    assert call(stack.base, f"POST /v1/tasks/{task}/claim", {}, token)[0] == 200
    return user


def signs_in(stack: Stack, user: str, password: str = PASSWORD) -> bool:
    return call(stack.base, "POST /v1/session", {"user": user, "password": password})[0] == 200


def user_of(stack: Stack, name: str) -> dict:
    users = call(stack.base, "GET /v1/users", None, stack.admin)[1]["users"]
    return next(it for it in users if it["user"] == name)


def test_a_user_is_changed_with_the_keyboard_alone(page: Page, stack: Stack, tao: str) -> None:
    opened(page, stack, tao)
    page.get_by_role("button", name="Edit").focus()
    page.keyboard.press("Enter")
    name = page.get_by_label("Name", exact=True)
    expect(name).to_be_focused()
    expect(name).to_have_value("Tao Ran")
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("Tao R.")
    page.keyboard.press("Tab")
    expect(page.get_by_label("Role")).to_have_value("courier")
    page.keyboard.press("Tab")
    page.keyboard.press("End")
    page.keyboard.type(", Cold")
    page.keyboard.press("Enter")
    assert "Enter at most 16 tags" in fault(page, "Tags")
    expect(page.get_by_label("Tags")).to_be_focused()
    page.get_by_label("Tags").fill("van, cold")
    page.get_by_role("link", name="Fleet", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="Cancel").click()  # not saved yet
    page.get_by_label("Tags").press("Enter")
    expect(page.locator(".sheet > .notice")).to_contain_text("Tao Ran is changed.")
    expect(page.locator(".sheet-head h2")).to_have_text("Tao R.")
    expect(page.locator(".facts")).to_contain_text("cold")
    expect(page.locator(".shelf a[aria-current]")).to_contain_text("Tao R.")
    assert user_of(stack, tao) == {
        "user": tao, "role": "courier", "name": "Tao R.", "tags": ["cold", "van"], "disabled": False
    }  # fmt: skip


def test_a_new_password_is_set_and_shown_once(page: Page, stack: Stack, tao: str) -> None:
    opened(page, stack, tao)
    press(page, "New password")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("The old password of Tao Ran counts no longer")
    dialog.get_by_label("Password").fill("aaaaaaaaaaaa")
    agree(page, "Set the password")
    assert "too easy to guess" in fault(page, "Password")
    expect(dialog.get_by_label("Password")).to_be_focused()
    assert signs_in(stack, tao)
    press(page, "Another one")
    expect(dialog.get_by_label("Password")).not_to_have_attribute("aria-invalid", "true")
    agree(page, "Set the password")
    password = page.locator(".secret").get_by_role("textbox", name="Password").input_value()
    assert not signs_in(stack, tao)
    assert signs_in(stack, tao, password)
    press(page, "I have kept it")
    expect(page.locator(".secret")).to_have_count(0)
    assert password not in page.content()


def test_a_password_that_is_on_its_way_is_shown_although_the_question_was_closed(
    page: Page, stack: Stack, tao: str
) -> None:
    opened(page, stack, tao)
    press(page, "New password")
    asked = held(page, "**/v1/users/*", times=1)
    agree(page, "Set the password")
    until(lambda: page.evaluate("1") and asked)
    page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    asked[0].continue_()
    password = page.locator(".secret").get_by_role("textbox", name="Password").input_value()
    assert signs_in(stack, tao, password)


def test_a_disabled_user_is_listed_apart_until_enabled(page: Page, stack: Stack, tao: str) -> None:
    opened(page, stack, tao)
    row = page.locator(f".shelf a[data-id='{tao}']")
    expect(row).to_have_count(1)
    press(page, "Disable")
    expect(page.get_by_role("dialog")).to_contain_text("Trips under way stay as they are")
    agree(page, "Cancel")
    assert not user_of(stack, tao)["disabled"]
    press(page, "Disable")
    agree(page, "Disable")
    expect(page.locator(".sheet > .notice")).to_contain_text("Tao Ran is disabled.")
    expect(page.locator(".sheet-head")).to_contain_text("Disabled")
    expect(page.get_by_role("button", name="Register")).to_have_count(0)
    expect(row).to_have_count(0)
    assert not signs_in(stack, tao)
    press(page, "Disabled")
    expect(row).to_contain_text("Disabled")
    search = page.get_by_role("searchbox", name="Name, user or tag")
    search.fill(tao)
    search.press("Enter")
    expect(row).to_contain_text("Disabled")
    page.get_by_role("link", name="Tao's lap").click()
    expect(page.locator(".sheet-head h2").filter(has_text="Tao's lap")).to_be_visible()
    page.go_back()
    press(page, "Enable")
    expect(page.locator(".sheet > .notice:visible")).to_contain_text("Tao Ran can sign in again.")
    expect(page.locator(".phone")).to_contain_text("Tao's phone")
    press(page, "Couriers")
    expect(row).to_contain_text("Courier")
    assert signs_in(stack, tao)


def test_nobody_disables_themself_and_a_manager_nobody(
    page: Page, pages: Callable[..., Page], stack: Stack, tao: str
) -> None:
    opened(page, stack, "browser-admin")
    press(page, "Edit")
    expect(page.get_by_label("Role")).to_be_disabled()
    expect(page.locator("form.form")).to_contain_text("Another admin can change your role.")
    press(page, "Cancel")
    expect(page.get_by_role("button", name="New password")).to_be_visible()
    expect(page.get_by_role("button", name="Disable", exact=True)).to_have_count(0)
    other = pages()
    opened(other, stack, tao, "manager")
    expect(other.locator(".sheet-head h2")).to_have_text("Tao Ran")
    for name in ("Edit", "New password", "Disable"):
        expect(other.get_by_role("button", name=name, exact=True)).to_have_count(0)


def test_what_is_refused_is_told_and_nothing_typed_is_lost(page: Page, stack: Stack, tao: str) -> None:
    opened(page, stack, tao)
    press(page, "Edit")
    page.get_by_label("Name", exact=True).fill("Tao the Swift")
    detail = "You are no longer an admin of the fleet; ask one who is."
    refusal = {"detail": detail, "code": "admin-no-longer", "status": 403}
    page.route("**/v1/users/*", lambda route: route.fulfill(status=403, json=refusal))
    press(page, "Save")
    expect(page.locator(".sheet > .notice")).to_contain_text("no longer an admin")
    press(page, "中文")
    expect(page.locator(".sheet > .notice")).to_contain_text("您已不再是本车队的管理员")
    expect(page.get_by_label("姓名", exact=True)).to_have_value("Tao the Swift")


def test_a_user_who_is_changed_late_does_not_take_the_page_away(
    page: Page, stack: Stack, lin: str, tao: str
) -> None:
    opened(page, stack, tao)
    press(page, "Edit")
    page.get_by_label("Name", exact=True).fill("Tao the Late")
    asked = held(page, f"**/v1/users/{tao}", times=1)
    press(page, "Save")
    until(lambda: page.evaluate("1") and asked)
    assert asked[0].request.method == "PATCH"
    goes_on_to_lin(page)
    answered(page, asked[0], user_of(stack, tao))
    expect(page.locator(".sheet-head h2")).to_have_text("Lin Mei")
    expect(page.get_by_label("Register a phone")).to_have_value("Half typed")
    expect(page.locator(".sheet > .notice")).to_be_hidden()


def test_chinese_phone_width_a_thousand_people_and_axe(
    pages: Callable[..., Page], stack: Stack, lin: str
) -> None:
    page = pages(viewport=PHONE)
    tags = [f"a-long-tag-{i}" for i in range(16)]
    crowd = [
        {
            "user": f"user-{i:04}", "role": "courier", "name": f"{i:04} " + "Anastasia " * 9, "tags": tags,
            "disabled": i == 151,
        }
        for i in range(1000)
    ]  # fmt: skip
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
    opened = [("user-0150", ""), ("user-0150", "编辑"), ("user-0150", "新密码"), ("user-0151", "")]
    for thing, pressed in (*opened, ("~new", ""), ("", "已停用")):
        page.goto(f"{stack.base}/#/people{thing and '/' + thing}")
        page.reload()
        there = f"[data-thing='{thing}']" if thing else ":not([data-thing])"
        expect(page.locator(f".shell{there}")).to_have_count(1)
        page.wait_for_load_state("networkidle")
        if pressed:
            press(page, pressed)
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], thing
        for theme in ("light", "dark"):
            page.emulate_media(color_scheme=theme)
            assert violations(page) == [], (thing, theme)
