"""What every format is read into."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from geo.datum import Datum
from geo.onmap import line_in_wgs84, stops_in_wgs84
from geo.refused import Refused
from geo.stops import Place

LonLat = Sequence[float]
_DIGITS = 7  # of a degree: 11 mm


class Unreadable(Refused):
    """The file holds no route: the message says where and why; field: its place in JSON, where it is that."""

    def __init__(self, reason: str, field: str = "") -> None:
        super().__init__(reason)
        self.field = field


@dataclass(frozen=True, slots=True)
class Drawing:
    """line: positions lon, lat [degrees], whatever else each has is left alone; stops: in the order of their
    visits; name: what the file calls the line; time_zone: of the stops' hours; others: how many more lines
    the file has, which are left out.
    """

    line: Sequence[LonLat]
    stops: Sequence[Place] = ()
    name: str = ""
    time_zone: str | None = None
    others: int = 0

    def in_wgs84(self, datum: Datum) -> Drawing:
        """From what it was drawn in, to 1e-7 degree. Raises RouteRefused, StopRefused: off the map."""
        lon, lat = line_in_wgs84(self.line, datum)
        line = [
            (round(x, _DIGITS), round(y, _DIGITS)) for x, y in zip(lon.tolist(), lat.tolist(), strict=True)
        ]
        return replace(self, line=line, stops=stops_in_wgs84(self.stops, datum))
