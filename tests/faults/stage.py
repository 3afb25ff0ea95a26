"""The laptop stack with its faults: the product's templates and code, shorter timeouts, a proxy between."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import orjson

from local.aws import Aws, AwsError
from local.child import free_port
from local.faults import Faults
from local.logs import Log
from local.runtime import Runtime, runtime
from local.settings import ACCOUNT, Settings
from local.sources.mapping import mappings
from local.sources.streams import Page, Stream
from local.worker.answer import Answer, Invoke, NotReached
from tests.faults.injected import Injected
from tests.faults.plan import Plan
from tests.faults.proxy import SENDER, Proxy

ROOT = Path(__file__).parents[2]
TRACK = "ProcessorsTrack"
_LINKED = ("geo", "telemetry", "storage", "ingest", "processors", "stacks", "console")


@dataclass(frozen=True, slots=True)
class Limits:
    """What is shorter than deployed, so that a hang costs seconds: track's timeout [s], records a batch."""

    timeout_s: int
    batch: int
    retries: int = 4
    """The product bounds retries by age; here a record that kills its worker is given up soon."""


def prepare(folder: Path, limits: Limits) -> Path:
    """The project as links, with a template in which only `limits` differ."""
    for name in _LINKED:
        (folder / name).symlink_to(ROOT / name)
    envs = ROOT / ".milepost" / "envs"
    envs.mkdir(parents=True, exist_ok=True)
    (folder / ".milepost").mkdir()
    (folder / ".milepost" / "envs").symlink_to(envs)
    text = (ROOT / "template.yaml").read_text()
    for pattern, instead in (
        (r"(BatchSize: \{ Type: Number, Default:) \d+", rf"\1 {limits.batch}"),
        (r"(  ProcessorsTrack:\n(?:.*\n)*?      Timeout:) \d+", rf"\1 {limits.timeout_s}"),
        (r"(RetryAttempts: \{ Type: Number, Default:) \d+", rf"\1 {limits.retries}"),
        (r"(GraceSeconds: \{ Type: Number, Default:) \d+", r"\1 3"),
    ):  # fmt: skip
        text, found = re.subn(pattern, instead, text, count=1)
        assert found == 1, pattern
    (folder / "template.yaml").write_text(text)
    return folder


@dataclass
class Delivered:
    """What the event sources of track are at, record by record."""

    seen: set[str] = field(default_factory=set)
    open: set[str] = field(default_factory=set)
    running: int = 0

    def begun(self, sequences: list[str]) -> None:
        self.running += 1
        self.seen.update(sequences)
        self.open.update(sequences)

    def ended(self, sequences: list[str], answer: Answer | None) -> None:
        self.running -= 1
        if answer is None or answer.failed:
            return
        failures = orjson.loads(answer.payload or b"{}") or {}
        items = {item["itemIdentifier"] for item in failures.get("batchItemFailures", [])}
        first = next((i for i, sequence in enumerate(sequences) if sequence in items), len(sequences))
        self.open.difference_update(sequences[:first])


class Stage:
    """Faults are injected while `active`."""

    def __init__(self, plan: Plan, injected: Injected, planted: str = "") -> None:
        self.plan, self.injected, self._planted = plan, injected, planted
        self.delivered = Delivered()
        self.proxy = Proxy(plan, injected, self._kill)
        self._logical: dict[str, str] = {}
        self._running: Runtime | None = None
        self._lost: set[asyncio.Task[Any]] = set()
        self._old: list[tuple[str, bytes]] = []

    @property
    def active(self) -> bool:
        return self.proxy.active

    @active.setter
    def active(self, on: bool) -> None:
        self.proxy.active = on

    @asynccontextmanager
    async def run(
        self, folder: Path, limits: Limits, port: int, proxy_port: int, workers: int
    ) -> AsyncIterator[Stage]:
        settings = Settings(
            root=prepare(folder, limits), port=port or free_port(), demo=False, workers=workers
        )
        faults = Faults(self._deliver, self._stream, self._variables, zombie_s=3.0 * limits.timeout_s)
        sink = (folder / "log.txt").open("a")
        log = Log(colour=False, write=sink.write)
        async with self.proxy.serve(proxy_port), runtime(settings, log, faults) as running:
            self._running, self.settings = running, settings
            self._logical |= {name: pool.function.logical for name, pool in running.pools.items()}
            self.proxy.upstream = running.emulated.address
            async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
                self.aws = Aws(session, running.emulated.address, settings.region, ACCOUNT)
                self._session = session
                yield self
                await self.settled()
        sink.close()

    def name(self, logical: str) -> str:
        """A resource of the pipeline's template, as it is called in the emulator."""
        assert self._running is not None
        resolver = self._running.stacks[0].resolver
        return str(resolver.ref(logical, logical)).rpartition("/")[2]

    def lanes(self) -> int:
        """Of each shard of the upload stream."""
        assert self._running is not None
        return next(m.rules.parallel for m in mappings(self._running.stacks[0]) if ":kinesis:" in m.source)

    async def settled(self) -> None:
        """No delivery runs unheard, no call is still on its way."""
        while self._lost:
            await asyncio.wait(self._lost)
        await self.proxy.quiet()

    def _variables(self, function: str, worker: int) -> Mapping[str, str]:
        # The runtime's own names are known once it runs; a worker starts later.
        logical = self._logical.get(function, "")
        ours = {
            "AWS_ENDPOINT_URL": self.proxy.address,
            SENDER: f"{logical}-{worker}",
            "PYTHONPATH": str(Path(__file__).parent / "hooks"),
            "HARNESS_ROOT": str(ROOT),
        }
        return ours | ({"HARNESS_PLANTED": self._planted} if self._planted else {})

    def _kill(self, logical: str, worker: int) -> bool:
        assert self._running is not None
        name = next(name for name, known in self._logical.items() if known == logical)
        return self._running.pools[name].kill(worker)

    def _stream(self, stream: Stream) -> Stream:
        return _Expiring(stream, self)  # type: ignore[return-value]  # it has the rest by delegation

    def _deliver(self, invoke: Invoke) -> Invoke:
        async def deliver(name: str, event: bytes) -> Answer:
            if self._logical.get(name) != TRACK:
                return await invoke(name, event)
            fault = self.plan.delivery() if self.active else None
            if fault == "delivery throttled":
                self.injected.add(fault)
                raise NotReached("throttled, as planned")
            if fault == "delivered twice":
                self.injected.add(fault)
                self._unheard(invoke, name, event)
            if fault == "delivered again" and self._old:
                self.injected.add(fault)
                self._unheard(invoke, *self._old[len(event) % len(self._old)])
            if fault == "zombie, answer lost":
                self.injected.add(fault)
                self._unheard(invoke, name, event)
                await asyncio.sleep(0.05 + len(event) % 100 / 400)
                raise NotReached("its answer was lost, as planned")
            self._old = [*self._old[-19:], (name, event)]
            return await self._watched(invoke, name, event)

        return deliver

    def _unheard(self, invoke: Invoke, name: str, event: bytes) -> None:
        async def run() -> None:
            await invoke(name, event)

        task = asyncio.create_task(run())
        self._lost.add(task)
        task.add_done_callback(self._lost.discard)

    async def _watched(self, invoke: Invoke, name: str, event: bytes) -> Answer:
        sequences = [record["kinesis"]["sequenceNumber"] for record in orjson.loads(event)["Records"]]
        self.delivered.begun(sequences)
        answer = None
        try:
            answer = await invoke(name, event)
            if answer.failed and "timed out" in answer.reason:
                self.injected.add("zombie, timed out")
            return answer
        finally:
            self.delivered.ended(sequences, answer)


class _Expiring:
    """A stream whose iterators expire as planned."""

    def __init__(self, stream: Stream, stage: Stage) -> None:
        self._stream, self._stage = stream, stage

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    async def read(self, shard: str, iterator: str, limit: int) -> Page:
        if self._stage.active and self._stage.plan.expires():
            self._stage.injected.add("iterator expired")
            raise AwsError("GetRecords", "ExpiredIteratorException", "Iterator has expired")
        return await self._stream.read(shard, iterator, limit)
