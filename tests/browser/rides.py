"""Trips as couriers ride them on a running stack, up to where a manager decides and an admin pays."""

from __future__ import annotations

import struct
import time
import urllib.request
import zlib
from typing import Any

from tests.browser.conftest import Stack
from tests.local.api import call
from tests.local.test_whole_flow import until

LINE = [[121.4700, 31.2304], [121.4800, 31.2304], [121.4900, 31.2304]]
PASSWORD = "a long password"
LASTS_S = 600
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


class Rides:
    """A route of 1.9 km with a stop half way, and whoever rides it."""

    def __init__(self, stack: Stack, name: str) -> None:
        self.stack, self.name = stack, name
        self._tokens: dict[str, str] = {}
        self._began: dict[str, int] = {}
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

    def start(self, courier: str, title: str, ago_s: int = 0, **terms: Any) -> str:
        """A trip that began ten minutes ago, or `ago_s` before that."""
        trip = self.claim(courier, title, **terms)
        self._began[trip] = round(time.time()) - LASTS_S - ago_s
        self.ask(self.courier(courier), f"POST /v1/trips/{trip}/start", {"at": self._began[trip]})
        return trip

    def ride(self, courier: str, trip: str, share: float = 1.0, pings: slice = slice(None)) -> None:
        """Up to that share of the route in ten minutes, and of its pings these."""
        began = self._began[trip]
        places = [{"lat": 31.2304, "lon": round(121.47 + 0.02 * share * i / 58, 6)} for i in range(59)]
        ridden = [{"t": began + 5 + 10 * i, "accuracy_m": 5, **place} for i, place in enumerate(places)]
        taken = self.ask(self.courier(courier), "POST /v1/uploads", {"pings": ridden[pings]})
        assert taken["rejected"] == []

    def finish(
        self, courier: str, title: str, share: float = 1.0, pings: slice = slice(None), **terms: Any
    ) -> str:
        trip = self.start(courier, title, **terms)
        self.ride(courier, trip, share, pings)
        ended = {"at": self._began[trip] + LASTS_S}
        self.ask(self.courier(courier), f"POST /v1/trips/{trip}/finish", ended)
        return trip

    def photograph(self, courier: str, trip: str, width: int = 240, height: int = 160) -> str:
        """Sends a photo, which counts then: its id."""
        token, picture = self.courier(courier), png(width, height)
        new = {"content_type": "image/png", "size": len(picture)}
        slot = self.ask(token, f"POST /v1/trips/{trip}/photos", new)
        upload = slot["upload"]
        request = urllib.request.Request(upload["url"], picture, dict(upload["headers"]), method="PUT")  # noqa: S310 - our own loopback
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
            assert answer.status == 200
        self.ask(token, f"POST /v1/trips/{trip}/photos/{slot['photo']}/confirm")
        return str(slot["photo"])

    def bonus(self, trip: str) -> Any:
        return self.ask(self.stack.manager, f"GET /v1/trips/{trip}/bonus")

    def settled(self, *trips: str) -> None:
        for trip in trips:
            until(lambda trip=trip: self.bonus(trip)["calculation"], SETTLED_S)

    def pay(self) -> None:
        """Whatever is approved."""
        assert call(self.stack.base, "POST /v1/payouts", {}, self.stack.admin)[0] in {201, 409}

    def approve(self, trip: str) -> None:
        self.ask(self.stack.manager, f"POST /v1/trips/{trip}/approve")

    def newer(self, trip: str) -> None:
        """Waits for what a record gives that came after the approval."""
        until(lambda: self.bonus(trip)["newer"], SETTLED_S)


def png(width: int, height: int) -> bytes:
    """A picture in shades from left to right. Source: PNG, third edition."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    row = b"\0" + b"".join(bytes((20, 60 + 160 * x // width, 120)) for x in range(width))
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = chunk(b"IHDR", head), chunk(b"IDAT", zlib.compress(row * height)), chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)
