"""Phones and bulk senders: a courier's whole day, sent as its role says, disturbed where it may be."""

from __future__ import annotations

import asyncio
import base64
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from random import Random
from typing import Any

import orjson

from cli.replay.api import Api
from cli.replay.courier import APP
from cli.replay.credential import Credential
from cli.replay.figures import Figures
from cli.replay.formats.own import Own, _ping
from cli.replay.ledger import Trip
from cli.replay.phone import Phone, World
from cli.replay.retry import Backoff
from cli.replay.simulator import Made, chance
from cli.replay.transport import Answer, Outgoing, Send, Unreachable
from local.aws import Aws, AwsError
from storage.aggregation import pack
from storage.objects import Rejected
from storage.stream import Plain
from telemetry.live import Window
from telemetry.ping import BadPing
from telemetry.upload import Upload
from tests.faults.cast import Leg, Role
from tests.faults.injected import Injected
from tests.faults.truth import FLEET, Courier, Event, Truth, wire

AT_ONCE = 3
"""Uploads of a disordered courier that are on their way together."""
PACK_S, PACKED = 0.03, 8
"""An aggregate waits so long for uploads [s], and carries so many at most."""
RANGES = 2
"""Of hash keys: as few as there are shards, so that few couriers fill aggregates."""


@dataclass(frozen=True, slots=True)
class Bulk:
    """Straight into Kinesis: as plain records, or as aggregates of whatever comes together."""

    aws: Aws
    stream: str
    put: list[int] = field(default_factory=lambda: [0])
    _waiting: list[tuple[Upload, asyncio.Future[None]]] = field(default_factory=list)

    async def records(self, records: Sequence[Plain]) -> None:
        """Return when each is taken."""
        left = [
            {"PartitionKey": key, "Data": base64.b64encode(data).decode()}
            | ({"ExplicitHashKey": hash_key} if hash_key else {})
            for key, data, hash_key in records
        ]
        while left:
            try:
                said = await self.aws.call(
                    "Kinesis_20131202.PutRecords", {"StreamName": self.stream, "Records": left}
                )
            except AwsError:
                await asyncio.sleep(0.1)
                continue
            self.put[0] += len(left) - said.get("FailedRecordCount", 0)
            left = [r for r, told in zip(left, said["Records"], strict=True) if "ErrorCode" in told]

    async def aggregated(self, upload: Upload) -> None:
        taken = asyncio.get_running_loop().create_future()
        self._waiting.append((upload, taken))
        if len(self._waiting) == 1:
            await asyncio.sleep(PACK_S)
            together, self._waiting[:] = [*self._waiting], []
            for at in range(0, len(together), PACKED):
                some = together[at : at + PACKED]
                await self.records(pack((u for u, _ in some), RANGES))
                for _, done in some:
                    done.set_result(None)
        await taken


def lossy(send: Send, injected: Injected, seed: int, share: float) -> Send:
    """The network of a phone on the move."""
    number = 0

    async def sometimes(out: Outgoing) -> Answer:
        nonlocal number
        number += 1
        draw = chance(seed, f"network/{number}").random()
        if draw < share:
            injected.add("upload dropped")
            raise Unreachable("dropped")
        if draw < 2 * share:
            injected.add("answer dropped")
            await send(out)
            raise Unreachable("dropped on the way back")
        return await send(out)

    return sometimes


def disturbed(
    role: Role, leg: Leg, draw: Random, late: list[list[Made]], injected: Injected
) -> Iterator[list[Made]]:
    """A trip's uploads, with what is sent twice, cut anew, in conflict or refused; `late` takes the last."""
    before: list[Made] = []
    for upload in leg.uploads:
        if draw.random() < 0.04:
            late.append(upload)
        else:
            yield upload
        if draw.random() < 0.06:
            injected.add("upload duplicated")
            yield upload
        if before and draw.random() < 0.05:
            injected.add("upload recut")
            yield [*before[len(before) // 2 :], *upload[: len(upload) // 2 + 1]]
        if draw.random() < 0.05:
            injected.add("ping in conflict")
            ping = draw.choice(upload)
            worse = ping.accuracy_m + draw.choice([-1.0, 0.0, 1.0])
            yield [ping._replace(lat=round(ping.lat + 1e-4, 7), accuracy_m=round(max(worse, 0.5), 1))]
        if role.way == "phone" and draw.random() < 0.05:
            injected.add("ping refused")
            ping = upload[-1]
            yield [ping, ping._replace(t_ms=ping.t_ms + 1, lat=95.0)]
        before = upload


def as_upload(courier: str, pings: Sequence[Made], now: float, truth: Truth) -> Upload:
    """What the API makes of it; what it is to refuse is noted."""
    taken = []
    for made in pings:
        try:
            taken.append(wire(made, now))
        except BadPing:
            refused = Rejected(orjson.dumps(_ping(made)), f"own/{APP}", "", "")
            truth.refused.add(refused.hash)
    return Upload(FLEET, courier, APP, round(now * 1000), tuple(sorted(taken)))


@dataclass
class Senders:
    api: Api
    admin: Credential
    truth: Truth
    injected: Injected
    bulk: Bulk
    network: Send
    routes: dict[str, str]
    """References of the published routes, by name."""
    token: Any
    sent: int = 0
    """Pings acknowledged, repetitions left out."""

    def __post_init__(self) -> None:
        async def turn() -> None:
            return

        self._world = World(
            self.api.pipeline, self.network, Own(), self.truth.ledger, Figures(), asyncio.sleep, turn,
            backoff=Backoff(0.05, 1.0),
        )  # fmt: skip

    async def ride(self, role: Role, now: float) -> None:
        """The whole day of one courier."""
        courier = self.truth.couriers.setdefault(role.name, Courier(role.name, role.ordered))

        async def get() -> str:
            return str(self.token("courier", role.name))

        credential = Credential(get)
        draw = chance(role.seed, "sending")
        late: list[list[Made]] = []
        for leg in role.legs(now):
            trip = await self._start(courier, credential, leg)
            if role.ordered:
                await self._in_order(role, courier, credential, leg, draw)
            else:
                late += await self._out_of_order(role, courier, credential, leg, draw)
            if not (leg.last and draw.random() < 0.5):
                await self._finish(courier, credential, trip, leg)
            if leg.outside:
                self.injected.add("ping outside", len(leg.outside))
                await self._send(role, courier, credential, leg.outside)
        for upload in late:
            self.injected.add("late upload")
            await self._send(role, courier, credential, upload)

    async def _start(self, courier: Courier, credential: Credential, leg: Leg) -> Window:
        reference = self.routes[leg.route]
        task = await self.api.make_task(self.admin, reference, "Chaos", "1.00", time.time() + 86_400)
        await self.api.claim(credential, task["task"])
        said = await self.api.start(credential, task["task"], leg.start_s)
        self.truth.ledger.trips.append(Trip(said["trip"], courier.name, said["route"], said["started_at"]))
        window = Window(said["trip"], said["route"], round(said["started_at"] * 1000))
        courier.routes[window.trip] = leg.route
        courier.events.append(Event(window=window))
        return window

    async def _finish(self, courier: Courier, credential: Credential, window: Window, leg: Leg) -> None:
        said = await self.api.finish(credential, window.trip, leg.end_s)
        end_ms = round(said["finished_at"] * 1000)
        courier.events.append(Event(window=Window(window.trip, window.route, window.start_ms, end_ms)))

    async def _in_order(
        self, role: Role, courier: Courier, credential: Credential, leg: Leg, draw: Random
    ) -> None:
        """What comes again changes nothing."""
        for i, upload in enumerate(leg.uploads):
            await self._send(role, courier, credential, upload)
            if draw.random() < 0.08:
                self.injected.add("upload duplicated")
                await self._send(role, courier, credential, leg.uploads[draw.randint(0, i)])

    async def _out_of_order(
        self, role: Role, courier: Courier, credential: Credential, leg: Leg, draw: Random
    ) -> list[list[Made]]:
        """Some is held back until everything else is over: it is given back."""
        late: list[list[Made]] = []
        queue = [*disturbed(role, leg, draw, late, self.injected)]
        places = sorted(range(len(queue)), key=lambda i: i + draw.uniform(0, 3))
        self.injected.add("upload reordered", sum(b < a for a, b in pairwise(places)))
        waits = [draw.uniform(0.05, 0.5) if draw.random() < 0.1 else 0.0 for _ in places]
        left = iter(zip(places, waits, strict=True))

        async def some() -> None:
            for place, wait_s in left:
                if wait_s:
                    self.injected.add("upload delayed")
                    await asyncio.sleep(wait_s)
                await self._send(role, courier, credential, queue[place])

        await asyncio.gather(*(some() for _ in range(AT_ONCE)))
        return late

    async def _send(
        self, role: Role, courier: Courier, credential: Credential, pings: Sequence[Made]
    ) -> None:
        """Return when it is acknowledged, and known as such."""
        now = time.time()
        upload = as_upload(courier.name, pings, now, self.truth)
        if role.way == "phone":
            phone = Phone(self._world, courier.name, APP, credential, chance(role.seed, f"phone {now}"))
            for ping in pings:
                phone.take(ping)
            await phone.upload(len(pings))
        else:
            entry = self.truth.ledger.sent(courier.name, APP, pings)
            for ping in pings:
                self.truth.ledger.made(courier.name, APP, ping)
            if role.way == "records":
                await self.bulk.records([Plain(upload.key, upload.to_bytes())])
            else:
                await self.bulk.aggregated(upload)
            entry.acknowledged_at = time.time()
            entry.tries = 1
        courier.events.append(Event(upload=upload.to_bytes()))
        self.sent += len(pings)
