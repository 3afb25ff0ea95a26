"""The harness can fail: each planted defect is caught, and without one nothing is."""

from __future__ import annotations

import pytest

from tests.faults.injected import KINDS, Injected
from tests.faults.memory import FATES
from tests.faults.planted import DEFECTS
from tests.faults.rehearsal import rehearse


def test_without_a_defect_everything_holds_and_every_fate_was_met() -> None:
    met = set()
    for seed in range(1, 9):
        verdict, fates = rehearse(seed)
        assert verdict.holds, (seed, verdict.broken[:5])
        met |= set(fates)
    assert met == set(FATES)


CAUGHT_BY = {
    "dedupe_off": ("a", "double"),
    "version_condition_dropped": ("d", ""),
    "chunk_put_unconditional": ("a", "lost"),
    "chunks_keyed_by_first_ping": ("a", "double"),
    "settle_mark_skipped": ("b", ""),
    "acknowledged_early": ("a", "lost"),
}


@pytest.mark.parametrize("defect", DEFECTS)
def test_a_planted_defect_is_caught(defect: str) -> None:
    invariant, counted = CAUGHT_BY[defect]
    verdicts = (rehearse(seed, defect)[0] for seed in range(1, 6))
    assert any(
        invariant in {b.invariant for b in verdict.broken} and (not counted or getattr(verdict, counted))
        for verdict in verdicts
    )


def test_a_seed_is_a_rehearsal() -> None:
    assert rehearse(3)[1] == rehearse(3)[1]


def test_a_kind_that_is_not_listed_is_not_counted() -> None:
    injected = Injected()
    with pytest.raises(KeyError):
        injected.add("flood")
    injected.add("throttled", 2)
    assert set(injected.never()) == set(KINDS) - {"throttled"}
