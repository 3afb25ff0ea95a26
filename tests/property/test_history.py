"""Union of pings: any order, any repetition, any split ends in the same set with the same losers."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from telemetry.history import unite
from tests.strategies import colliding


@given(st.lists(colliding, max_size=30), st.randoms(), st.integers(0, 30))
def test_union_commutes(found, random, cut) -> None:
    once = unite({}, found)
    shuffled = [*found, *found]
    random.shuffle(shuffled)
    first = unite({}, shuffled[:cut])
    again = unite(first.sightings, shuffled[cut:])
    assert again.sightings == once.sightings
    assert {*first.losers, *again.losers} >= {s for s in found if s not in once.sightings.values()}


@given(st.lists(colliding, max_size=30))
def test_every_ping_is_kept_or_handed_back(found) -> None:
    union = unite({}, found)
    assert {*union.sightings.values(), *union.losers} == set(found)
    assert all(union.sightings[s.identity] != s for s in union.losers)


@given(st.lists(colliding, max_size=30))
def test_uniting_what_is_known_changes_nothing(found) -> None:
    known = unite({}, found).sightings
    assert not unite(known, known.values()).changed
