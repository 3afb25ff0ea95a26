"""What an app writes of a ping is read as that ping: a round trip for every format."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ingest import own
from ingest.receive.formats import APPS
from ingest.sent import Sent
from telemetry.ping import UNKNOWN, Ping
from tests.strategies import T0_MS, pings

NOW = T0_MS / 1000
KNOT, KMH = 1852 / 3600, 1 / 3.6
fixes = pings.filter(lambda ping: ping[1:3] != (0, 0)).map(
    lambda ping: ping._replace(t_ms=min(ping.t_ms, T0_MS))
)
some = st.lists(fixes, max_size=5)
SILENT = {"gpslogger", "owntracks", "overland"}  # apps that do not say that a position is mock


def known(value, unit=1.0):
    """In the app's unit, all digits; -1 where the phone does not know."""
    return -1 if value == UNKNOWN else value / 10 / unit


def said(where, **perhaps):
    """A query of what is always known, and of what is empty where the phone does not know."""
    return urlencode(where | {name: "" if value == UNKNOWN else value for name, value in perhaps.items()})


def iso(ping):
    return (
        datetime.fromtimestamp(ping.t_ms // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S.")
        + f"{ping.t_ms % 1000:03}Z"
    )


def traccar(ping):
    where = {"id": 7, "lat": ping.lat, "lon": ping.lon, "timestamp": ping.t_ms}
    return said(
        where | ({"mock": "true"} if ping.mock else {}), speed=known(ping.speed_dmps, KNOT),
        accuracy=known(ping.accuracy_dm), bearing=ping.heading,
    )  # fmt: skip


def gpslogger(ping):
    return said(
        {"lat": ping.lat, "lon": ping.lon, "time": iso(ping)}, spd=known(ping.speed_dmps),
        acc=known(ping.accuracy_dm), dir=ping.heading,
    )  # fmt: skip


def kmh(ping):
    return said(
        {"lat": ping.lat, "lon": ping.lon, "time": iso(ping)}, spd_kph=known(ping.speed_dmps, KMH),
        acc=known(ping.accuracy_dm), dir=ping.heading,
    )  # fmt: skip


def owntracks(ping):
    return json.dumps(
        {
            "_type": "location",
            "lat": ping.lat,
            "lon": ping.lon,
            "tst": ping.t,
            "vel": known(ping.speed_dmps, KMH),
        }
        | {"acc": known(ping.accuracy_dm), "cog": ping.heading}
    )


def location(ping):
    return {
        "timestamp": iso(ping),
        "coords": {"latitude": ping.lat, "longitude": ping.lon, "speed": known(ping.speed_dmps)}
        | {"accuracy": known(ping.accuracy_dm), "heading": ping.heading},
    } | ({"mock": True} if ping.mock else {})


def feature(ping):
    return {
        "geometry": {"type": "Point", "coordinates": [ping.lon, ping.lat]},
        "properties": {"timestamp": iso(ping), "speed": known(ping.speed_dmps), "course": ping.heading}
        | {"horizontal_accuracy": known(ping.accuracy_dm)},
    }


def ours(ping):
    return {"t": ping.t, "lat": ping.lat, "lon": ping.lon, "accuracy_m": known(ping.accuracy_dm)} | {
        "speed_mps": known(ping.speed_dmps), "heading_deg": ping.heading, "mock": ping.mock
    }  # fmt: skip


def bodies(write):
    return lambda found: [Sent(write(ping).encode()) for ping in found]


def queries(write):
    return lambda found: [Sent(query=write(ping)) for ping in found]


def batch(root, write):
    return lambda found: [Sent(json.dumps({root: [write(ping) for ping in found]}).encode())]


WRITERS = [
    ("traccar", queries(traccar)),
    ("traccar", bodies(traccar)),
    ("traccar", bodies(lambda ping: json.dumps({"location": location(ping), "device_id": "7"}))),
    (
        "traccar",
        lambda found: [Sent(json.dumps([dict(parse_qsl(traccar(ping))) for ping in found]).encode())],
    ),
    ("gpslogger", queries(gpslogger)),
    ("gpslogger", bodies(kmh)),
    ("owntracks", bodies(owntracks)),
    ("background-geolocation", bodies(lambda ping: json.dumps({"location": location(ping)}))),
    ("background-geolocation", batch("location", location)),
    ("overland", batch("locations", feature)),
]


@pytest.mark.parametrize(("app", "write"), WRITERS)
@given(found=some)
@example(found=[Ping(T0_MS, -1_000_000, -1_000_000, UNKNOWN, UNKNOWN, UNKNOWN, 0)])  # -1 is a place too
def test_a_ping_is_read_as_it_was_written(app, write, found) -> None:
    readings = [APPS[app].read(sent, NOW) for sent in write(found)]
    if app in SILENT:
        found = [ping._replace(flags=0) for ping in found]
    assert [ping for reading in readings for ping in reading.pings] == found
    assert not [refused for reading in readings for refused in reading.refused]


@given(some.filter(len))
def test_our_own_is_read_as_it_was_written(found) -> None:
    assert own.read({"pings": [ours(ping) for ping in found]}, NOW)[1].pings == found


def test_every_app_has_a_writer() -> None:
    assert {app for app, _ in WRITERS} == set(APPS)
