"""Any cron in any zone: the times that are told are those at which the laptop's Scheduler calls."""

from __future__ import annotations

from datetime import datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from local.timers.expression import next_s
from stacks.tasks.schedules.cron import next_times, scheduler_form
from stacks.tasks.schedules.preview import preview

ZONES = ["Europe/Berlin", "Africa/Cairo", "America/Santiago", "Australia/Lord_Howe", "Asia/Shanghai", "UTC"]
T0 = 1_800_000_000
YEAR = 366 * 86_400


def some(low: int, high: int) -> st.SearchStrategy[str]:
    few = st.lists(st.integers(low, high), min_size=1, max_size=3, unique=True)
    return few.map(lambda values: ",".join(map(str, values)))


crons = st.builds(
    lambda minute, hour, days: f"{minute} {hour} {days}",
    some(0, 59) | st.sampled_from(["*", "*/20"]),
    some(0, 4) | st.sampled_from(["*", "*/2", "23"]),
    st.sampled_from(["* * *", "* * 0", "* * 5,6", "25-31 * *", "* 3-5,9-11 *"]),
)


def changes(zone: str) -> list[int]:
    """The hours [Unix s] of a year in which its clocks change; its first where they never do."""
    hours = range(T0, T0 + YEAR, 3600)
    offsets = [datetime.fromtimestamp(at, ZoneInfo(zone)).utcoffset() for at in hours]
    return [at for at, (a, b) in zip(hours, pairwise(offsets), strict=False) if a != b] or [T0]


places = st.sampled_from([(zone, at) for zone in ZONES for at in changes(zone)])
moments = st.builds(lambda place, before: (place[0], place[1] - before), places, st.integers(0, 2 * 86_400))
"""A zone, and a moment [Unix s] shortly before its clocks change."""


@given(crons, moments)
def test_the_times_that_are_told_are_those_of_the_scheduler(cron: str, moment: tuple[str, int]) -> None:
    zone, after = moment
    form, at = scheduler_form(cron), float(after)
    for told in next_times(cron, zone, after, 8):
        following = next_s(form, zone, at, after)
        assert following == told
        at = told


@given(crons, moments)
def test_a_preview_has_those_times_and_every_change_of_the_clocks_between_them(
    cron: str, moment: tuple[str, int]
) -> None:
    zone, after = moment
    found = preview(cron, zone, after, 8)
    assert [it.at for it in found.times] == next_times(cron, zone, after, 8)
    changed = {(it.from_offset_s, it.to_offset_s) for it in found.clock_changes}
    for earlier, later in pairwise(found.times):
        if later.at - earlier.at <= 86_400 and earlier.offset_s != later.offset_s and cron.endswith("* * *"):
            assert (earlier.offset_s, later.offset_s) in changed
    for change in found.clock_changes:
        before, then = (
            datetime.fromtimestamp(at, ZoneInfo(zone)).utcoffset() for at in (change.at - 1, change.at)
        )
        assert before is not None
        assert then is not None
        assert (before.total_seconds(), then.total_seconds()) == (change.from_offset_s, change.to_offset_s)
