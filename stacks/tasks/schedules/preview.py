"""When a schedule would open tasks, with what the clocks of its zone do meanwhile. Nothing is kept."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from geo.said import say
from stacks.tasks.schedules.cron import happens, scheduler_form, walls, zone_of
from telemetry.fields import wrong


@dataclass(frozen=True, slots=True)
class Time:
    """at: Unix seconds; offset_s: how far the clocks of the zone are ahead of UTC then."""

    at: float
    offset_s: int


@dataclass(frozen=True, slots=True)
class Change:
    """Of the clocks, at `at` [Unix s]. hits: the schedule has times among those that they skip, which do not
    happen, or show twice, which happen the first time.
    """

    at: int
    from_offset_s: int
    to_offset_s: int
    hits: bool


@dataclass(frozen=True, slots=True)
class Preview:
    """clock_changes: those on days of the schedule, up to the last of the times."""

    times: list[Time]
    clock_changes: list[Change]


def preview(cron: str, time_zone: str, after: float, most: int) -> Preview:
    """The next times after `after` [Unix s]. Raises BadRequest for what is no schedule, or never comes."""
    scheduler_form(cron)
    zone, times = zone_of(time_zone), []
    days: dict[date, bool] = {}  # whether the clocks skip a time of that day, or show it twice
    for wall in walls(cron, zone, after):
        days[wall.date()] = days.get(wall.date(), False) or _offset(wall) != _offset(wall.replace(fold=1))
        if happens(wall):
            times.append(Time(wall.timestamp(), _offset(wall)))
        if len(times) == most:
            break
    if not times:
        raise wrong("cron", say("cron-never", "names no day that comes; the 30th of February, say"))
    changes = [change for day, hits in days.items() if (change := _change(day, zone, hits))]
    return Preview(times, [change for change in changes if change.at > after])


def _change(day: date, zone: ZoneInfo, hits: bool) -> Change | None:
    """The clocks' change on that day; a second one, which no zone has, is not looked for."""
    first, last = (int(datetime.combine(it, time(), zone).timestamp()) for it in (day, day + timedelta(1)))

    def offset(at: int) -> int:
        return _offset(datetime.fromtimestamp(at, zone))

    # A day may begin with it: 00:00 does not exist then.
    before, then = offset(first - 1), offset(last - 1)
    if before == then:
        return None
    at = first + bisect_left(range(first, last), True, key=lambda at: offset(at) == then)
    return Change(at, before, then, hits)


def _offset(moment: datetime) -> int:
    return int((moment.utcoffset() or timedelta()).total_seconds())
