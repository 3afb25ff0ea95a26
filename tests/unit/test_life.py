"""The table of a trip's life is whole, and the picture of it is fresh."""

from __future__ import annotations

import pytest

from telemetry.life import (
    ACTIONS,
    HELD,
    OPEN,
    PLACE_BACK,
    RIDING,
    STATES,
    TRANSITIONS,
    possible,
    target,
)
from tools.life import PAGE, with_life


def test_the_page_shows_the_table_as_it_is() -> None:
    assert PAGE.read_text() == with_life(PAGE.read_text()), "run `python -m tools.life`"


def test_a_page_without_its_marks_is_refused() -> None:
    with pytest.raises(ValueError, match="needs"):
        with_life("# A page")


def test_every_action_has_a_row_and_somebody_who_may() -> None:
    assert set(TRANSITIONS) == set(ACTIONS)
    assert all(it.who for it in TRANSITIONS.values())
    assert {action for action, it in TRANSITIONS.items() if not it.sources} == {"claim"}


def test_every_state_is_reached_and_none_is_a_dead_end_but_the_last() -> None:
    reached, more = set[str](), {"claimed"}
    while more:
        reached |= more
        more = {to for state in more for action in ACTIONS if (to := target(state, action))} - reached
    assert reached == set(STATES)
    ends = {state for state in STATES if {target(state, action) for action in ACTIONS} <= {None, state}}
    assert ends == {"paid", "released", "cancelled", "expired"}


def test_nobody_pays_or_settles_what_did_not_end() -> None:
    for action in ("settle", "approve", "pay"):
        assert not TRANSITIONS[action].sources & HELD
    assert all(target(state, "pay") is None for state in STATES if state != "approved")


def test_the_sets_of_states_fit_each_other() -> None:
    assert HELD == OPEN | RIDING
    assert not HELD & PLACE_BACK


def test_what_a_courier_may_do_next_is_told() -> None:
    assert possible("claimed", "courier") == ["release", "start"]
    assert possible("paused", "courier") == ["resume", "finish"]
    assert possible("approved", "admin") == ["pay"]
    assert possible("paid", "manager") == []
