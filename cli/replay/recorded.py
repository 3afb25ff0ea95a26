"""Recorded trips from files: CSV, GPX, GeoJSON.

CSV      a header line; t_unix, lat, lon, and where known accuracy_m, speed_mps, heading_deg
GPX      track points with times (1.0 and 1.1)
GeoJSON  a LineString whose properties hold `coordTimes` or `times`, or a FeatureCollection of Points, each
         with `t`, `time` or `timestamp` in its properties; also a lone Feature of a LineString
"""

from __future__ import annotations

import csv
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import gpxpy
import gpxpy.gpx
import orjson

from cli.replay.simulator import Made


class BadTrip(ValueError):
    """The file cannot be replayed: the message says which, where and why."""


@dataclass(frozen=True)
class Recorded:
    """pings: in time order, each time once; times as recorded."""

    name: str
    recording: tuple[Made, ...] = field(repr=False)

    @property
    def duration_s(self) -> float:
        return (self.recording[-1].t_ms - self.recording[0].t_ms) / 1000

    def line(self) -> list[tuple[float, float]]:
        """Its positions as (lon, lat), for a route of its own."""
        return [(ping.lon, ping.lat) for ping in self.recording]

    def pings(self, start_s: float) -> Iterator[Made]:
        """Shifted in time, so that the first is made at `start_s` [s, Unix]."""
        shift = round(start_s * 1000) - self.recording[0].t_ms
        for ping in self.recording:
            t_ms = ping.t_ms + shift
            yield ping._replace(t_ms=t_ms, ready_ms=t_ms)


def read(file: Path) -> Recorded:
    """Raises BadTrip."""
    readers: Mapping[str, Callable[[Path], Iterable[Made]]] = {
        ".csv": _csv, ".gpx": _gpx, ".geojson": _geojson, ".json": _geojson,
    }  # fmt: skip
    reader = readers.get(file.suffix.lower())
    if reader is None:
        raise BadTrip(f"{file}: trips are read from {', '.join(readers)}")
    try:
        by_time = {ping.t_ms: ping for ping in reader(file)}
    except OSError as error:
        raise BadTrip(f"{file}: {error.strerror}") from error
    except (ValueError, KeyError, TypeError, gpxpy.gpx.GPXException) as error:
        raise BadTrip(f"{file}: {error}") from error
    if len(by_time) < 2:
        raise BadTrip(f"{file}: has {len(by_time)} positions with a time; a trip needs two")
    return Recorded(file.stem, tuple(by_time[t_ms] for t_ms in sorted(by_time)))


def _csv(file: Path) -> Iterator[Made]:
    with file.open(newline="") as opened:
        rows = csv.DictReader(opened)
        if missing := {"t_unix", "lat", "lon"} - set(rows.fieldnames or ()):
            raise ValueError(f"line 1: the column {', '.join(sorted(missing))} is missing")
        for row in rows:
            try:
                yield _made(float(row["t_unix"]), float(row["lon"]), float(row["lat"]), row)
            except (TypeError, ValueError) as error:
                raise ValueError(f"line {rows.line_num}: {error}") from error


def _gpx(file: Path) -> Iterator[Made]:
    with file.open() as opened:
        gpx = gpxpy.parse(opened)
    for track in gpx.tracks:
        for segment in track.segments:
            for point in segment.points:
                if point.time is not None:
                    said = {"speed_mps": point.speed, "heading_deg": point.course}
                    yield _made(_seconds(point.time), point.longitude, point.latitude, said)


def _geojson(file: Path) -> Iterator[Made]:
    document = orjson.loads(file.read_bytes())
    features = document["features"] if document.get("type") == "FeatureCollection" else [document]
    for i, feature in enumerate(features):
        try:
            yield from _feature(feature)
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(f"feature {i}: {error}") from error


def _feature(feature: Any) -> Iterator[Made]:
    geometry, said = feature["geometry"], feature.get("properties") or {}
    if geometry["type"] == "Point":
        lon, lat, *_ = geometry["coordinates"]
        yield _made(_seconds(_first(said, "t", "time", "timestamp")), lon, lat, said)
    elif geometry["type"] == "LineString":
        times = _first(said, "coordTimes", "times")
        for (lon, lat, *_), time in zip(geometry["coordinates"], times, strict=True):
            yield _made(_seconds(time), lon, lat, {})
    else:
        raise ValueError(f"a {geometry['type']} is no trip; a LineString or Points are")


def _first(said: Mapping[str, Any], *names: str) -> Any:
    for name in names:
        if name in said:
            return said[name]
    raise ValueError(f"has no times: its properties hold none of {', '.join(names)}")


def _seconds(time: Any) -> float:
    """Unix seconds of a number, an ISO 8601 text or a datetime; without an offset it is UTC."""
    if isinstance(time, int | float):
        return float(time)
    at = time if isinstance(time, datetime) else datetime.fromisoformat(time)
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()


def _made(t: float, lon: float, lat: float, said: Mapping[str, Any]) -> Made:
    if not (math.isfinite(t) and -180 <= lon <= 180 and -90 <= lat <= 90):
        raise ValueError(f"time {t}, latitude {lat}, longitude {lon} is no position")
    known = (
        _number(said.get("accuracy_m")),
        _number(said.get("speed_mps")),
        _number(said.get("heading_deg")),
    )
    return Made(round(t * 1000), float(lat), float(lon), *known, ready_ms=round(t * 1000))


def _number(value: Any) -> float:
    return math.nan if value in (None, "") else float(value)
