"""Which open tasks near a place are asked for: GET /v1/tasks?near=lat,lon&within=metres&limit=…&after=…"""

from __future__ import annotations

import re
from collections.abc import Mapping

from geo.said import say
from geo.tiles import Place
from stacks.tasks.tasks.near import WITHIN_M, After, Search
from storage.tasks import OpenTasks, Task
from telemetry.fields import no_page, wrong

MOST = 25  # a page
_FARTHEST_M = 200_000
_NUMBER = r"-?\d{1,3}(?:\.\d{1,12})?"
_NEAR = re.compile(rf"({_NUMBER}),({_NUMBER})", re.ASCII)
_AFTER = re.compile(r"(0x[01]\.[0-9a-f]{1,13}p[+-]\d{1,4})~((?:tk_[0-9a-z]{16})?)", re.ASCII)


def search(
    index: OpenTasks, fleet: str, tags: frozenset[str] | None, query: Mapping[str, str], now: float
) -> Search:
    """tags: the courier's, where they decide. Raises BadRequest."""
    now_ms = round(now * 1000)

    def wanted(task: Task) -> bool:
        mine = tags is None or tags.issuperset(task.tags)
        return mine and task.status_at(now_ms) == "open"

    if query.get("status", "open") != "open":
        raise wrong("status", say("near-is-open", "must be open, or left out, where `near` is given"))
    limit, within = query.get("limit", str(MOST)), query.get("within", str(round(WITHIN_M)))
    if not re.fullmatch(r"[1-9][0-9]?", limit) or int(limit) > MOST:
        raise wrong(
            "limit",
            say("near-limit", "must be a whole number from 1 to {most} where `near` is given", most=MOST),
        )
    if not re.fullmatch(r"[1-9][0-9]{0,5}", within) or int(within) > _FARTHEST_M:
        raise wrong(
            "within", say("near-within", "must be whole metres from 1 to {most_m}", most_m=_FARTHEST_M)
        )
    here, after = _place(query["near"]), _after(query.get("after"))
    return Search(index, fleet, here, wanted, int(limit), float(within), after)


def text(after: After | None) -> str | None:
    """As `next` of a page, and `after` of the one behind it."""
    return None if after is None else f"{after.distance_m.hex()}~{after.task}"


def _after(said: str | None) -> After | None:
    if said is None:
        return None
    found = _AFTER.fullmatch(said)
    try:
        if found:
            return After(float.fromhex(found[1]), found[2])
    except OverflowError:
        pass  # no number that we gave
    raise no_page()


def _place(said: str) -> Place:
    found = _NEAR.fullmatch(said.replace(" ", ""))
    if found is None:
        raise wrong(
            "near",
            say("near-form", "must be a latitude and a longitude in degrees, such as 31.2304,121.4737"),
        )
    place = Place(float(found[1]), float(found[2]))
    if not (-90 <= place.lat <= 90 and -180 <= place.lon <= 180):
        raise wrong(
            "near",
            say(
                "near-no-place",
                "{near} is no place: latitudes go from -90 to 90, longitudes from -180 to 180",
                near=said,
            ),
        )
    return place
