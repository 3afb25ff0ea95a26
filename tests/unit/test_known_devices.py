"""Keys that are held: for a while, a bounded number, and a flood of made-up ones at nobody's cost."""

from __future__ import annotations

import pytest

from ingest.receive import known
from ingest.receive.known import KEPT_S, KnownDevices
from storage.devices import Device, key_hash


class World:
    def __init__(self) -> None:
        self.now, self.asked, self.keys = 0.0, list[str](), set[str]()
        self.devices = KnownDevices(self.look_up, lambda: self.now)

    def look_up(self, key: str) -> Device | None:
        self.asked.append(key)
        return Device(key_hash(key), "demo", key, "dv_1", "phone", 0) if key in self.keys else None

    def reads(self, *keys: str) -> list[str]:
        """Which of the keys cost a read; each is answered rightly."""
        self.asked.clear()
        for key in keys:
            found = self.devices.find(key)
            assert (found.courier if found else None) == (key if key in self.keys else None)
        return list(self.asked)


@pytest.fixture
def world(monkeypatch) -> World:
    monkeypatch.setattr(known, "MOST_KNOWN", 3)
    monkeypatch.setattr(known, "MOST_UNKNOWN", 2)
    world = World()
    world.keys = {"a", "b", "c", "d"}
    return world


def test_a_flood_of_made_up_keys_costs_no_phone_a_read(world) -> None:
    world.reads("a", "b", "c")
    flood = [f"made-up-{i}" for i in range(100)]
    assert world.reads(*flood) == flood
    assert world.reads("a", "b", "c") == []
    assert len(world.devices._known) + len(world.devices._unknown) == 5


def test_an_unknown_key_that_comes_again_and_again_costs_one_read(world) -> None:
    assert world.reads("x", "x", "x", "y", "x", "z", "x", "y") == ["x", "y", "z", "y"]


def test_the_one_used_least_lately_makes_room(world) -> None:
    world.reads("a", "b", "c", "a")
    assert world.reads("d") == ["d"]
    assert world.reads("a", "c", "d") == []
    assert world.reads("b") == ["b"]


def test_a_key_is_read_again_in_time_and_may_change_sides(world) -> None:
    world.reads("a", "x")
    world.keys ^= {"a", "x"}
    world.now = KEPT_S - 1
    assert world.devices.find("a") is not None
    assert world.devices.find("x") is None
    world.now = KEPT_S
    assert world.reads("a", "x", "a", "x") == ["a", "x"]
    assert (list(world.devices._known), list(world.devices._unknown)) == (["x"], ["a"])
