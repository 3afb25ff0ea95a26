"""Time zones, by the names of the IANA database."""

from __future__ import annotations

from difflib import get_close_matches
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from telemetry.body import wrong


def check_zone(name: str) -> None:
    """Raises BadRequest."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # a folder of the database, or no file name
        near = get_close_matches(name, sorted(available_timezones()), n=2, cutoff=0.6)
        hint = f"perhaps {' or '.join(near)} is meant" if near else "for example Asia/Shanghai"
        raise wrong("time_zone", f"{name[:60]!r} is no time zone of the IANA database; {hint}") from None
