"""When recurring tasks open: crontab's five fields in a time zone, as EventBridge Scheduler takes them.

Source: crontab(5), and Amazon EventBridge Scheduler user guide, "Schedule types": six fields with the year,
Sunday as 1, and ? for one of the two kinds of days. A time that the clocks skip does not happen there, and
one that they show twice happens the first time.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cronsim import CronSim, CronSimError

from geo.said import say
from telemetry.fields import wrong

_EPOCH = datetime.fromtimestamp(0, UTC)
_LONGEST = 256  # characters that Scheduler takes


def zone_of(name: str) -> ZoneInfo:
    """Raises BadRequest."""
    try:
        # Nor the copies of the database under posix/ and right/: a system may have them, Scheduler does not.
        if name == "UTC" or ("/" in name and not name.startswith(("posix/", "right/"))):
            return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        pass  # no file of the database, or a folder of it
    raise wrong(
        "time_zone",
        say(
            "schedule-zone-unknown",
            "is no time zone: {zone!r}; write it as Asia/Shanghai or Europe/Berlin, or UTC",
            zone=name[:60],
        ),
    )


def scheduler_form(cron: str) -> str:
    """cron(…) for EventBridge Scheduler. Raises BadRequest for what one of the two does not know."""
    known = _read(cron)
    if not known.day_and:
        raise wrong(
            "cron",
            say(
                "cron-two-days",
                "names days of the month and of the week; let one of them be *, or make two schedules",
            ),
        )
    minutes, hours = _field(known.minutes, 60), _field(known.hours, 24)
    days, months = _field(known.days, 31), _field(known.months, 12)
    # crontab's 0 to 7, both of them Sunday, are 1 to 7 there.
    weekdays = _field({day % 7 + 1 if isinstance(day, int) else day for day in known.weekdays}, 7)
    either = f"? {months} {weekdays}" if days == "*" and weekdays != "*" else f"{days} {months} ?"
    form = f"cron({minutes} {hours} {either} *)"
    if len(form) > _LONGEST:
        raise wrong("cron", say("cron-too-long", "names too many different times; make two schedules of it"))
    return form


def next_times(cron: str, zone: str, after: float, most: int) -> list[float]:
    """The next times [Unix s] after `after`; fewer than `most` where they end. Raises BadRequest."""
    coming = filter(happens, walls(cron, zone_of(zone), after))
    return [wall.timestamp() for wall in islice(coming, most)]


def walls(cron: str, zone: ZoneInfo, after: float) -> Iterator[datetime]:
    """What the clocks of `zone` would show at each time after `after`, with those that they skip.

    Raises BadRequest.
    """
    # As if the clocks never changed: CronSim puts off a time that they skip, which Scheduler leaves out.
    for plain in _read(cron, datetime.fromtimestamp(after, zone).replace(tzinfo=UTC, fold=0)):
        wall = plain.replace(tzinfo=zone)
        if wall.timestamp() > after:
            yield wall


def happens(wall: datetime) -> bool:
    """False for a time that the clocks skip."""
    return wall.astimezone(UTC).astimezone(wall.tzinfo) == wall


def _read(cron: str, after: datetime = _EPOCH) -> CronSim:
    try:
        known = CronSim(cron, after)
    except CronSimError as error:
        raise wrong(
            "cron",
            say(
                "cron-unreadable",
                "cannot be read ({error}); minute hour day month weekday are expected, such as 0 8 * * 1-5",
                error=str(error),
            ),
        ) from error
    if len(cron.split()) != 5:
        raise wrong(
            "cron",
            say(
                "cron-five-fields",
                "must have five fields: minute hour day month weekday, such as 0 8 * * 1-5",
            ),
        )
    return known


def _field(values: set[Any], all_of_them: int) -> str:
    if not all(isinstance(value, int) and value >= 0 for value in values):
        raise wrong(
            "cron",
            say(
                "cron-letters",
                "has L or #, which are not known here; name the days, or make more schedules",
            ),
        )
    return "*" if len(values) == all_of_them else ",".join(map(str, sorted(values)))
