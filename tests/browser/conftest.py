"""A browser, a page that must stay clean of errors, the double, and the real stack."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route

from local.child import stack as running_stack
from tests.browser.browser import browser
from tests.browser.double import PASSWORD, Double, serving
from tests.browser.town import populate
from tests.local.api import call

DESKTOP = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 800}


@dataclass(frozen=True)
class Stack:
    base: str
    admin: str
    manager: str
    """Tokens."""
    sign_in: tuple[str, str]
    """User and password of a manager."""
    admin_sign_in: tuple[str, str]
    sessions: dict[str, Any]
    """What signing in is answered with, by role."""


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with browser() as started:
        yield started


@pytest.fixture
def troubles() -> list[str]:
    """Exceptions in pages and violations of their policy; a test that expects some clears them."""
    return []


@pytest.fixture
def pages(chromium: Browser, troubles: list[str]) -> Iterator[Callable[..., Page]]:
    """Makes a page in a context of its own, as `new_context` takes it; each must stay clean of errors."""
    contexts: list[BrowserContext] = []

    def make(**look: Any) -> Page:
        context = chromium.new_context(**{"viewport": DESKTOP, "locale": "en-GB"} | look)
        contexts.append(context)
        context.set_default_timeout(10_000)
        page = context.new_page()
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on(
            "console", lambda said: troubles.append(said.text) if "Content Security" in said.text else None
        )
        return page

    yield make
    for context in contexts:
        context.close()
    assert troubles == []


@pytest.fixture
def page(pages: Callable[..., Page]) -> Page:
    return pages()


@pytest.fixture(params=["light", "dark"])
def phone(pages: Callable[..., Page], request: pytest.FixtureRequest) -> Page:
    """A page of a phone's size that keeps still; in each theme."""
    return pages(viewport=PHONE, color_scheme=request.param, reduced_motion="reduce")


@pytest.fixture
def double() -> Iterator[Double]:
    """Twelve couriers, every state among them."""
    with serving(Double()) as started:
        populate(started, 12)
        yield started


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """Trips are settled two seconds after their end; webhooks may lead to this machine."""
    with running_stack(POLL_MS=50, PARAMETERS="GraceSeconds=2 PrivateWebhooks=allow") as child:
        admin, sessions, signs = child.token("admin"), {}, {}
        for role, sign in (("manager", "sign_in"), ("admin", "admin_sign_in")):
            user = {"user": f"browser-{role}", "role": role, "password": "a long password"}
            assert call(child.base, "POST /v1/users", user, admin)[0] == 201
            signs[sign] = (user["user"], user["password"])
            asked = {"user": user["user"], "password": user["password"]}
            status, sessions[role] = call(child.base, "POST /v1/session", asked)
            assert status == 200
        tokens = {role: session["token"] for role, session in sessions.items()}
        yield Stack(child.base, **tokens, **signs, sessions=sessions)


def submit(page: Page, base: str, user: str = "mei", password: str = PASSWORD) -> None:
    """Open the page and send the sign-in form."""
    page.goto(base)
    page.fill("#user", user)
    page.fill("#password", password)
    page.click("button[type=submit]")


def sign_in(page: Page, base: str, user: str = "mei", password: str = PASSWORD) -> None:
    """Through the form, until the view is live."""
    submit(page, base, user, password)
    page.wait_for_selector("[data-status=live]")


def signed_in(page: Page, stack: Stack, address: str, role: str = "manager") -> None:
    """Opens `address` (such as #/trips) in a tab where somebody is signed in already."""
    session = json.dumps(stack.sessions[role])
    page.add_init_script(f"sessionStorage.setItem('milepost.session', {json.dumps(session)})")
    page.goto(f"{stack.base}/{address}")


def answered(page: Page, asked: Route, answer: Any) -> None:
    """Answers a request that was held, and waits until the page has done what it then does."""
    with page.expect_response(lambda it: it.request == asked.request):
        asked.fulfill(json=answer)
    page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")


def held(page: Page, url: str | Callable[[str], bool], **times: int) -> list[Route]:
    """The requests to `url`, which are answered when the test does so."""
    routes: list[Route] = []

    def hold(route: Route) -> None:
        routes.append(route)

    page.route(url, hold, **times)
    return routes
