"""A courier on a route as it is stored: what is said of it, and the hypotheses behind that. No numpy here:
whoever shows a courier unpacks this, whoever moves it on imports geo.match.
"""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

FORMAT = 3
HYPOTHESES = 6  # fewer lose laps on long runs, eight gain nothing; six fit into 160 bytes
OFF_ROUTE, OUTLIER = 1, 2  # bits of `flags`
STALL_S = 180.0  # so long without STALL_M of progress is a stall: longer than a traffic light
STALL_M = 40.0  # five ordinary fixes' errors
LATEST_S = 1e11  # no fix is of a later time; the year 5138
CM, NATS, SHARES, TENTHS = 100.0, 256.0, 255.0, 10.0
"""Steps of the packed numbers: 1 cm and 1 cm/s, 1/256 of log odds, 1/255, 0.1 s."""

HEAD = (
    ("format", "B"), ("count", "B"), ("reported", "B"), ("flags", "B"), ("t", "d"), ("ridden", "H"),
    ("along", "I"), ("offset", "I"), ("confidence", "B"), ("astray", "B"), ("still", "I"), ("moved", "I"),
    ("reached", "I"), ("noise", "B"), ("pace", "H"),
)  # fmt: skip
"""t [s, Unix] of the newest fix; ridden: since the first [0.1 s]; what is said: along, offset [cm],
confidence [1/255]; astray: fixes off the route in a row; still [0.1 s]: since progress last left `moved`
[cm], its own mean of late, by STALL_M; reached: furthest progress [cm];
noise: root mean square of the offsets of late [1/2 m]; pace: mean speed with
stops [cm/s].
"""
HYPOTHESIS = (("along", "I"), ("weight", "H"), ("speed", "H"), ("cruise", "H"), ("moving", "B"), ("age", "H"))
"""along [cm]; weight: log odds below the best [1/256]; speed, cruise [cm/s]; moving [1/255]; age [0.1 s]."""
_HEAD = struct.Struct("<" + "".join(code for _, code in HEAD))
_T, _T_AT = struct.Struct("<d"), 4  # `t` of HEAD
_ONE = struct.Struct("<" + "".join(code for _, code in HYPOTHESIS))
STATE_BYTES = _HEAD.size + HYPOTHESES * _ONE.size


class Fix(NamedTuple):
    """One position: t [s, Unix], lat, lon [degrees, WGS-84], accuracy [m, 1 sigma], speed [m/s],
    heading [degrees clockwise from north]; nan where the phone states none.
    """

    t: float
    lat: float
    lon: float
    accuracy_m: float = math.nan
    speed_mps: float = math.nan
    heading_deg: float = math.nan


@dataclass(frozen=True)
class MatchState:
    """One courier on one route; `raw`: STATE_BYTES, unused hypotheses zero."""

    raw: bytes = _HEAD.pack(FORMAT, 0, 0, 0, -math.inf, *(0,) * 10) + bytes(HYPOTHESES * _ONE.size)

    @cached_property
    def head(self) -> dict[str, Any]:
        """The fields of HEAD, packed units."""
        return dict(zip((name for name, _ in HEAD), _HEAD.unpack_from(self.raw), strict=True))

    @property
    def t(self) -> float:
        """[s, Unix] of the newest fix; -inf before the first."""
        return float(_T.unpack_from(self.raw, _T_AT)[0])

    @property
    def t_ms(self) -> int:
        """The same in whole milliseconds; below any time before the first."""
        return round(self.t * 1000) if math.isfinite(self.t) else -(1 << 62)

    @property
    def along_m(self) -> float:
        return float(self.head["along"] / CM)

    @property
    def offset_m(self) -> float:
        return float(self.head["offset"] / CM)

    @property
    def confidence(self) -> float:
        """0..1: how sure along_m is among the places it might be."""
        return float(self.head["confidence"] / SHARES)

    @property
    def reached_m(self) -> float:
        """Furthest progress that was sure."""
        return float(self.head["reached"] / CM)

    @property
    def on_route(self) -> bool:
        return not self.head["flags"] & OFF_ROUTE

    @property
    def stalled(self) -> bool:
        return bool(self.head["still"] / TENTHS >= STALL_S)

    @property
    def speed_mps(self) -> float:
        """Present speed along the route, over about 15 s; 0 before the first match."""
        return self._hypothesis()[2] / CM

    @property
    def pace_mps(self) -> float:
        """Mean speed along the route with its stops, as the next minutes should bring it."""
        return float(self.head["pace"] / CM)

    def _hypothesis(self) -> tuple[int, ...]:
        """The reported one."""
        return _ONE.unpack_from(self.raw, _HEAD.size + self.head["reported"] * _ONE.size)

    def pack(self) -> bytes:
        """39 bytes and 13 a hypothesis; STATE_BYTES at most."""
        return self.raw[: _HEAD.size + self.raw[1] * _ONE.size]  # `count`

    @classmethod
    def unpack(cls, data: bytes) -> MatchState:
        """Raises ValueError on another format, and on what `pack` never made."""
        if not data or data[0] != FORMAT:
            raise ValueError(
                f"match state has format {data[:1].hex() or 'none'}, this code reads {FORMAT:02x}"
            )
        if len(data) > STATE_BYTES:
            raise ValueError(f"match state has {len(data)} bytes; at most {STATE_BYTES} are expected")
        if len(data) < _HEAD.size or data[1] > HYPOTHESES or data[2] >= HYPOTHESES:  # `count`, `reported`
            raise ValueError("match state is damaged")
        (t,) = _T.unpack_from(data, _T_AT)
        if not (0 <= t < LATEST_S or t == -math.inf):
            raise ValueError("match state is of no time")
        return cls(data.ljust(STATE_BYTES, b"\0"))
