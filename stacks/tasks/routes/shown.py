"""What the routes API shows."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from geo.arrival import Stop
from geo.drawn.drawing import Drawing
from geo.drawn.geojson import feature, placed
from geo.hours import Hours, clock
from geo.preview.finding import Finding
from geo.preview.limits import Pace
from geo.preview.preview import Preview
from storage.catalog import Route
from storage.drafts import Draft

_STRETCHES = 200  # are listed; the findings count all


def route(it: Route) -> dict[str, Any]:
    state = "published" if it.retired_ms is None else "retired"
    return {"route": it.route, "name": it.name, "length_m": it.length_m, "state": state}


def whole(it: Route) -> dict[str, Any]:
    hours = it.hours or (None,) * len(it.stops)
    stops = [_stop(stop, said) for stop, said in zip(it.stops, hours, strict=True)]
    zone = {"time_zone": it.time_zone} if it.time_zone else {}
    gone = {"retired_at": it.retired_ms / 1000} if it.retired_ms is not None else {}
    return route(it) | gone | zone | {"stops": stops}


def draft(it: Draft) -> dict[str, Any]:
    return {
        "route": it.id,
        "name": it.name,
        "length_m": it.length_m,
        "state": "draft",
        "revision": it.revision,
        "changed_at": it.changed_ms / 1000,
        "changed_by": it.changed_by,
    }


def drawn(it: Draft, drawing: Drawing, look: Preview, pace: Pace) -> dict[str, Any]:
    """A GeoJSON Feature that can be put again."""
    made = feature(drawing)
    return made | {"properties": made["properties"] | draft(it) | {"preview": preview(look, drawing, pace)}}


def preview(look: Preview, drawing: Drawing, pace: Pace) -> dict[str, Any]:
    return {
        "publishable": look.publishable,
        "length_m": round(look.route.length_m, 3) if look.route else None,
        "bounds": look.bounds,
        "vertices": {"drawn": look.vertices, "simplified": len(look.route.lon) if look.route else None},
        "duration_s": None if look.duration_s is None else round(look.duration_s, 1),
        "pace": asdict(pace),
        "stops": [placed(stop) | _arrival(look, i) for i, stop in enumerate(drawing.stops)],
        "starts": None if look.starts is None else [[clock(a), clock(b)] for a, b in look.starts],
        "overlaps": [[round(a, 1), round(b, 1)] for a, b in look.overlaps[:_STRETCHES]],
        "warnings": [warning(finding) for finding in look.findings],
    }


def warning(finding: Finding) -> dict[str, Any]:
    """Without what it does not say."""
    return {name: value for name, value in asdict(finding).items() if value is not None}


def _arrival(look: Preview, i: int) -> dict[str, Any]:
    stop, arrives_s = look.stops.get(i, (None, None))
    return {
        "along_m": stop.along_m if stop else None,
        "arrives_s": None if arrives_s is None else round(arrives_s, 1),
    }


def _stop(stop: Stop, hours: Hours | None) -> dict[str, Any]:
    said = stop._asdict()
    return said | dict(zip(("opens", "closes"), hours.text, strict=True)) if hours else said
