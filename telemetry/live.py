"""A courier's live item: windows, match state, progress, newest ping and the tail of its pings."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field, replace
from typing import Any, Literal, NamedTuple

from geo.arrival import arrived, eta_s
from geo.state import MatchState
from telemetry import columns
from telemetry.history import Sightings
from telemetry.ping import Ping

SILENT_S = 120.0  # two uploads of six ten-second pings were missed
IDLE_TTL_S = 900.0  # a position outside a trip is kept no longer than this

State = Literal["idle", "on_route", "off_route", "stalled", "silent", "arrived", "finished"]
_UNDER_WAY: frozenset[State] = frozenset({"on_route", "off_route", "stalled", "silent"})
_PROGRESS = struct.Struct("<qd")
_LONGEST_M = 2**32 / 100  # progress is kept in 32 bits of centimetres


class Window(NamedTuple):
    """Which trip owned which time of a courier [ms, Unix]; end_ms None while the trip runs."""

    trip: str
    route: str
    start_ms: int
    end_ms: int | None = None

    def holds(self, t_ms: int) -> bool:
        return self.start_ms <= t_ms and (self.end_ms is None or t_ms <= self.end_ms)


@dataclass(frozen=True)
class Live:
    """One courier now. `tail` holds every stored ping of `trip` at or after `floor_ms`; older ones are
    in the history's chunks. `match` and `tail` belong to `trip`, which may lag behind the newest window
    until its first ping comes.
    """

    fleet: str
    courier: str
    version: int
    windows: tuple[Window, ...] = ()
    """At most the two newest, oldest first."""
    trip: str | None = None
    match: MatchState = field(default_factory=MatchState)
    length_m: float = 0.0
    newest: Ping | None = None
    floor_ms: int = 0
    tail: Sightings = field(default_factory=Sightings)
    outside: int = 0
    """Pings counted outside every window, their positions not kept."""
    expires_s: int | None = None
    battery: int | None = None
    """Of the phone, as of its newest upload that tells it [%]."""
    mock: int = 0
    implausible: int = 0
    """The trip's doubtful pings (telemetry/doubts.py) among those that moved the match on."""

    def but(self, **changes: Any) -> Live:
        """`dataclasses.replace`, ten times as fast: a batch does it a thousand times."""
        new = object.__new__(Live)
        new.__dict__.update(self.__dict__, **changes)
        return new

    def active(self) -> Window | None:
        return self.windows[-1] if self.windows and self.windows[-1].end_ms is None else None

    def with_window(self, window: Window) -> Live:
        """With `window` opened or closed: the two newest are kept.

        An active trip never expires, so a position from before it is forgotten.
        """
        others = [w for w in self.windows if w.start_ms != window.start_ms]
        newest = sorted([*others, window], key=lambda w: w.start_ms)[-2:]
        live = replace(self, windows=tuple(newest))
        if not live.active():
            return live
        before = self.newest is not None and self.newest.t_ms < window.start_ms
        return replace(live, expires_s=None, newest=None if before else self.newest)

    def pack_progress(self) -> bytes:
        newest = columns.encode([self.newest]) if self.newest else b""
        return (
            _PROGRESS.pack(self.floor_ms, self.length_m) + bytes([len(newest)]) + newest + self.match.pack()
        )

    @staticmethod
    def unpack_progress(data: bytes) -> dict[str, Any]:
        """The fields that `pack_progress` packed, by name. Raises ValueError, IndexError or struct.error."""
        floor_ms, length_m = _PROGRESS.unpack_from(data)
        if not 0 <= length_m <= _LONGEST_M:
            raise ValueError("the route's length is damaged")
        size, at = data[_PROGRESS.size], _PROGRESS.size + 1
        newest = columns.decode(data, at)[0][0] if size else None
        try:
            match = MatchState.unpack(data[at + size :])
        except ValueError:  # of another version of the code: the next pings find the place again
            match = MatchState()
        return {"floor_ms": floor_ms, "length_m": length_m, "newest": newest, "match": match}


def view(live: Live, now: float) -> dict[str, Any]:
    """A courier as /v1/fleet and the live stream show it; `now` [s] decides silence and expiry."""
    expired = live.expires_s is not None and live.expires_s < now
    newest = None if expired else live.newest
    window = live.windows[-1] if live.windows and not expired else None
    matched = window is not None and window.trip == live.trip
    along = min(live.match.along_m, live.length_m) if matched else 0.0
    state = _state(live, window, matched=matched, now=now)
    riding = matched and state in _UNDER_WAY
    eta = eta_s(live.match, live.length_m) if riding and live.length_m else None
    return {
        "courier": live.courier,
        "trip": window.trip if window else None,
        "route": window.route if window else None,
        "along_m": round(along, 1) if window else None,
        "fraction": (round(along / live.length_m, 4) if matched and live.length_m else 0.0)
        if window
        else None,
        "offset_m": round(live.match.offset_m, 1) if matched else None,
        "confidence": round(live.match.confidence, 2) if matched else None,
        "speed_mps": round(live.match.speed_mps, 1) if riding and live.match.on_route else None,
        "arrives_at": None if eta is None else round(live.match.t + eta),
        "state": state,
        "lat": newest.lat if newest else None,
        "lon": newest.lon if newest else None,
        "t": newest.t if newest else None,
        "battery": live.battery if newest else None,
        "mock": live.mock if matched else 0,
        "implausible": live.implausible if matched else 0,
        "version": live.version,
    }


def _state(live: Live, window: Window | None, *, matched: bool, now: float) -> State:
    if window is None:
        return "idle"
    if window.end_ms is not None:
        return "finished" if now - window.end_ms / 1000 <= IDLE_TTL_S else "idle"
    if not matched:
        return "silent" if now - window.start_ms / 1000 > SILENT_S else "on_route"
    return _riding(live, now)


def _riding(live: Live, now: float) -> State:
    # Who has been at the end may stand there, go home or switch the phone off.
    if arrived(live.match, live.length_m):
        return "arrived"
    if now - live.match.t > SILENT_S:
        return "silent"
    if not live.match.on_route:
        return "off_route"
    return "stalled" if live.match.stalled else "on_route"
