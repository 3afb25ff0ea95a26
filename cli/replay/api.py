"""Milepost's public HTTP API as admins and couriers use it."""

from __future__ import annotations

import gzip
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any
from urllib.parse import urlencode

import orjson

from cli.replay.credential import Credential
from cli.replay.retry import Backoff, Sleep, asked_wait, passing
from cli.replay.transport import Answer, Outgoing, Send, Unreachable, detail

TRIES = 8  # about half a minute of waiting
Json = dict[str, Any]
LonLat = tuple[float, float]


class Refused(Exception):
    """An answer that will not change by asking again."""

    def __init__(self, request: str, status: int, why: str) -> None:
        super().__init__(f"{request}: {status} {why}")
        self.status = status


@dataclass
class Api:
    """pipeline, accounts, tasks: addresses without a slash at their end.

    Every method raises Refused, and Unreachable when nobody answers in `tries` tries.
    """

    send: Send
    sleep: Sleep
    chance: Random
    pipeline: str
    accounts: str
    tasks: str
    backoff: Backoff = field(default_factory=Backoff)
    tries: int = TRIES

    @classmethod
    async def find(cls, base: str, send: Send, sleep: Sleep, chance: Random) -> Api:
        """With the addresses that `base` tells in /config.json."""
        api = cls(send, sleep, chance, base, base, base, tries=1)
        known = (await api.call("GET", f"{base}/config.json"))["apis"]
        return cls(
            send, sleep, chance, *(known[name].rstrip("/") for name in ("pipeline", "accounts", "tasks"))
        )

    async def call(
        self, method: str, url: str, who: Credential | None = None, body: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> Any:  # fmt: skip
        """The answer's JSON. body: bytes go as they are, with headers that say what they are."""
        answer = Answer(0, b"")
        waits = self.backoff.waits(self.chance)
        for left in reversed(range(self.tries)):
            wait_s = 0.0
            try:
                answer = await self._once(method, url, who, body, headers or {})
                if not (passing(answer) and left):
                    break
                wait_s = asked_wait(answer, self.backoff.most_s)
            except Unreachable:
                if not left:
                    raise
            await self.sleep(max(wait_s, next(waits)))
        if answer.status >= 300:
            raise Refused(f"{method} {url}", answer.status, detail(answer))
        return orjson.loads(answer.body) if answer.body else None

    async def _once(
        self, method: str, url: str, who: Credential | None, body: Any, said: Mapping[str, str]
    ) -> Answer:
        data = body if isinstance(body, bytes | None) else orjson.dumps(body)
        headers = ({"content-type": "application/json"} if data else {}) | dict(said)
        if who is None:
            return await self.send(Outgoing(method, url, headers, data))
        answer = Answer(0, b"")
        for _ in range(2):
            token = await who.token()
            signed = headers | {"authorization": f"Bearer {token}"}
            answer = await self.send(Outgoing(method, url, signed, data))
            if answer.status != 401:
                break
            who.forget(token)
        return answer

    async def sign_in(self, user: str, password: str) -> str:
        """A token."""
        body = {"user": user, "password": password}
        return str((await self.call("POST", f"{self.accounts}/v1/session", None, body))["token"])

    async def add_user(self, admin: Credential, user: str, role: str, name: str, password: str) -> bool:
        """False when the name is taken."""
        body = {"user": user, "role": role, "name": name, "password": password}
        try:
            await self.call("POST", f"{self.accounts}/v1/users", admin, body)
        except Refused as refused:
            if refused.status != 409:
                raise
            return False
        return True

    async def add_device(self, admin: Credential, courier: str, name: str) -> Json:
        return dict(
            await self.call("POST", f"{self.accounts}/v1/devices", admin, {"courier": courier, "name": name})
        )

    async def publish(self, admin: Credential, route_id: str, name: str, line: Sequence[LonLat]) -> str:
        """The route's reference, `id@version`."""
        geometry = {"type": "LineString", "coordinates": line}
        body = {"id": route_id, "name": name, "line": geometry}
        return str((await self.call("POST", f"{self.tasks}/v1/routes", admin, body))["route"])

    async def put_draft(
        self, admin: Credential, route_id: str, file: bytes, kind: str, said: Mapping[str, str],
        revision: int | None,
    ) -> Json:  # fmt: skip
        """file: of the content type `kind`; said: name, datum, time_zone. Answers draft and preview."""
        headers = {"content-type": kind, "content-encoding": "gzip"}
        if revision is not None:
            headers["if-match"] = f'"{revision}"'
        url = f"{self.tasks}/v1/routes/{route_id}/draft?{urlencode(said)}"
        return dict(await self.call("PUT", url, admin, gzip.compress(file), headers))

    async def routes(self, who: Credential) -> list[Json]:
        return list((await self.call("GET", f"{self.tasks}/v1/routes", who))["routes"])

    async def line(self, who: Credential, route: str) -> list[LonLat]:
        feature = await self.call("GET", f"{self.tasks}/v1/routes/{route}", who)
        return [(lon, lat) for lon, lat, *_ in feature["geometry"]["coordinates"]]

    async def make_task(
        self, admin: Credential, route: str, title: str, amount: str, deadline: float
    ) -> Json:
        """amount: the bonus in CNY; deadline: Unix seconds."""
        bonus = {"amount": amount, "currency": "CNY"}
        body = {"route": route, "title": title, "bonus": bonus, "deadline": deadline}
        return dict(await self.call("POST", f"{self.tasks}/v1/tasks", admin, body))

    def tasks_that_are(self, who: Credential, status: str) -> AsyncIterator[Json]:
        return self._all("tasks", {"status": status}, who)

    def trips_that_are(self, who: Credential, state: str) -> AsyncIterator[Json]:
        """The fleet's, for a manager or an admin."""
        return self._all("trips", {"state": state}, who)

    async def _all(self, what: str, query: dict[str, str], who: Credential) -> AsyncIterator[Json]:
        while True:
            page = await self.call("GET", f"{self.tasks}/v1/{what}?{urlencode(query)}", who)
            for one in page[what]:
                yield one
            if not page.get("next"):
                return
            query["after"] = page["next"]

    async def claim(self, courier: Credential, task: str) -> Json | None:
        """The courier's trip of the task; None when others have it or its time is over."""
        try:
            return dict(await self.call("POST", f"{self.tasks}/v1/tasks/{task}/claim", courier, {}))
        except Refused as refused:
            if refused.status != 409:
                raise
            return None

    async def start(self, courier: Credential, task: str, at: float | None) -> Json:
        """The trip of a claimed task, with `trip`, `task`, `route` and `started_at`."""
        body: Mapping[str, float] = {} if at is None else {"at": at}
        return dict(await self.call("POST", f"{self.tasks}/v1/tasks/{task}/start", courier, body))

    async def finish(self, courier: Credential, trip: str, at: float) -> Json:
        return dict(await self.call("POST", f"{self.tasks}/v1/trips/{trip}/finish", courier, {"at": at}))
