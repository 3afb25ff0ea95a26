"""One run: a fleet's uploads through the real functions, and what they asked of AWS."""

from __future__ import annotations

import base64
import os
import secrets
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import redirect_stdout
from dataclasses import dataclass
from random import Random
from typing import Any

import orjson

from cli.cost import naive
from cli.cost.assumptions import Assumptions, poisson_positive
from cli.cost.cloud.dynamodb import DynamoDB
from cli.cost.cloud.meter import CannotMeasure, Meter
from cli.cost.cloud.seam import Cloud, Seam
from cli.cost.cloud.streams import Kinesis
from cli.cost.cloud.table import Table
from cli.cost.deployed import Deployed
from cli.cost.fleet import FLEET, ROUTE, Fleet, winding
from cli.cost.functions import Handler, Invoker, load
from cli.cost.gateway import Gateway
from cli.replay.simulator import chance
from geo.route import CompiledRoute
from storage.aws import client
from storage.connections import DynamoConnections, Viewer, fleet_topic
from storage.live import DynamoLive
from storage.routes import route_key
from storage.windows import DynamoWindows
from telemetry.clock import now_s
from telemetry.live import Live, Window
from telemetry.token import KEY_BYTES, KeyRing
from telemetry.upload import courier_key

REGION = "us-east-1"
EARLIER_S = 7200  # between the two trips that a live item holds


@dataclass(frozen=True, slots=True)
class Design:
    """Which functions do the work, which table's stream is fanned out, and which keeps the pings."""

    name: str
    receive: str
    process: str
    push: str
    live: str
    history: str


MILEPOST = Design(
    "milepost", "IngestReceive", "ProcessorsTrack", "ProcessorsFanout", "LiveTable", "HistoryTable"
)
NAIVE = Design("naive", "NaiveReceive", "NaiveProcess", "NaivePush", naive.TABLE, naive.TABLE)


@dataclass(frozen=True, slots=True)
class Measured:
    """counts: of the run, by the meter's names; sizes: bytes of the items written, by table."""

    design: Design
    per_upload: int
    pings: int
    counts: Mapping[str, float]
    sizes: Mapping[str, list[int]]
    kept_s: Mapping[str, float]
    """How long a table keeps what is written, by its time to live; absent where for good."""

    def per_million(self, name: str) -> float:
        return self.counts.get(name, 0) * 1e6 / self.pings

    @property
    def tables(self) -> list[str]:
        """Those that were read or written."""
        return sorted({name.split(".")[2] for name in self.counts if name.startswith("dynamodb.")})

    @property
    def writes_per_ping(self) -> float:
        """Successful writes of live items and chunks."""
        return sum(n for name, n in self.counts.items() if name.startswith("dynamodb.writes.")) / self.pings


class Bench:
    """Everything that is the same for all runs of a process: the seam, the handlers, the route.

    Made once, as the functions keep their clients and what they know for as long as the process lives.
    """

    def __init__(self, deployed: Deployed, assumed: Assumptions, call_cpu_s: float) -> None:
        self.deployed, self.assumed, self.call_cpu_s = deployed, assumed, call_cpu_s
        self.route: CompiledRoute = winding()
        os.environ.update(deployed.environment)
        self.ring = KeyRing("counted", {"counted": secrets.token_bytes(KEY_BYTES)})
        self.seam = Seam(self._cloud())
        self.seam.install(REGION)
        memory = {name: function.memory_mb for name, function in deployed.functions.items()}
        with redirect_stdout(sys.stderr):  # where the functions' logs go; stdout is the report's
            handlers: dict[str, Handler] = {
                name: load(function.handler) for name, function in deployed.functions.items() if _used(name)
            }
        memory |= {  # as its counterpart's
            NAIVE.receive: memory[MILEPOST.receive],
            NAIVE.process: memory[MILEPOST.process],
            NAIVE.push: memory[MILEPOST.push],
        }
        handlers |= {NAIVE.receive: naive.receive, NAIVE.process: naive.process, NAIVE.push: naive.push}
        self.invoke = Invoker(self.seam, assumed, memory, handlers, call_cpu_s)

    def run(self, design: Design, fleet: Fleet, advance: Callable[[int], None]) -> Measured:
        """advance: told of every counted upload's pings. Raises CannotMeasure when something is refused."""
        cloud = self.seam.cloud = self._cloud()
        began = fleet.began_s(now_s())
        self._begin(fleet, began)
        draw = chance(fleet.seed, f"{design.name} polls")
        run = _Run(self, design, fleet, draw)
        counting = False
        for sent in fleet.uploads(self.route, began):
            if not sent.warm and not counting:
                counting = True
                run.drain()
                cloud.meter.counts.clear()
                cloud.meter.sizes.clear()
            run.gateway.upload(design.receive, sent)
            run.poll()
            if not sent.warm:
                advance(len(sent.pings))
        run.drain()
        pings = fleet.couriers * (fleet.pings // fleet.per_upload) * fleet.per_upload
        return Measured(
            design, fleet.per_upload, pings, dict(cloud.meter.counts), dict(cloud.meter.sizes),
            dict(_kept(cloud.dynamodb.tables.values(), now_s())),
        )  # fmt: skip

    def _begin(self, fleet: Fleet, began_s: float) -> None:
        """What stands there before the first upload: route, keys, trips that have begun, and viewers."""
        cloud, dynamodb, env = self.seam.cloud, client("dynamodb"), self.deployed.environment
        keys = {kid: base64.urlsafe_b64encode(key).decode() for kid, key in self.ring.keys.items()}
        cloud.parameters[env["SIGNING_KEYS"]] = orjson.dumps(
            {"current": self.ring.current, "keys": keys}
        ).decode()
        cloud.objects[route_key(FLEET, ROUTE)] = self.route.to_bytes()
        live, windows = DynamoLive(dynamodb, env["LIVE_TABLE"]), DynamoWindows(dynamodb, env["WINDOWS_TABLE"])
        start_ms = round(began_s * 1000)
        for i, name in enumerate(fleet.names):
            trips = (
                Window(
                    f"tr_1mz7w0c2kq81{i:04}", ROUTE, start_ms - 2000 * EARLIER_S, start_ms - 1000 * EARLIER_S
                ),
                Window(f"tr_1mz84kq2cp7x{i:04}", ROUTE, start_ms),
            )
            for window in trips:
                windows.open(courier_key(FLEET, name), window)
            live.put(Live(FLEET, name, start_ms, trips), None)
        connections = DynamoConnections(dynamodb, env["CONNECTIONS_TABLE"])
        for i in range(self.assumed.viewers):
            connections.add(f"L0SM9cOFvHcCIh{i:02}=", Viewer(FLEET, "manager", "manager"))
            connections.subscribe(f"L0SM9cOFvHcCIh{i:02}=", fleet_topic(FLEET))
        for table in cloud.dynamodb.tables.values():
            table.stream.clear()

    def _cloud(self) -> Cloud:
        meter = Meter()
        tables = self.deployed.tables(meter)
        tables[naive.TABLE] = Table(naive.TABLE, naive.KEYS, (), streamed=True, meter=meter)
        return Cloud(meter, DynamoDB(tables), Kinesis(meter), self.deployed.environment["DATA_BUCKET"])


class _Run:
    """Polls the streams of one run and hands what it finds to the functions, in batches as AWS makes them."""

    def __init__(self, bench: Bench, design: Design, fleet: Fleet, draw: Random) -> None:
        assumed, deployed = bench.assumed, bench.deployed
        self._bench, self._design, self._draw, self._cloud = bench, design, draw, bench.seam.cloud
        self._table = self._cloud.dynamodb.tables[design.live]
        self._most = {name: deployed.batch_of(name) for name in ("TrackUploads", "FanoutUpdates")}
        a_second = assumed.pings_per_s / (1 if design is NAIVE else fleet.per_upload)
        self._uploads = a_second / (assumed.stream_polls * assumed.shards * deployed.lanes_of("TrackUploads"))
        self._updates = a_second / (
            assumed.table_polls * assumed.table_shards * deployed.lanes_of("FanoutUpdates")
        )
        self._wanted = {"TrackUploads": 0, "FanoutUpdates": 0}
        exp = now_s() + 3600
        tokens = {name: bench.ring.sign(name, FLEET, "courier", exp - 3600)[0] for name in fleet.names}
        self.gateway = Gateway(
            bench.invoke, self._cloud.meter, tokens, deployed.verdict_s, deployed.access_log,
            assumed.header_bytes, draw,
        )  # fmt: skip

    def poll(self) -> None:
        """Processes what a poll would hand on, as soon as so much is there."""
        while len(self._cloud.kinesis.records) >= self._want("TrackUploads", self._uploads):
            self._process(self._wanted.pop("TrackUploads"))
        while len(self._table.stream) >= self._want("FanoutUpdates", self._updates):
            self._push(self._wanted.pop("FanoutUpdates"))

    def drain(self) -> None:
        while self._cloud.kinesis.records:
            self._process(self._want("TrackUploads", self._uploads))
            self._wanted.pop("TrackUploads")
        while self._table.stream:
            self._push(self._want("FanoutUpdates", self._updates))
            self._wanted.pop("FanoutUpdates")

    def _want(self, mapping: str, mean: float) -> int:
        if not self._wanted.get(mapping):
            self._wanted[mapping] = min(poisson_positive(mean, self._draw.random()), self._most[mapping])
        return self._wanted[mapping]

    def _process(self, count: int) -> None:
        self._batch(self._design.process, self._cloud.kinesis.take(count))

    def _push(self, count: int) -> None:
        self._batch(self._design.push, self._table.take_stream(count))

    def _batch(self, function: str, records: list[dict[str, Any]]) -> None:
        """Raises CannotMeasure: in a clean run nothing is delivered twice."""
        self._cloud.meter.add(f"lambda.records.{function}", len(records))
        answer = self._bench.invoke(function, {"Records": records})
        if answer["batchItemFailures"]:
            raise CannotMeasure(f"{function} wants records delivered again: {answer['batchItemFailures']}")


def _used(function: str) -> bool:
    return function in {"IngestAuthorize", MILEPOST.receive, MILEPOST.process, MILEPOST.push}


def _kept(tables: Iterable[Table], now: float) -> Iterator[tuple[str, float]]:
    for table in tables:
        ends = [float(item["ttl"]["N"]) for item in table.items.values() if "ttl" in item]
        if ends and len(ends) == len(table.items):
            yield table.name, sum(ends) / len(ends) - now
