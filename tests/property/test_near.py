"""Open tasks by distance: page after page exactly what sorting all of them gives."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from hypothesis import example, given
from hypothesis import strategies as st

from geo.tiles import LEVELS, Place, Tile, distance_m, key_of
from stacks.tasks.tasks.near import MOST_READS, ROWS, After, Search
from storage.tasks import Row
from tests.fakes_tasks import TASK, FakeOpenTasks


def row(number: int, place: Place) -> Row:
    name = f"tk_{number:016}"
    return Row(f"{key_of(place)}#{name}", replace(TASK, task=name, place=place))


def ranked(rows: list[Row], here: Place, within_m: float) -> list[tuple[float, str]]:
    found = [(distance_m(here, Tile.named(r.key[:LEVELS]).middle()), r.task.task) for r in rows]
    return sorted(pair for pair in found if pair[0] <= within_m)


def pages(
    index: FakeOpenTasks, here: Place, most: int, within_m: float
) -> tuple[list[tuple[float, str]], int]:
    """Everything page by page, and the most reads that one took."""
    given: list[tuple[float, str]] = []
    after: After | None = None
    worst = 0
    while True:
        page = Search(index, "demo", here, lambda _: True, most, within_m, after).page()
        assert len(page.tasks) <= most
        given += [(near.distance_m, near.task.task) for near in page.tasks]
        worst = max(worst, page.reads)
        if page.after is None:
            return given, worst
        assert after is None or page.after > after, "a page must get on"
        after = page.after


latitudes = st.floats(-90, 90) | st.sampled_from([-90.0, 90.0, 0.0, 31.23])
longitudes = st.floats(-180, 180) | st.sampled_from([-180.0, 180.0, 0.0, 121.47])
places = st.builds(Place, latitudes, longitudes)
offsets = st.floats(-0.01, 0.01) | st.floats(-1, 1) | st.just(0.0)


@st.composite
def towns(draw: st.DrawFn) -> tuple[Place, list[Place]]:
    """Where somebody asks, and tasks around it, some of them many at one place."""
    here = draw(places)
    drawn = draw(st.lists(st.tuples(offsets, offsets, st.integers(1, 70)), max_size=6))
    return here, [
        Place(max(-90.0, min(90.0, here.lat + up)), (here.lon + across + 180.0) % 360.0 - 180.0)
        for up, across, many in drawn
        for _ in range(many)
    ]


@given(towns(), st.integers(1, 30), st.sampled_from([0.0, 800.0, 50_000.0, 400_000.0]))
@example((Place(0.0, 180.0), [Place(0.0, -179.9999)] * 120), 25, 50_000.0)
@example((Place(51.48, 0.0), [Place(51.48, -0.001), Place(51.48, 0.001)] * 90), 7, 50_000.0)
def test_pages_give_what_sorting_gives(town: tuple[Place, list[Place]], most: int, within_m: float) -> None:
    here, tasks = town
    index = FakeOpenTasks([row(number, place) for number, place in enumerate(tasks)])
    given, _ = pages(index, here, most, within_m)
    assert given == ranked(index.rows, here, within_m)


@given(places, places, st.integers(0, LEVELS))
def test_a_tile_holds_its_places_and_bounds_their_distance(here: Place, there: Place, level: int) -> None:
    tile = Tile.at(there, level)
    assert Tile.named(tile.key) == tile
    assert key_of(there).startswith(tile.key)
    assert tile.nearest_m(here) <= distance_m(here, there) + 1e-3


@given(places, st.integers(0, LEVELS - 1))
def test_quarters_share_their_tile_among_them(place: Place, level: int) -> None:
    tile = Tile.at(place, level)
    assert {quarter.key for quarter in tile.quarters()} == {tile.key + digit for digit in "0123"}
    assert {quarter.parent() for quarter in tile.quarters()} == {tile}


def test_among_many_thousands_the_reads_of_a_page_are_bounded() -> None:
    chance = Random(5)
    city = [Place(31.23 + chance.gauss(0, 0.08), 121.47 + chance.gauss(0, 0.1)) for _ in range(16_000)]
    depot = [Place(31.2, 121.4)] * 2_000
    country = [Place(chance.uniform(20, 45), chance.uniform(80, 122)) for _ in range(2_000)]
    index = FakeOpenTasks([row(number, place) for number, place in enumerate([*city, *depot, *country])])
    for here in (Place(31.23, 121.47), Place(31.2, 121.4), Place(31.0, 121.0), Place(40.0, 90.0)):
        index.reads = index.items = 0
        page = Search(index, "demo", here, lambda _: True).page()
        expected = ranked(index.rows, here, 50_000.0)[:25]
        assert [(near.distance_m, near.task.task) for near in page.tasks] == expected
        assert page.reads == index.reads <= MOST_READS
        assert index.items <= MOST_READS * ROWS
