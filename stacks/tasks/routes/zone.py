"""Time zones, by the names of the IANA database."""

from __future__ import annotations

from difflib import get_close_matches
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from geo.said import say
from telemetry.fields import wrong


def check_zone(name: str) -> None:
    """Raises BadRequest."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # a folder of the database, or no file name
        near = get_close_matches(name, sorted(available_timezones()), n=2, cutoff=0.6)
        zone = name[:60]
        if near:
            reason = say(
                "zone-meant",
                "{zone!r} is no time zone of the IANA database; perhaps {near: or } is meant",
                zone=zone,
                near=near,
            )
        else:
            reason = say(
                "zone-unknown",
                "{zone!r} is no time zone of the IANA database; for example Asia/Shanghai",
                zone=zone,
            )
        raise wrong("time_zone", reason) from None
