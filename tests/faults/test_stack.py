"""A short run on the laptop stack, in which everything holds, and one with a defect, in which it does not."""

from __future__ import annotations

import uvloop

from tests.faults.__main__ import sized
from tests.faults.injected import Injected
from tests.faults.run import Options, State, run
from tests.faults.stage import Limits


def test_everything_fails_and_nothing_is_lost(tmp_path) -> None:
    injected = Injected()
    verdict, _ = uvloop.run(run(sized(4000, 1), tmp_path, injected, State()))
    assert verdict.holds, verdict.broken[:10]
    assert verdict.pings > 4000
    assert verdict.commits > 50
    assert verdict.compared
    # A short run is too short for all of them; `make chaos PINGS=1000000` has every one.
    assert len(injected.never()) <= 8


def test_an_acknowledgement_before_the_stream_has_it_is_caught(tmp_path) -> None:
    options = Options(
        600, 1, share=0.0, times=0, limits=Limits(timeout_s=10, batch=50), planted="acknowledged_early"
    )
    verdict, truth = uvloop.run(run(options, tmp_path, Injected(), State()))
    assert verdict.lost
    assert any(b.invariant == "a" and "is not stored" in b.what for b in verdict.broken)
    assert len(truth.couriers) > 2
