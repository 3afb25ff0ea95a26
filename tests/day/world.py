"""What is the same for everybody of a day, and the requests that all of them make."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from cli.replay.api import Api, Json, Refused
from cli.replay.credential import Credential
from cli.replay.ledger import Ledger
from cli.replay.transport import Send
from tests.day.cast import Part, Size
from tests.day.hours import Hours
from tests.day.roads import Road


@dataclass
class Ridden:
    """One trip as its courier knows it. end: the state that it is to come to. finished_s: as the courier
    said it [s, Unix]; along_m: how far it was ridden by then; strayed_m: ridden away from the route.
    """

    trip: str
    courier: str
    part: Part
    road: Road
    end: str = "paid"
    started_s: float | None = None
    finished_s: float | None = None
    along_m: float = 0.0
    strayed_m: float = 0.0


@dataclass
class Contest:
    """One task that everybody claims at once. won, lost: couriers."""

    task: str
    quantity: int
    won: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)


@dataclass(repr=False)
class World:
    """roads: by reference, `id@version`; truth: by trip; count: what happened, for the table at the end."""

    api: Api
    send: Send
    hours: Hours
    size: Size
    admin: Credential
    manager: Credential
    other: Credential
    """Another manager."""
    hands: list[Any] = field(default_factory=list)
    ledger: Ledger = field(default_factory=Ledger)
    roads: dict[str, Road] = field(default_factory=dict)
    truth: dict[str, Ridden] = field(default_factory=dict)
    contest: Contest = field(default_factory=lambda: Contest("", 0))
    count: Counter[str] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)
    """Answers that should not have come."""
    ends_s: float = 0.0
    _keys: Any = field(default_factory=itertools.count)

    @property
    def last_start_s(self) -> float:
        return self.ends_s - self.size.quiet_s

    async def get(self, who: Credential, path: str) -> Json:
        return dict(await self.api.call("GET", f"{self.api.tasks}{path}", who))

    async def post(
        self, who: Credential, path: str, body: Json | None = None, key: str | None = None
    ) -> Json:
        """Under a key of its own. Raises Refused."""
        headers = {"idempotency-key": key or f"day-{next(self._keys)}"}
        self.count["requests of people"] += 1
        return dict(await self.api.call("POST", f"{self.api.tasks}{path}", who, body or {}, headers))

    async def put(self, who: Credential, path: str, body: Json) -> Json:
        return dict(await self.api.call("PUT", f"{self.api.tasks}{path}", who, body))

    async def refused(self, who: Credential, path: str, body: Json | None = None, status: int = 409) -> None:
        """A POST that is to be answered with `status`."""
        try:
            await self.post(who, path, body)
        except Refused as refused:
            if refused.status == status:
                self.count[f"refused with {status}, as they should be"] += 1
                return
            self.broken.append(f"{refused}, and not {status}")
        else:
            self.broken.append(f"POST {path} was taken, and not refused with {status}")

    async def pages(self, who: Credential, what: str, **query: str) -> AsyncIterator[Json]:
        """what: tasks, trips, alerts or payouts."""
        asked = {"limit": "200"} | query
        while True:
            page = await self.get(who, f"/v1/{what}?{urlencode(asked)}")
            for one in page[what]:
                yield one
            if not page.get("next"):
                return
            asked["after"] = page["next"]
