"""What a cold start of track costs, to the end of its first batch of 500 couriers, against bare boto3 with
the same clients: each in an interpreter of its own on the built folder, with bytecode.

Where the runtime's Python is not here, the folder and its packages are made for the one that is, on both
sides alike.
"""

from __future__ import annotations

import base64
import json
import platform
import re
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from benchmarks.figures import line, ms
from benchmarks.processor import LEGS, prepared
from benchmarks.sizes import street
from geo.drawing import compile_route
from tools import build
from tools.functions import functions
from tools.packages import MACHINES

RUNS = 11
TARGET = 1.6
_CHILD = Path(__file__).with_name("cold.py")
_STORES = ("LIVE_TABLE", "WINDOWS_TABLE", "HISTORY_TABLE", "TRIPS_TABLE", "DATA_BUCKET")
_ENV = dict.fromkeys(_STORES, "cold-start") | {
    "AWS_DEFAULT_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "none", "AWS_SECRET_ACCESS_KEY": "none",
    "AWS_EC2_METADATA_DISABLED": "true", "LIVE_WRITES": "batch", "POWERTOOLS_SERVICE_NAME": "pipeline",
}  # fmt: skip


class Cold(NamedTuple):
    """One cold start: CPU [s] a stage, wall [s] with the interpreter's start, AWS's calls, and stderr."""

    stages: dict[str, float]
    wall: float
    calls: dict[str, int]
    said: str

    @property
    def cpu(self) -> float:
        return sum(self.stages.values())


def built(cache: Path) -> Path:
    """Track's folder for this interpreter and machine, made as `make build` makes it."""
    found = next(f for f in functions(build.ROOT) if f.logical == "ProcessorsTrack")
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    arch = {machine: arch for arch, machine in MACHINES.items()}[platform.machine()]
    build.fill(
        build.ROOT, replace(found, python=python, code=cache / found.logical), arch, Path(sys.executable)
    )
    return cache / found.logical


def given(file: Path) -> None:
    """The batch after the couriers' first, their items as the first left them, and the route."""
    tracker, tables, (first, second, *_) = prepared()
    assert tracker.track(first) == []  # noqa: S101
    items = {key: _wire(item) for (_, key), item in tables.items.items()}
    file.write_text(json.dumps([{"Records": second}, items, compile_route(street(LEGS)).to_bytes().hex()]))


def _wire(item: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Bytes as DynamoDB's JSON has them."""
    return {
        name: {kind: base64.b64encode(value).decode() if kind == "B" else value}
        for name, typed in item.items()
        for kind, value in typed.items()
    }


def once(folder: Path, what: str, *flags: str) -> Cold:
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-I", "-S", *flags, _CHILD, folder, what],
        env=_ENV, check=True, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    told = json.loads(done.stdout.splitlines()[-1])
    stages, last = {}, 0.0
    for name, mark in told["marks"].items():
        stages[name], last = mark - last, mark
    return Cold(stages, told["ended"] - began, told["calls"], done.stderr)


def run() -> None:
    cache = build.ROOT / ".cache" / "coldstart"
    cache.mkdir(parents=True, exist_ok=True)
    folder, batch = built(cache), cache / "batch.json"
    given(batch)
    sides = {"bare boto3, two clients": "bare", "track, to the end of its first batch": str(batch)}
    runs: dict[str, list[Cold]] = {name: [] for name in sides}
    for turn in range(RUNS + 1):  # in turn, so that a busy moment meets both
        for name, what in sides.items():
            cold = once(folder, what)
            if turn:  # the first brings the files into the page cache
                runs[name].append(cold)
    line(f"cold start, median of {RUNS}", "CPU", "bare = 1", "wall", "bare = 1")
    bare: tuple[float, float] | None = None
    for name, some in runs.items():
        cpu, wall = median(cold.cpu for cold in some), median(cold.wall for cold in some)
        bare = bare or (cpu, wall)
        line(name, ms(cpu), f"{cpu / bare[0]:.2f} x", ms(wall), f"{wall / bare[1]:.2f} x")
        for stage in some[0].stages:
            line(f"  {stage}", ms(median(cold.stages[stage] for cold in some)))
    line("target", "", f"{TARGET} x")
    line("the batch's calls of AWS", ", ".join(f"{name} {n}" for name, n in some[0].calls.items()))
    print()
    line("imports by package, least of three", "own time")
    for package, took in imports([once(folder, str(batch), "-X", "importtime").said for _ in range(3)]):
        line(f"  {package}", ms(took))


def imports(told: Sequence[str]) -> list[tuple[str, float]]:
    """Where importing goes [s], the dearest top-level packages first. told: by `-X importtime`."""
    runs = []
    for said in told:
        spent: dict[str, float] = {}
        for own, name in re.findall(r"import time:\s+(\d+) \|\s+\d+ \|\s+([\w.]+)", said):
            package = name.partition(".")[0]
            spent[package] = spent.get(package, 0.0) + int(own) / 1e6
        runs.append(spent)
    least = {package: min(spent[package] for spent in runs) for package in runs[0]}
    return sorted(least.items(), key=lambda one: -one[1])[:12]
