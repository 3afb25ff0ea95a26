"""Small fleets through the real functions: what is counted, and that it is the same each time.

In a process of its own, as the functions keep their clients for as long as theirs lives.
"""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from cli.main import main

CLOCK_DIGITS = len("1795492800.1234567")
SCRIPT = """
import json
from dataclasses import asdict
from cli.cost.assumptions import Assumptions
from cli.cost.deployed import Deployed
from cli.cost.fleet import Fleet
from cli.cost.measure import MILEPOST, NAIVE, Bench

bench = Bench(Deployed.read(), Assumptions(couriers=400, viewers=2), call_cpu_s=0.0005)
said = []
for design, fleet in (
    (MILEPOST, Fleet(6, 48, 6, 10.0, 1)),
    (MILEPOST, Fleet(6, 48, 6, 10.0, 1)),
    (MILEPOST, Fleet(4, 240, 30, 10.0, 2)),
    (NAIVE, Fleet(3, 12, 6, 10.0, 1, warm_pings=0)),
):
    told = []
    measured = bench.run(design, fleet, told.append)
    said.append({
        "counts": measured.counts, "sizes": measured.sizes, "kept": measured.kept_s, "pings": measured.pings,
        "writes": measured.writes_per_ping, "told": sum(told), "tables": measured.tables,
    })
print(json.dumps(said))
"""


@pytest.fixture(scope="module")
def runs() -> list[dict[str, Any]]:
    done = subprocess.run([sys.executable, "-c", SCRIPT], check=True, capture_output=True, text=True)
    said: list[dict[str, Any]] = json.loads(done.stdout)
    return said


def steady(counts: dict[str, float]) -> dict[str, float]:
    """Without times, which depend on the processor and on how threads share the calls out."""
    return {name: n for name, n in counts.items() if "_s." not in name}


def test_the_same_seed_gives_the_same_counts(runs) -> None:
    first, second, *_ = runs
    one, other = steady(first["counts"]), steady(second["counts"])
    # The clock stands in every message, in more digits or fewer.
    told = one.pop("websocket.bytes") - other.pop("websocket.bytes")
    assert abs(told) <= CLOCK_DIGITS * one["websocket.messages"]
    assert one == other
    # The writers of a batch finish in any order.
    assert sorted(first["sizes"]["LiveTable"]) == sorted(second["sizes"]["LiveTable"])


@pytest.mark.parametrize(("run", "per_upload"), [(0, 6), (2, 30)])
def test_one_write_an_upload_and_one_a_bucket(runs, run, per_upload) -> None:
    counts, pings = runs[run]["counts"], runs[run]["pings"]
    uploads = pings / per_upload
    assert runs[run]["told"] == pings
    assert counts["http.requests"] == counts["kinesis.records"] == counts["kinesis.put_units"] == uploads
    assert counts["lambda.invocations.IngestReceive"] == counts["lambda.records.ProcessorsTrack"] == uploads
    assert counts["dynamodb.writes.LiveTable"] == counts["dynamodb.write_units.LiveTable"] == uploads
    assert runs[run]["writes"] <= (1 / per_upload + 1 / 48) * 1.02
    assert max(runs[run]["sizes"]["LiveTable"]) <= 1000
    for name in ("failed_conditions.LiveTable", "index_writes.LiveTable"):
        assert f"dynamodb.{name}" not in counts
    assert "s3.puts" not in counts  # nothing in quarantine


def test_every_update_is_fanned_out_to_every_viewer(runs) -> None:
    counts = runs[0]["counts"]
    assert counts["lambda.records.ProcessorsFanout"] == counts["dynamodb.writes.LiveTable"]
    assert counts["websocket.messages"] == 2 * counts["lambda.invocations.ProcessorsFanout"]
    assert (
        counts["dynamodb.read_units.ConnectionsTable"] == 0.5 * counts["lambda.invocations.ProcessorsFanout"]
    )


def test_time_is_billed_by_memory(runs) -> None:
    counts = runs[0]["counts"]
    invocations = counts["lambda.invocations.IngestReceive"]
    assert counts["lambda.wait_s.IngestReceive"] == pytest.approx(0.010 * invocations)
    assert counts["lambda.cpu_s.IngestReceive"] > 0.0005 * invocations  # the call's way through a socket
    assert counts["lambda.gb_s.IngestReceive"] >= 192 / 1024 * (
        counts["lambda.wait_s.IngestReceive"] + counts["lambda.cpu_s.IngestReceive"]
    )


def test_chunks_are_kept_for_half_a_year(runs) -> None:
    assert runs[0]["kept"]["HistoryTable"] == pytest.approx(180 * 86_400, rel=0.01)


def test_the_naive_design_pays_for_every_ping(runs) -> None:
    counts, pings = runs[3]["counts"], runs[3]["pings"]
    assert counts["http.requests"] == pings / 6
    assert counts["kinesis.records"] == counts["dynamodb.write_units.NaivePings"] == pings
    assert counts["websocket.messages"] == 2 * pings
    assert runs[3]["tables"] == ["ConnectionsTable", "NaivePings"]


@pytest.mark.parametrize(
    ("args", "words"),
    [(["--region", "mars-1"], "no price table for mars-1"), (["--prices", "none.json"], "No such file")],
)
def test_what_is_wrong_is_said_before_anything_is_measured(capsys, args, words) -> None:
    assert main(["cost", *args]) == 1
    assert words in capsys.readouterr().err
