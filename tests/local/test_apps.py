"""The server is down, answers 500 or 429, takes half of an upload, each for ten minutes of an app's time."""

from __future__ import annotations

import asyncio

import pytest

from cli import run_state
from cli.replay.formats.traccar import Traccar10
from cli.replay.queues.traccar import traccar10
from cli.site import laptop
from tests.apps.cast import APPS, App
from tests.apps.front import LIES, LIMITED, TROUBLES
from tests.apps.run import BAD, FIXES, play
from tests.local.kept import clear_quarantine


@pytest.fixture(scope="module")
def against(running):
    site = laptop(run_state.read(int(running.base.rpartition(":")[2])))
    token = running.token("admin")

    async def admin() -> str:
        return token

    yield lambda *parts: asyncio.run(play(running.base, site, admin, *parts))
    clear_quarantine(running.base, "demo/apps-")


def test_nothing_is_lost_nothing_double_and_no_queue_is_stuck(against) -> None:
    results, stored = against()
    assert len(results) == len(APPS) * len(TROUBLES)
    for r in results:
        said = (r.app.name, r.trouble, r)
        assert (r.lost, r.double, r.wrong) == (0, 0, 0), said
        assert not r.stuck, said
        if r.app.empties:
            assert r.stored == FIXES - len(BAD) - len(r.given_up & r.good().keys()), said
        bad = {hashed for hashed, field in stored.quarantined[f"demo/{r.courier}"] if field == "lat"}
        made = [x for x in results if x.courier == r.courier]
        assert len(bad) <= len(made) * len(BAD), said
        if not any(x.given_up for x in made):
            assert len(bad) == len(made) * len(BAD), said


def test_only_who_drops_by_design_drops(against) -> None:
    """The table of docs/apps.md says so."""
    app = next(app for app in APPS if app.name == "OwnTracks, iOS")
    (limited,) = against([app], [LIMITED])[0]
    assert 0 < len(limited.given_up) < FIXES / 2
    assert limited.lost == 0


def test_an_answer_that_lies_is_caught(against) -> None:
    (result,) = against([App("liar", Traccar10(), traccar10)], [LIES], 3.0)[0]
    assert result.lost == 60 - 1  # one of them is bad
