"""The final record of a trip: a pure function of its pings, its row and the route's version."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from geo.arrival import Stop
from geo.reaching import Reached
from geo.route import CompiledRoute
from geo.smooth import smooth
from geo.summary import Incident, Summary, Visit, summarise
from storage.trips import Trip
from telemetry.columns import Doubts
from telemetry.doubts import all_doubts
from telemetry.history import Sighting, Sightings
from telemetry.track import digest, ordered

METHOD = 4
"""Of making the record: a new number settles a marked trip anew, though its pings are the same."""
MOST_INCIDENTS = 200  # a row holds 400 KB; the longest are kept ...
MOST_DEVICES = 50  # ... and the phones that sent most: their names are the sender's

Json = dict[str, Any]


def digest_of(trip: Trip, sightings: Sightings) -> str:
    return digest(f"{METHOD} {trip.fleet} {trip.trip} {trip.route}", sightings)


def make_record(trip: Trip, route: CompiledRoute, sightings: Sightings, stops: Sequence[Stop] = ()) -> Json:
    """The record of an ended trip as JSON values: metres, seconds, times in Unix seconds."""
    if trip.finished_ms is None:
        raise ValueError(f"trip {trip.trip} has not ended")
    pings = ordered(sightings)
    fixes = [s.ping.fix() for s in pings]
    summary = summarise(route, fixes, smooth(route, fixes, trip.started_ms / 1000), stops)
    return {
        "distance_m": round(summary.distance_m, 1),
        "duration_s": round((trip.finished_ms - trip.started_ms) / 1000, 3),
        "moving_s": round(summary.moving_s, 1),
        "average_mps": _rounded(summary.average_mps),
        "max_mps": _rounded(summary.top_mps),
        "on_time": None if trip.deadline_ms is None else trip.finished_ms <= trip.deadline_ms,
        "progress": {
            "along_m": round(summary.reached_m, 1),
            "fraction": round(summary.reached_m / route.length_m, 4),
            "covered": round(summary.covered_m / route.length_m, 4),
            "completed": summary.completed,
        },
        "arrival": _arrival(summary.reached or Reached(None, trip.started_ms / 1000, route.length_m)),
        "off_route": _off_route(summary.incidents),
        "stops": [_stop(visit) for visit in summary.visits],
        "quality": _quality(trip, pings, summary, all_doubts(sightings)),
    }


def _arrival(reached: Reached) -> Json:
    """Where no ping tells anything, the courier can have been anywhere from the start on."""
    at = None if reached.at is None else round(reached.at, 3)
    return {"at": at, "not_before": round(reached.not_before, 3), "left_m": round(reached.left_m, 1)}


def _off_route(incidents: Sequence[Incident]) -> Json:
    longest = sorted(incidents, key=lambda it: (it.begin - it.end, it.begin))[:MOST_INCIDENTS]
    return {
        "count": len(incidents),
        "seconds": round(sum(it.end - it.begin for it in incidents), 1),
        "length_m": round(sum(it.length_m for it in incidents), 1),
        "incidents": [_incident(it) for it in sorted(longest)],
    }


def _incident(incident: Incident) -> Json:
    places = {"begin": 3, "end": 3, "lat": 6, "lon": 6, "along_m": 1, "length_m": 1, "offset_m": 1}
    return {name: round(getattr(incident, name), digits) for name, digits in places.items()}


def _stop(visit: Visit) -> Json:
    arrived = None if visit.arrived is None else round(visit.arrived, 3)
    return {
        "name": visit.name,
        "along_m": round(visit.along_m, 1),
        "visited": visit.arrived is not None,
        "arrived": arrived,
        "stayed_s": round(visit.stayed_s, 1),
    }


def _quality(trip: Trip, pings: Sequence[Sighting], summary: Summary, doubts: Doubts) -> Json:
    """The longest gap counts from the start and to the finish too."""
    devices = sorted(Counter(s.device for s in pings).items(), key=lambda it: (-it[1], it[0]))
    times = [trip.started_ms, *(s.ping.t_ms for s in pings), trip.finished_ms or 0]
    return {
        "pings": len(pings),
        "outliers": _share(summary.outliers, pings),
        "mock": {"count": doubts.mock, "share": _share(doubts.mock, pings)},
        "implausible": {"count": doubts.implausible, "share": _share(doubts.implausible, pings)},
        "longest_gap_s": round(max(b - a for a, b in pairwise(times)) / 1000, 3),
        "devices": dict(sorted(devices[:MOST_DEVICES])),
    }


def _share(count: int, pings: Sequence[Sighting]) -> float:
    return round(count / len(pings), 4) if pings else 0.0


def _rounded(speed: float | None) -> float | None:
    return None if speed is None else round(speed, 2)
