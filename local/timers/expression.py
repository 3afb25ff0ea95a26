"""When a schedule is due: `at(…)`, `rate(…)` and `cron(…)` in a time zone.

Source: Amazon EventBridge Scheduler user guide, "Schedule types". L, W and # of cron are not known here.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_FORM = re.compile(r"(at|rate|cron)\((.+)\)")
_UNITS = {"minute": 60, "hour": 3600, "day": 86_400}
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_RANGES = ((0, 59), (0, 23), (1, 31), (1, 12), (1, 7), (1970, 2199))
_FAR = timedelta(days=4 * 366)  # a day that cron names comes within four years, or never


def next_s(expression: str, zone: str, after_s: float, created_s: float) -> float | None:
    """The first time [s, Unix] after `after_s`; None when there is none. Raises ValueError."""
    found = _FORM.fullmatch(expression.strip())
    if not found:
        raise ValueError(f"{expression} is neither at(…), rate(…) nor cron(…)")
    kind, said = found.groups()
    try:
        timezone = ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ValueError(f"{zone} is no time zone") from error
    if kind == "at":
        moment = datetime.strptime(said, "%Y-%m-%dT%H:%M:%S").replace(tzinfo=timezone).timestamp()
        return moment if moment > after_s else None
    if kind == "rate":
        step = _step(said)
        return created_s + step * (max((after_s - created_s) // step, 0.0) + 1)
    return _cron(said.split(), timezone, after_s)


def _step(said: str) -> int:
    found = re.fullmatch(r"([1-9][0-9]*) (minute|hour|day)s?", said)
    if not found:
        raise ValueError(f"rate({said}) is not a number of minutes, hours or days")
    return int(found[1]) * _UNITS[found[2]]


def _cron(fields: list[str], zone: ZoneInfo, after_s: float) -> float | None:
    if len(fields) != 6 or "?" not in (fields[2], fields[4]):
        raise ValueError(f"cron({' '.join(fields)}) needs six fields, and ? for one of the two kinds of days")
    minutes, hours, dates, months, days, years = (
        _values(field, *bounds) for field, bounds in zip(fields, _RANGES, strict=True)
    )
    moment = (datetime.fromtimestamp(after_s, zone) + timedelta(minutes=1)).replace(second=0, microsecond=0)
    last = moment + _FAR
    while moment <= last:
        day = moment.isoweekday() % 7 + 1
        if (
            moment.year not in years
            or moment.month not in months
            or moment.day not in dates
            or day not in days
        ):
            moment = (moment + timedelta(days=1)).replace(hour=0, minute=0)
        elif moment.hour not in hours:
            moment = (moment + timedelta(hours=1)).replace(minute=0)
        # A time that the clocks skip comes back as another one, and does not happen; one that they show twice
        # happens the first time.
        elif (
            moment.minute not in minutes
            or moment.astimezone(UTC).astimezone(zone) != moment
            or moment.timestamp() <= after_s
        ):
            moment += timedelta(minutes=1)
        else:
            return moment.timestamp()
    return None


def _values(field: str, low: int, high: int) -> set[int]:
    found: set[int] = set()
    for part in field.split(","):
        span, _, step = part.partition("/")
        begin, _, end = span.partition("-")
        if begin in ("*", "?"):
            first, last = low, high
        else:
            first = _value(begin)
            last = _value(end) if end else high if step else first
        if not (low <= first <= last <= high and (not step or (step.isdigit() and int(step)))):
            raise ValueError(f"{part} is no cron field from {low} to {high}")
        found.update(range(first, last + 1, int(step or 1)))
    return found


def _value(text: str) -> int:
    for names, first in ((_MONTHS, 1), (_DAYS, 1)):
        if text.upper() in names:
            return names.index(text.upper()) + first
    return int(text)
