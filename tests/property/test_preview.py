"""A preview says of a shape what it is, wherever it lies and however it is turned."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from geo.drawn.drawing import Drawing
from geo.hours import DAY, Hours
from geo.preview.limits import LIMITS, Pace
from geo.preview.preview import Preview, preview
from geo.preview.timing import met
from geo.stops import Place
from tests.rides import line

Points = list[tuple[float, float]]
PLACES = st.tuples(st.floats(-179.9, 179.9), st.floats(-70, 70), st.floats(0, 360))


def dense(corners: Points, step: float = 200.0) -> Points:
    """The same line with a vertex every `step` metres at most."""
    found = corners[:1]
    for (x, y), (u, v) in itertools.pairwise(corners):
        parts = max(math.ceil(math.hypot(u - x, v - y) / step), 1)
        found += [(x + (u - x) * i / parts, y + (v - y) * i / parts) for i in range(1, parts + 1)]
    return found


def circle(radius: float, rounds: int) -> Points:
    turns = [2 * math.pi * i / 36 for i in range(36 * rounds + 1)]
    return [(radius * math.sin(a), radius * math.cos(a)) for a in turns]


# Shapes that are well on one side of every threshold, with what there is to say of them.
SHAPES: dict[str, tuple[Points, dict[str, int]]] = {
    "corner": (dense([(0, 0), (900, 0), (900, 700)]), {}),
    "zigzag": (dense([(0, 0), (500, 200), (1000, 0), (1500, 200), (2000, 0)]), {}),
    "crossing": (dense([(0, 0), (1000, 0), (1000, 600), (500, 600), (500, -600)]), {}),
    "out and back": (
        dense([(0, 0), (1500, 0), (0, 0)]),
        {"overlap": 1, "sharp-turn": 1, "ends-near-start": 1},
    ),
    "a cul-de-sac on the way": (
        dense([(0, 0), (800, 0), (800, 600), (800, 0), (2000, 0)]),
        {"overlap": 1, "sharp-turn": 1},
    ),
    "three laps": (circle(300, 3), {"overlap": 1, "ends-near-start": 1}),
    "one lap": (circle(300, 1), {"ends-near-start": 1}),
    "a gap": ([(0, 0), (500, 0), (3500, 100), (4000, 100)], {"long-gap": 1}),
}


def codes(look: Preview) -> dict[str, int]:
    found = [finding.code for finding in look.findings]
    return {code: found.count(code) for code in found}


def seen(points: Points, place: tuple[float, float, float] = (121.47, 31.23, 0.0)) -> Preview:
    lon, lat, angle = place
    return preview(Drawing(line(points, lon, lat, angle)))


@pytest.mark.parametrize("name", SHAPES)
@given(place=PLACES)
@settings(max_examples=settings.default.max_examples // 2)
def test_what_is_said_of_a_shape_does_not_depend_on_where_and_how_it_lies(name, place) -> None:
    points, expected = SHAPES[name]
    here, there = seen(points), seen(points, place)
    assert codes(here) == codes(there) == expected
    for a, b in zip(here.findings, there.findings, strict=True):
        slack = {"share": 0.02, "degrees": 3.0, "m": 5.0, None: 0.0}[a.unit]
        assert b.amount == pytest.approx(a.amount, abs=slack)
        assert b.along_m == pytest.approx(a.along_m, abs=2 * LIMITS.sample_m + 0.002 * here.route.length_m)


@given(PLACES, st.floats(100, 20_000), st.integers(2, 40))
def test_of_a_straight_line_there_is_nothing_to_say(place, length, vertices) -> None:
    steps = max(vertices, math.ceil(length / LIMITS.gap_m) + 2)
    look = seen([(length * i / (steps - 1), 0.0) for i in range(steps)], place)
    assert codes(look) == {}
    assert look.publishable
    assert look.overlaps == []


@given(PLACES, st.lists(st.tuples(st.floats(200, 1500), st.floats(-70, 70)), min_size=1, max_size=6))
def test_out_and_back_is_all_overlap(place, legs) -> None:
    """Along any road that does not meet itself: it goes on to the east."""
    there = [(0.0, 0.0)]
    for length, turn in legs:
        x, y = there[-1]
        angle = math.radians(turn)
        there.append((x + length * math.cos(angle), y + length * math.sin(angle)))
    look = seen(dense(there + there[-2::-1]), place)
    (overlap,) = [finding for finding in look.findings if finding.code == "overlap"]
    assert overlap.amount == pytest.approx(1.0, abs=1e-9)
    assert look.overlaps == [(0.0, look.route.length_m)]
    assert "sharp-turn" in codes(look)


def ride(start: int, along: Sequence[float], hours: Sequence[Hours | None], pace: Pace) -> list[bool]:
    """One courier, told step by step: was each stop that has hours open, at once or after a wait?"""
    now, gone, said = float(start), 0.0, []
    for at, its in zip(along, hours, strict=True):
        now += (at - gone) / pace.speed_mps / 60
        gone = at
        if its:
            clock = now % DAY
            open_for = (clock - its.opens) % DAY
            wait = (its.opens - clock) % DAY
            said.append(open_for <= its.length or wait <= pace.wait_s / 60)
            now += wait if open_for > its.length and said[-1] else 0.0
        now += pace.dwell_s / 60
    return said


minutes = st.integers(0, DAY - 1)
hours = st.none() | st.tuples(minutes, minutes).filter(lambda it: it[0] != it[1]).map(lambda it: Hours(*it))
# Whole minutes, so that both ways to reckon agree at the edges.
PACE = Pace(speed_mps=5.0, dwell_s=120.0, wait_s=1200.0)


@given(st.lists(st.tuples(st.integers(1, 200), hours), max_size=6))
def test_the_starts_are_those_from_which_a_courier_finds_every_stop_open(stops) -> None:
    along, at = [], 0.0
    for step, _ in stops:
        at += 300.0 * step
        along.append(at)
    said = [its for _, its in stops]
    starts, unmet = met(along, said, PACE)
    kept = [None if i in unmet else its for i, its in enumerate(said)]
    good = [all(ride(start, along, kept, PACE)) for start in range(DAY)]
    assert any(good)
    told = set()
    for first, last in starts.ranges():
        told |= set(range(first, last + 1)) if first <= last else {*range(first, DAY), *range(last + 1)}
    assert told == {start for start in range(DAY) if good[start]}
    if unmet:
        # The first of them is what no start meets together with those before it.
        before = [its if i <= unmet[0] else None for i, its in enumerate(said)]
        assert not any(all(ride(start, along, before, PACE)) for start in range(DAY))


@example([(0.0, 1.0), (0.0, 0.0), (0.0, 1.0)])  # there and back within the tolerance of a drawing
@given(st.lists(st.tuples(st.floats(-3000, 3000), st.floats(-3000, 3000)), min_size=2, max_size=12))
def test_any_line_is_looked_at_and_what_is_said_lies_on_it(points) -> None:
    stops = [Place("a", *line([points[0]])[0]), Place("far", *line([(9000.0, 9000.0)])[0])]
    look = preview(Drawing(line(points), stops))
    if look.route is None:
        assert [finding.code for finding in look.findings] == ["no-route"]
        assert not look.publishable
        return
    assert "stop-refused" in codes(look)
    for finding in look.findings:
        assert finding.detail
        assert finding.along_m is None or 0 <= finding.along_m <= look.route.length_m + 0.01
        assert finding.unit != "share" or 0 < finding.amount <= 1
    assert all(0 <= a < b <= look.route.length_m for a, b in look.overlaps)
