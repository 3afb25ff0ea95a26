"""Photos in a browser, on the console's own page and under its policy: one is sent, and one is looked at."""

from __future__ import annotations

import time
from types import SimpleNamespace

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Stack
from tests.local.api import call

LINE = {"type": "LineString", "coordinates": [[121.4700, 31.2304], [121.4900, 31.2304]]}
PICTURE = """
async () => {
  const canvas = new OffscreenCanvas(24, 16)
  const brush = canvas.getContext("2d")
  brush.fillStyle = "#2a7"
  brush.fillRect(0, 0, 24, 16)
  window.picture = await canvas.convertToBlob({ type: "image/png" })
  return window.picture.size
}
"""
SEND = """
async ({ method, url, headers }) => {
  const { "content-length": _, ...sent } = headers
  const answer = await fetch(url, { method, headers: sent, body: window.picture })
  return answer.status
}
"""
SHOW = """
async (url) => {
  const image = new Image()
  image.src = url
  document.body.append(image)
  await image.decode()
  return [image.naturalWidth, image.naturalHeight]
}
"""
FETCH = """
async (url) => {
  const forbidden = new Promise((say) => {
    document.addEventListener("securitypolicyviolation", (it) => say(it.effectiveDirective), { once: true })
  })
  const answer = await fetch(url).then((it) => it.status, (error) => error.name)
  const nothing = new Promise((say) => setTimeout(say, answer === "TypeError" ? 500 : 0, null))
  return [answer, await Promise.race([forbidden, nothing])]
}
"""


@pytest.fixture(scope="module")
def trip(stack: Stack) -> SimpleNamespace:
    base, admin, password = stack.base, stack.admin, "a long password"
    user = {"user": "browser-photographer", "role": "courier", "password": password}
    assert call(base, "POST /v1/users", user, admin)[0] == 201
    courier = call(base, "POST /v1/session", {"user": user["user"], "password": password})[1]["token"]
    route = call(base, "POST /v1/routes", {"id": "browser-photos", "line": LINE}, admin)[1]["route"]
    bonus = {"amount": "1", "currency": "CNY"}
    task = {"route": route, "bonus": bonus, "deadline": time.time() + 3600, "photos": 1}
    made = call(base, "POST /v1/tasks", task, admin)[1]["task"]
    name = call(base, f"POST /v1/tasks/{made}/claim", {}, courier)[1]["trip"]
    user, word = stack.sign_in
    manager = call(base, "POST /v1/session", {"user": user, "password": word})[1]["token"]
    return SimpleNamespace(base=base, photos=f"/v1/trips/{name}/photos", courier=courier, manager=manager)


def open_console(page: Page, base: str) -> None:
    """The page itself, and so its policy: a page that says what is missing has none."""
    page.goto(base)
    page.wait_for_selector("#user")


def test_a_photo_is_sent_from_the_console_s_page_and_shown_there(page: Page, trip: SimpleNamespace) -> None:
    open_console(page, trip.base)
    size = page.evaluate(PICTURE)
    new = {"content_type": "image/png", "size": size}
    status, slot = call(trip.base, f"POST {trip.photos}", new, trip.courier)
    assert status == 201
    assert page.evaluate(SEND, slot["upload"]) == 200
    assert page.evaluate(SEND, slot["upload"]) == 412  # the page may read why
    confirm = f"POST {trip.photos}/{slot['photo']}/confirm"
    assert call(trip.base, confirm, token=trip.courier)[0] == 200
    (photo,) = call(trip.base, f"GET {trip.photos}", token=trip.manager)[1]["photos"]
    assert page.evaluate(SHOW, photo["url"]) == [24, 16]
    assert page.evaluate(FETCH, photo["url"]) == [200, None]


def test_the_policy_lets_the_page_at_the_bucket_and_no_further(
    page: Page, trip: SimpleNamespace, troubles: list[str]
) -> None:
    open_console(page, trip.base)
    slot = call(trip.base, f"POST {trip.photos}", {"content_type": "image/png", "size": 1}, trip.courier)[1]
    *start, bucket = slot["upload"]["url"].split("/")[:4]
    emulator = "/".join(start)
    assert page.evaluate(FETCH, f"{emulator}/another-bucket/photo") == ["TypeError", "connect-src"]
    unsigned = f"{emulator}/{bucket}/routes/1"
    assert page.evaluate(FETCH, unsigned) == [
        "TypeError",
        None,
    ]  # the policy lets it go; the emulator does not
    troubles.clear()
