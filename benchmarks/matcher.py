"""The matcher against its peers, on the same pings in one run: speed and quality, then how it grows.

`python -m benchmarks matcher` makes its trips itself; directories of recorded ones in $TRIPS, parted by
colons, are added. The peers live in the dependency group `peers`, which this installs into an environment of
its own.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import median

import numpy as np

from benchmarks.figures import line
from benchmarks.peers import PEERS, Matcher
from benchmarks.trips import HOME, SHAPES, Trip, made, recorded
from geo.drawing import compile_route
from geo.match import Rider, advance_many, columns_of
from geo.model import MODEL, Model
from geo.route import CompiledRoute
from geo.state import HYPOTHESES, Fix, MatchState

GROUP, COURIERS, ROUNDS = 6, 500, 8
PATIENCE_S = 15.0  # for one peer on one set


def run() -> None:
    """In the environment of the peers."""
    uv = shutil.which("uv", path=f"{Path(sys.executable).parent}:{os.environ.get('PATH', '')}")
    if uv is None:
        raise SystemExit("the matcher's peers are installed by uv, which is not there: run make setup")
    command = [uv, "run", "-q", "--isolated", "--frozen", "--no-default-groups", "--group", "peers"]
    directories = [d for d in os.environ.get("TRIPS", "").split(":") if d]
    told = subprocess.run(
        [*command, "python", "-m", "benchmarks.matcher", *directories],
        check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    ).stdout  # fmt: skip
    # fastmm logs on stdout.
    print("\n".join(row for row in told.splitlines() if not row.startswith("[")))


def main(directories: Sequence[str]) -> None:
    trips = [made(shape, seed) for shape in SHAPES for seed in range(6)]
    sets = {"made here": trips}
    for directory in directories:
        sets[Path(directory).name] = list(recorded(Path(directory)))
    _speed(trips)
    for name, some in sets.items():
        _quality(name, some)
    _growth()


def _speed(trips: list[Trip]) -> None:
    line("speed, one core, groups of 6", "pings/s", "against fastmm")
    rates: dict[str, float] = {}
    for name, peer in PEERS.items():
        built = _built(trips, peer)
        if built is None:
            line(name, "not installed")
            continue
        rates[name] = _rate(trips, built)
    rates[f"ours, {COURIERS} couriers a batch"] = batch_rate(
        [t for t in trips if len(t.fixes) >= GROUP * 2], COURIERS
    )
    for name, rate in rates.items():
        line(name, f"{rate:,.0f}", f"{rate / rates['fastmm']:.2f} x" if "fastmm" in rates else "")


def _built(trips: list[Trip], peer: Callable[[Trip], Matcher]) -> list[Matcher] | None:
    try:
        return [peer(trip) for trip in trips]
    except ModuleNotFoundError:
        return None


def _rate(trips: list[Trip], built: list[Matcher]) -> float:
    """Pings a second, whole trips in groups; CPU time, the best of two runs, each cut short."""
    took = []
    for _ in range(2):
        start, count = time.process_time(), 0
        for trip, match in zip(trips, built, strict=True):
            if time.process_time() - start > PATIENCE_S:
                break
            for i in range(0, len(trip.fixes), GROUP):
                match(trip.fixes[i : i + GROUP])
            count += len(trip.fixes)
        took.append((time.process_time() - start) / count)
    return 1 / min(took)


def batch_rate(trips: list[Trip], couriers: int, model: Model = MODEL) -> float:
    """Pings a second over some rounds of uploads, from fixes and packed states to packed states, routes warm;
    median round.
    """
    chosen = [trips[i % len(trips)] for i in range(couriers)]
    packed = [MatchState().pack()] * couriers
    took = []
    for turn in range(ROUNDS + 1):
        uploads = []
        for trip in chosen:
            start = turn * GROUP % (len(trip.fixes) - GROUP + 1)
            some = enumerate(trip.fixes[start : start + GROUP])
            uploads.append([fix._replace(t=2e9 + turn * 60 + 10 * j) for j, fix in some])
        began = time.process_time()
        states = [MatchState.unpack(p) for p in packed]
        riders = [Rider(t.route, s, columns_of(u)) for t, s, u in zip(chosen, states, uploads, strict=True)]
        packed = [state.pack() for state in advance_many(riders, model)]
        took.append(time.process_time() - began)
    return couriers * GROUP / median(took[1:])  # the first builds what is searched


def _quality(name: str, trips: list[Trip]) -> None:
    print()
    line(f"quality, whole traces, {name}", "<= 25 m", "> 200 m", "no answer")
    for peer_name, peer in PEERS.items():
        built = _built(trips, peer)
        if built is None:
            continue
        errors: list[float] = []
        label = peer_name
        started = time.monotonic()
        for trip, match in zip(trips, built, strict=True):
            if time.monotonic() - started > PATIENCE_S:
                label += ", the first trips"
                break
            for found, truth in zip(match(trip.fixes), trip.truth, strict=True):
                if truth is not None:
                    errors.append(np.inf if found is None else abs(found - truth * trip.route.length_m))
        n = len(errors) / 100
        none = sum(e == np.inf for e in errors)
        line(
            label, f"{sum(e <= 25 for e in errors) / n:.2f} %",
            f"{sum(200 < e < np.inf for e in errors) / n:.2f} %", f"{none / n:.2f} %",
        )  # fmt: skip


def _growth() -> None:
    print()
    line("growth: vertices of a winding road", "pings/s", "time against 100")
    rates = {
        n: batch_rate([_long(n, seed) for seed in range(40)], COURIERS) for n in (100, 1000, 10_000, 100_000)
    }
    for n, rate in rates.items():
        line(f"{n:,}", f"{rate:,.0f}", f"{rates[100] / rate:.2f} x")
    print()
    line("growth: couriers a batch", "pings/s")
    trips = [t for shape in SHAPES for t in (made(shape, 1), made(shape, 2)) if len(t.fixes) >= GROUP * 2]
    for n in (1, 8, 50, 500, 5000):
        line(f"{n:,}", f"{batch_rate(trips, n):,.0f}")
    print()
    line("growth: hypotheses kept", "pings/s")
    for n in range(1, HYPOTHESES + 1):
        line(f"{n}", f"{batch_rate(trips, COURIERS, replace(MODEL, hypotheses=n)):,.0f}")


_ROADS: dict[int, CompiledRoute] = {}


def _long(vertices: int, seed: int) -> Trip:
    """A ride somewhere on a road that turns every 10 m."""
    if vertices not in _ROADS:
        x = np.arange(vertices) * 10.0
        y = 40.0 * np.sin(x / 30.0)
        _ROADS[vertices] = compile_route(
            [HOME.to_lonlat(a, b) for a, b in zip(x.tolist(), y.tolist(), strict=True)]
        )
    route, rng = _ROADS[vertices], np.random.default_rng(seed)
    start = rng.uniform(0, max(route.length_m - 4000.0, 0.0))
    fixes = []
    for i in range(60):
        lon, lat = route.point_at(start + 6.0 * 10 * i)
        east, north = rng.normal(0, 5e-5, 2)
        fixes.append(Fix(1.8e9 + 10 * i, lat + north, lon + east))
    return Trip("long", [], route, fixes, [None] * 60)


if __name__ == "__main__":
    main(sys.argv[1:])
