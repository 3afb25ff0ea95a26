"""Trips as couriers ride them on a running stack, up to where a manager decides and an admin pays."""

from __future__ import annotations

import time
from itertools import count
from typing import Any

from tests.browser.conftest import Stack
from tests.local.api import call
from tests.local.test_whole_flow import until

LINE = [[121.4700, 31.2304], [121.4800, 31.2304], [121.4900, 31.2304]]
PASSWORD = "a long password"
LASTS_S = 590
SETTLED_S = 60.0
"""The longest that a loaded machine may take to settle a trip after its two seconds of grace."""
BONUS = {
    "amount": "12.50",
    "currency": "CNY",
    "rules": {
        "coverage": {"full_percent": 95, "none_percent": 5},
        "off_route": {"per_km": "1.00", "free_m": 500},
        "late": {"per_minute": "0.20", "grace_minutes": 5},
        "on_time": {"reward": "2.00"},
        "limits": {"most": "14.00"},
    },
}
_serial = count(1)


class Rides:
    """A route of 1.9 km with a stop half way, and whoever rides it."""

    def __init__(self, stack: Stack, name: str) -> None:
        self.stack, self.name = stack, name
        self._tokens: dict[str, str] = {}
        route = {
            "id": name,
            "name": "Harbour road",
            "line": {"type": "LineString", "coordinates": LINE},
            "stops": [{"name": "Pier 4", "lon": 121.48, "lat": 31.2304, "radius_m": 60}],
        }
        self.route = self.ask(stack.admin, "POST /v1/routes", route)["route"]

    def ask(self, token: str, route: str, body: Any = None) -> Any:
        status, answer = call(self.stack.base, route, body, token)
        assert status < 300, answer
        return answer

    def courier(self, name: str) -> str:
        """Their token."""
        if name not in self._tokens:
            user = {"user": name, "role": "courier", "password": PASSWORD}
            self.ask(self.stack.admin, "POST /v1/users", user)
            session = {"user": name, "password": PASSWORD}
            self._tokens[name] = self.ask("", "POST /v1/session", session)["token"]
        return self._tokens[name]

    def claim(self, courier: str, title: str, **terms: Any) -> str:
        """A task of its own, claimed by the courier: their trip."""
        body = {"route": self.route, "title": title, "bonus": BONUS, "deadline": time.time() + 3600, **terms}
        task = self.ask(self.stack.admin, "POST /v1/tasks", body)["task"]
        return str(self.ask(self.courier(courier), f"POST /v1/tasks/{task}/claim")["trip"])

    def start(self, courier: str, title: str, **terms: Any) -> str:
        """A trip that began ten minutes ago."""
        trip = self.claim(courier, title, **terms)
        began = {"at": round(time.time()) - LASTS_S - 10}
        self.ask(self.courier(courier), f"POST /v1/trips/{trip}/start", began)
        return trip

    def upload(self, courier: str, shares: list[float], lat: float = 31.2304) -> None:
        """Pings ten seconds apart, the last of them now, at these shares of the route."""
        now = round(time.time())
        pings = [
            {"t": now - 10 * (len(shares) - i), "lat": lat, "lon": round(121.47 + 0.02 * it, 6), "accuracy_m": 5}
            for i, it in enumerate(shares)
        ]
        taken = self.ask(self.courier(courier), "POST /v1/uploads", {"pings": pings})
        assert taken["rejected"] == []

    def finish(self, courier: str, title: str, share: float = 1.0, **terms: Any) -> str:
        """Ridden up to that share of the route, at a ping every ten seconds."""
        trip = self.start(courier, title, **terms)
        self.upload(courier, [i * share / 56 for i in range(57)])
        self.ask(self.courier(courier), f"POST /v1/trips/{trip}/finish")
        return trip

    def bonus(self, trip: str) -> Any:
        return self.ask(self.stack.manager, f"GET /v1/trips/{trip}/bonus")

    def settled(self, *trips: str) -> None:
        for trip in trips:
            until(lambda trip=trip: self.bonus(trip)["calculation"], SETTLED_S)

    def approve(self, trip: str) -> None:
        self.ask(self.stack.manager, f"POST /v1/trips/{trip}/approve")

    def late_ping(self, courier: str, trip: str) -> None:
        """From the middle of a trip that has ended: it is settled anew."""
        audit = self.ask(self.stack.manager, f"GET /v1/trips/{trip}/audit")["trip"]
        at = audit["started_at"] + 305 + next(_serial)
        ping = {"t": at, "lat": 31.2304, "lon": 121.4804, "accuracy_m": 5}
        self.ask(self.courier(courier), "POST /v1/uploads", {"pings": [ping]})
