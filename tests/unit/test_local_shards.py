"""Which shards may be read, when the listing itself changes."""

from __future__ import annotations

from local.sources.model import Batch, Record, Rules, Success
from local.sources.shards import LATEST, TRIM_HORIZON, Found, Position, Shards


def everything(_: Record) -> bool:
    return True


def test_a_parent_that_is_no_longer_listed_still_holds_up_its_child_until_it_is_finished() -> None:
    shards = Shards(Rules(), TRIM_HORIZON)
    [parent, child] = shards.listed([Found("a"), Found("b", ("a",))])
    assert shards.begin() == [parent]
    parent.read([Record("1", "k", 0.0, 1, {})], everything, 0.0)
    parent.ended = True
    shards.listed([Found("b", ("a",))])
    assert shards.begin() == []
    assert isinstance(parent.lanes[0].next(0.0), Batch)
    parent.lanes[0].settle(Success(), 0.0)
    assert shards.begin() == [child]
    assert shards.begin() == [], "once"


def test_a_child_waits_for_both_parents_of_a_merge() -> None:
    shards = Shards(Rules(), TRIM_HORIZON)
    one, other, child = shards.listed([Found("a"), Found("b"), Found("c", ("a", "b"))])
    assert shards.begin() == [one, other]
    one.ended = True
    assert shards.begin() == []
    other.ended = True
    assert shards.begin() == [child]


def test_where_a_shard_is_read_from() -> None:
    shards = Shards(Rules(), LATEST)
    [first] = shards.listed([Found("a")])
    assert first.position == LATEST
    first.opened(1000.7)
    assert first.position == Position("AT_TIMESTAMP", since_s=1000.0)
    first.read([Record("7", "k", 1001.0, 1, {})], lambda _: False, 1001.0)
    assert first.position == Position("AFTER_SEQUENCE_NUMBER", sequence="7"), "filtered out is read too"
    assert first.backlog == 0
    [later] = shards.listed([Found("a"), Found("b", ("a",))])
    assert later.position == TRIM_HORIZON
