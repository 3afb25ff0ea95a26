"""When a stop is open: two local times of a day, the second of which may be on the next."""

from __future__ import annotations

import re
from typing import NamedTuple

from geo.refused import Refused
from geo.said import say

DAY = 1440  # minutes; the days on which clocks change are taken for ordinary ones
_CLOCK = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")


class Hours(NamedTuple):
    """Minutes since local midnight, 0 to 1439; closes before opens: over midnight. Open at `opens`, closed at
    `closes`.
    """

    opens: int
    closes: int

    @property
    def length(self) -> int:
        """Minutes."""
        return (self.closes - self.opens) % DAY

    @property
    def text(self) -> tuple[str, str]:
        """As people write them: ("22:00", "06:00")."""
        return clock(self.opens), clock(self.closes)


def read_hours(opens: str | None, closes: str | None) -> Hours | None:
    """None where neither is said: always open. Raises ValueError."""
    if opens is None and closes is None:
        return None
    if opens is None or closes is None:
        raise Refused(
            say(
                "hours-half",
                'opens and closes belong together; give both, as "08:00" and "18:30", or neither',
            )
        )
    hours = Hours(minutes(opens), minutes(closes))
    if not hours.length:
        raise Refused(
            say(
                "hours-alike",
                "opens and closes are both {opens}; leave both out where it is always open",
                opens=opens,
            )
        )
    return hours


def minutes(text: str) -> int:
    """Of a local time "HH:MM", since midnight. Raises ValueError."""
    found = _CLOCK.fullmatch(text)
    if not found:
        raise Refused(
            say(
                "hours-form",
                '{text!r} is no local time; write it as "HH:MM", from 00:00 to 23:59',
                text=text,
            )
        )
    return 60 * int(found[1]) + int(found[2])


def clock(minute: float) -> str:
    """Whole minutes of a day, as "HH:MM"."""
    hour, rest = divmod(int(minute) % DAY, 60)
    return f"{hour:02}:{rest:02}"
