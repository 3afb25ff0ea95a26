"""Where a courier truly is: a plan of pieces of constant acceleration between stops."""

from __future__ import annotations

import heapq
import math
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Speed:
    """How a courier rides. Lights stand about `light_every_m` apart and are red with chance `red`."""

    cruise_mps: float = 5.5
    spread: float = 0.15  # from one stretch between stops to the next, as a share
    accelerate_mps2: float = 1.0
    light_every_m: float = 350.0
    red: float = 0.4
    wait_s: tuple[float, float] = (5.0, 60.0)


@dataclass(frozen=True, slots=True)
class Detour:
    """Off the route at `at_m` along it, straight out to the left, a stay, and back to the same point."""

    at_m: float
    out_m: float = 300.0
    stay_s: float = 120.0
    speed_mps: float = 5.0

    @property
    def duration_s(self) -> float:
        return 2 * self.out_m / self.speed_mps + self.stay_s

    def away(self, since_s: float) -> tuple[float, float]:
        """Distance from the route [m] and speed away from it [m/s], `since_s` after leaving it."""
        ride_s = self.out_m / self.speed_mps
        if since_s < ride_s:
            return since_s * self.speed_mps, self.speed_mps
        if since_s < ride_s + self.stay_s:
            return self.out_m, 0.0
        back_s = min(since_s - ride_s - self.stay_s, ride_s)
        return self.out_m - back_s * self.speed_mps, -self.speed_mps


class Piece(NamedTuple):
    """From `t` [s] on, until the next piece."""

    t: float
    along_m: float
    speed_mps: float
    accel_mps2: float
    detour: Detour | None = None


class Position(NamedTuple):
    """away_m is 0 on the route; away_mps is negative on the way back to it."""

    along_m: float
    speed_mps: float
    away_m: float = 0.0
    away_mps: float = 0.0


class _Stop(NamedTuple):
    at_m: float
    wait_s: float
    detour: Detour | None = None


class Motion:
    """One run along `length_m`, planned as far as it is asked for; the same `chance`, the same run."""

    def __init__(self, length_m: float, speed: Speed, detours: Sequence[Detour], chance: Random) -> None:
        self._length_m, self._speed, self._chance = length_m, speed, chance
        self._detours = sorted((d for d in detours if d.at_m < length_m), key=lambda d: d.at_m)
        self._pieces: list[Piece] = []
        self._starts: list[float] = []
        self._more = self._plan()
        self.arrival_s = math.inf
        """When the end is reached [s]; inf while it is not planned so far."""

    def arrive(self) -> float:
        """When the end is reached [s], planned up to there."""
        self._plan_until(math.inf)
        return self.arrival_s

    def at(self, t: float) -> Position:
        """t: seconds since the start, in any order."""
        self._plan_until(t)
        piece = self._pieces[max(bisect_right(self._starts, t) - 1, 0)]
        since = max(t - piece.t, 0.0)
        if piece.detour:
            return Position(piece.along_m, 0.0, *piece.detour.away(since))
        speed = piece.speed_mps + piece.accel_mps2 * since
        along = piece.along_m + (piece.speed_mps + speed) / 2 * since
        return Position(min(along, self._length_m), max(speed, 0.0))

    def _plan_until(self, t: float) -> None:
        while (not self._starts or self._starts[-1] <= t) and (piece := next(self._more, None)):
            self._pieces.append(piece)
            self._starts.append(piece.t)

    def _plan(self) -> Iterator[Piece]:
        t = along = 0.0
        detours = (_Stop(d.at_m, d.duration_s, d) for d in self._detours)
        for stop in heapq.merge(self._lights(), detours, key=lambda stop: stop.at_m):
            if stop.at_m > along:
                *pieces, t = self._stretch(t, along, stop.at_m - along)
                yield from pieces
            along = stop.at_m
            yield Piece(t, along, 0.0, 0.0, stop.detour)
            t += stop.wait_s
        self.arrival_s = t

    def _stretch(self, t: float, along_m: float, distance_m: float) -> tuple[Piece, Piece, Piece, float]:
        """Speed up, cruise, brake; and when the stop is reached [s]."""
        speed, share = self._speed, self._chance.uniform(-1, 1)
        accel = speed.accelerate_mps2
        top = min(speed.cruise_mps * (1 + speed.spread * share), math.sqrt(distance_m * accel))
        top = max(top, 1e-3)  # where no way is left, the division still holds
        ramp_s, ramp_m = top / accel, top * top / (2 * accel)
        brake_t = t + ramp_s + (distance_m - 2 * ramp_m) / top
        return (
            Piece(t, along_m, 0.0, accel),
            Piece(t + ramp_s, along_m + ramp_m, top, 0.0),
            Piece(brake_t, along_m + distance_m - ramp_m, top, -accel),
            brake_t + ramp_s,
        )

    def _lights(self) -> Iterator[_Stop]:
        """The red ones, and the end of the route."""
        speed, at_m = self._speed, 0.0
        while True:
            at_m += self._chance.uniform(0.5, 1.5) * speed.light_every_m
            if at_m >= self._length_m:
                break
            if self._chance.random() < speed.red:
                yield _Stop(at_m, self._chance.uniform(*speed.wait_s))
        yield _Stop(self._length_m, 0.0)
