"""The options of `milepost replay`."""

from __future__ import annotations

import argparse
import math
import re
from pathlib import Path

from cli.common import add_base
from cli.replay.formats import Format
from cli.replay.formats.background_geolocation import BackgroundGeolocation
from cli.replay.formats.gpslogger import GpsLogger
from cli.replay.formats.overland import Overland
from cli.replay.formats.own import Own
from cli.replay.formats.owntracks import OwnTracks
from cli.replay.formats.traccar import Traccar8, Traccar9, Traccar10
from cli.replay.pace import Pace

FORMATS: dict[str, type[Format]] = {
    "own": Own,
    "background-geolocation": BackgroundGeolocation,
    "gpslogger": GpsLogger,
    "overland": Overland,
    "owntracks": OwnTracks,
    "traccar8": Traccar8,
    "traccar9": Traccar9,
    "traccar10": Traccar10,
}
SHORTEST_S = 0.1
_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600}


def add_options(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add_base(parser)
    add("--couriers", type=_count, metavar="N", help="default: 20, or one for each trip of --trips")
    add("--duration", type=_duration, default=600.0, metavar="TIME",
        help="how long they ride, in their own time: 90s, 10m, 2h (default: 10m)")  # fmt: skip
    add("--pace", type=_pace, default=Pace(1), metavar="PACE",
        help="1x as it happens, 10x ten times as fast, max as fast as possible (default: 1x)")  # fmt: skip
    add("--interval", type=_interval, default=10.0, metavar="S", help="seconds between pings (default: 10)")
    add("--batch", type=_count, default=6, metavar="N", help="pings an upload (default: 6)")
    add("--rate", type=_positive, metavar="N", help="at most so many uploads a second, of all together")
    add("--seed", type=int, default=1, metavar="N", help="the same seed, the same rides (default: 1)")
    add("--format", choices=FORMATS, default="own", help="whose app the phones run (default: own)")
    add(
        "--route", metavar="ROUTE", help="a published id@version or a GeoJSON file; default: three of our own"
    )
    add("--trips", nargs="+", type=Path, default=[], metavar="FILE",
        help="recorded trips to replay in place of simulated ones: CSV, GPX, GeoJSON")  # fmt: skip
    add(
        "--ledger",
        type=Path,
        metavar="FILE",
        help="write what was sent and what is true of it, as JSON lines",
    )


def _pace(text: str) -> Pace:
    try:
        return Pace.parse(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text} is no pace; give 1x, 10x or max") from None


def _duration(text: str) -> float:
    found = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?)([smh]?)", text)
    if not found or float(found[1]) <= 0:
        raise argparse.ArgumentTypeError(f"{text} is no duration; give for example 90s, 10m or 2h")
    return float(found[1]) * _UNITS[found[2]]


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text)):
        raise argparse.ArgumentTypeError(f"{text} is no whole number from 1 on")
    return int(text)


def _interval(text: str) -> float:
    """Of a tenth of a second at least: a ping's time is its identity, to the millisecond."""
    seconds = _positive(text)
    if seconds < SHORTEST_S:
        raise argparse.ArgumentTypeError(f"{text} is below {SHORTEST_S} seconds")
    return seconds


def _positive(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not 0 < number < math.inf:
        raise argparse.ArgumentTypeError(f"{text} is no number above 0")
    return number
