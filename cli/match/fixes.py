"""Pings from a file, in its order: CSV or GPX."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from cli.common import Failed
from geo.drawn.markup import named, parsed
from geo.state import Fix


def read_fixes(file: Path) -> list[Fix]:
    """Raises Failed.

    CSV: a header line; t_unix, lat, lon, and where known accuracy_m, speed_mps, heading_deg (blank:
    unknown); GPX: track points with times.
    """
    readers = {".csv": _csv, ".gpx": _gpx}
    reader = readers.get(file.suffix.lower())
    if reader is None:
        raise Failed(f"{file}: pings are read from {', '.join(readers)}")
    try:
        return list(reader(file.read_bytes()))
    except OSError as error:
        raise Failed(f"{file}: {error.strerror}") from error
    except (ValueError, LookupError, TypeError) as error:
        raise Failed(f"{file} cannot be read: {error}") from error


def _csv(data: bytes) -> Iterator[Fix]:
    rows = csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""))
    if missing := {"t_unix", "lat", "lon"} - set(rows.fieldnames or ()):
        raise ValueError(f"line 1: the column {', '.join(sorted(missing))} is missing")
    for row in rows:
        try:
            said = (_number(row.get(name)) for name in ("accuracy_m", "speed_mps", "heading_deg"))
            yield _checked(Fix(float(row["t_unix"]), float(row["lat"]), float(row["lon"]), *said))
        except (TypeError, ValueError) as error:
            raise ValueError(f"line {rows.line_num}: {error}") from error


def _gpx(data: bytes) -> Iterator[Fix]:
    for i, point in enumerate(named(parsed(data), "trkpt")):
        times = named(point, "time")
        if not times or not times[0].text:
            raise ValueError(f"track point {i} has no time")
        at = datetime.fromisoformat(times[0].text.strip())
        t = (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()
        said = [next((e.text for e in named(point, name)), None) for name in ("speed", "course")]
        lat, lon = float(point.attrib["lat"]), float(point.attrib["lon"])
        yield _checked(Fix(t, lat, lon, math.nan, *(_number(text) for text in said)))


def _checked(fix: Fix) -> Fix:
    if not (math.isfinite(fix.t) and abs(fix.lat) <= 90 and abs(fix.lon) <= 180):
        raise ValueError(f"time {fix.t}, lat {fix.lat}, lon {fix.lon} is no position")
    return fix


def _number(text: str | None) -> float:
    return float(text) if text and text.strip() else math.nan
