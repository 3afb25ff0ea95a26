"""What every way of writing many live items must promise."""

from __future__ import annotations

from dataclasses import replace

from storage.live import LiveStore, Raced, Write
from telemetry.history import Sighting, Sightings
from telemetry.live import Live, Window
from telemetry.ping import Ping
from tests.strategies import T0_MS

PING = Ping(T0_MS, 31_230_000, 121_470_000)
LIVE = Live(
    "demo", "wang", 1000, (Window("tr_1", "lap@1", T0_MS),), "tr_1", newest=PING,
    tail=Sightings.of([Sighting("app", PING)]),
)  # fmt: skip


def each_under_its_own_condition(lives: LiveStore) -> None:
    lives.put(LIVE, None)
    lives.put(replace(LIVE, courier="li"), None)
    moved = replace(LIVE, version=1001, trip=None, expires_s=17, outside=2, tail=Sightings())
    told = lives.put_many(
        [
            Write(moved, 1000),  # as it stands
            Write(replace(LIVE, courier="li", version=8), 7),  # somebody was faster
            Write(replace(LIVE, courier="mei", version=9), 8),  # gone meanwhile
            Write(replace(LIVE, courier="zhao"), None),  # new
        ]
    )
    assert told[0] is None
    assert told[3] is None
    assert isinstance(told[1], Raced)
    assert told[1].current == replace(LIVE, courier="li")
    assert isinstance(told[2], Raced)
    assert told[2].current is None
    assert lives.get_many(["demo/wang", "demo/zhao", "demo/mei"]).lives == {
        "demo/wang": moved,
        "demo/zhao": replace(LIVE, courier="zhao"),
    }
    (taken,) = lives.put_many([Write(replace(LIVE, courier="zhao", version=1), None)])  # not new any more
    assert taken.current == replace(LIVE, courier="zhao")


def more_than_one_call_takes(lives: LiveStore) -> None:
    many = [replace(LIVE, courier=f"c{i:03}") for i in range(60)]
    assert lives.put_many([Write(live, None) for live in many]) == [None] * 60
    assert len(lives.fleet("demo").lives) == 60


PROMISES = (each_under_its_own_condition, more_than_one_call_takes)
