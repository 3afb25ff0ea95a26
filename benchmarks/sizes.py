"""What one ping costs the store: writes a ping, and the bytes of the live item and of a history chunk.

One courier rides a trip of four hours, a ping every 10 s, no faults; step and items are the real ones.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass, field

from benchmarks.figures import line, percentile
from geo.drawing import compile_route
from processors.track.aside import Aside
from processors.track.track import Tracker
from storage.live import item_bytes
from telemetry import history
from telemetry.live import Live, Window
from telemetry.ping import Ping
from telemetry.upload import Upload
from tests.fakes import FakeHistory, FakeLive, FakeQuarantine, FakeRoutes, FakeWindows
from tests.fakes_stacks import FakeTrips
from tests.kinesis import records

BEGAN_MS = 1_795_492_800_000
PINGS = 1440
STEP_M = 55.0
WRITE_UNIT = 1024  # bytes; DynamoDB bills each begun one
TRIPS = ("tr_1mz84kq2cp7x9d3h", "tr_1mz7w0c2kq81f5nd")


@dataclass
class WeighedLive(FakeLive):
    """Remembers the size of each item written."""

    sizes: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def put(self, live: Live, expected: int | None) -> None:
        super().put(live, expected)
        self.sizes.append(item_bytes(live))


def street(legs: int) -> list[tuple[float, float]]:
    """A winding line; a leg is about 55 m."""
    return [(121.40 + i * 0.000577, 31.23 + 0.0005 * math.sin(i / 3)) for i in range(legs)]


def pings() -> list[Ping]:
    chance = random.Random(1)  # noqa: S311 - the same ride every time
    made = []
    for i, (lon, lat) in enumerate(street(PINGS)):
        t_ms = BEGAN_MS + 10_000 * i + chance.randrange(-400, 400)
        lat_e6, lon_e6 = (round(1e6 * (d + chance.gauss(0, 4e-5))) for d in (lat, lon))
        accuracy, speed = round(10 * chance.lognormvariate(2, 0.5)), round(chance.gauss(55, 8))
        made.append(Ping(t_ms, lat_e6, lon_e6, accuracy, speed, chance.randrange(60, 120)))
    return made


def ride(per_upload: int) -> tuple[WeighedLive, FakeHistory]:
    """Each upload is a batch of its own, as at the polls of a quiet stream."""
    live, windows, chunks = WeighedLive(), FakeWindows(), FakeHistory()
    for trip, start_ms, end_ms in (
        (TRIPS[1], BEGAN_MS - 9_000_000, BEGAN_MS - 5_000_000),
        (TRIPS[0], BEGAN_MS - 1000, None),
    ):
        windows.open("demo/courier-017", Window(trip, "harbour-lap@12", start_ms, end_ms))
    routes = FakeRoutes(**{"harbour-lap": compile_route(street(PINGS + 20))})
    tracker = Tracker(
        live, windows, chunks, routes, FakeTrips(), Aside(FakeQuarantine()), lambda: BEGAN_MS / 1000, NoLog()
    )
    ridden = pings()
    for at in range(0, len(ridden), per_upload):
        some = tuple(ridden[at : at + per_upload])
        upload = Upload("demo", "courier-017", "app", some[-1].t_ms, some)
        tracker.track(records([upload]))
    return live, chunks


class NoLog:
    def exception(self, msg: str, /) -> None:
        raise AssertionError(msg)


def chunk_bytes(packed: bytes) -> int:
    """Keys, revision, pings and ttl, as DynamoDB bills them."""
    names = len("tripbucketrevisionpingsttl")
    return names + len(f"demo/{TRIPS[0]}") + len(packed) + 3 * 6


def run() -> None:
    print("sizes: one trip of four hours                         live item           chunk   writes a ping")
    for per_upload in (1, 6, 30):
        live, chunks = ride(per_upload)
        weights = [chunk_bytes(history.pack(chunk)) for chunk in chunks.chunks.values()]
        writes = (live.writes + chunks.writes) / PINGS
        line(
            f"n = {per_upload}: median, writes",
            f"{percentile(live.sizes, 0.5)} B",
            f"{percentile(weights, 0.5)} B",
            f"{writes:.3f}",
        )
        line(
            "  largest; limit 1/n + 1/48 + 2 %",
            f"{max(live.sizes)} B",
            f"{max(weights)} B",
            f"{(1 / per_upload + 1 / 48) * 1.02:.3f}",
        )
        over = sum(size > WRITE_UNIT for size in live.sizes + weights)
        line("  items over one write unit", str(over))
