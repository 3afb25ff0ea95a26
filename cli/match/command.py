"""`milepost match`: pings of one courier along one route, as CSV on stdout."""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from cli.common import Failed, Mint
from cli.match.fixes import read_fixes
from cli.match.lines import read_route
from geo.datum import converted
from geo.drawing import compile_route
from geo.drawn.files import SUFFIXES
from geo.match import Matched, advance
from geo.refused import RouteRefused
from geo.route import CompiledRoute
from geo.smooth import smooth
from geo.state import Fix, MatchState

DATUMS = ("wgs84", "gcj02", "bd09")
COLUMNS = ("t_unix", "along_m", "fraction", "offset_m", "on_route", "confidence", "outlier")
PLOTS = (".png", ".html")


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("route", metavar="ROUTE", type=Path, help="GeoJSON (one line), GPX or KML")
    parser.add_argument(
        "pings", metavar="PINGS", type=Path,
        help="CSV (t_unix,lat,lon[,accuracy_m,speed_mps,heading_deg]; blank: unknown) or GPX",
    )  # fmt: skip
    parser.add_argument(
        "--batch",
        metavar="N",
        type=_count,
        default=6,
        help="match N pings at a time, as uploads bring them (6)",
    )
    parser.add_argument(
        "--datum", choices=DATUMS, default="wgs84", help="what both files are in (wgs84); matched in WGS-84"
    )
    parser.add_argument("--offline", action="store_true", help="match the whole trip at once, smoothed")
    parser.add_argument(
        "--plot",
        metavar="FILE",
        type=Path,
        help="draw route, stops, pings, matches and progress: .png or .html",
    )


def run(args: argparse.Namespace, _mint: Mint) -> int:
    """Raises Failed."""
    if args.plot and args.plot.suffix.lower() not in PLOTS:
        raise Failed(f"--plot {args.plot}: plots are written as {' or '.join(PLOTS)}")
    drawn, fixes = read_route(args.route), read_fixes(args.pings)
    if args.datum != "wgs84":
        lon, lat = converted([f.lon for f in fixes], [f.lat for f in fixes], args.datum, "wgs84")
        fixes = [f._replace(lon=x, lat=y) for f, x, y in zip(fixes, lon.tolist(), lat.tolist(), strict=True)]
    try:
        # Waypoints of a recording are not always stops of its line.
        stops = drawn.stops if SUFFIXES[args.route.suffix.lower()] == "geojson" else ()
        route = compile_route(drawn.line, stops, datum=args.datum)
    except RouteRefused as error:
        raise Failed(f"{args.route}: {error}") from error
    matched = smooth(route, fixes) if args.offline else live(route, fixes, args.batch)
    told = list(tell(fixes, matched))
    if args.plot:
        from cli.match.plot import draw  # noqa: PLC0415 - only who draws waits for it

        draw(args.plot, route, fixes, told)
    return 0


def live(route: CompiledRoute, fixes: Sequence[Fix], batch: int) -> Iterator[Matched]:
    """Each batch's results before the next is seen."""
    state = MatchState()
    for i in range(0, len(fixes), batch):
        state, found = advance(route, state, fixes[i : i + batch])
        yield from found


def tell(fixes: Iterable[Fix], matched: Iterable[Matched]) -> Iterator[Matched]:
    """Print a row a ping as it comes."""
    out = csv.writer(sys.stdout, lineterminator="\n")
    out.writerow(COLUMNS)
    for fix, m in zip(fixes, matched, strict=True):
        out.writerow((
            f"{fix.t:.3f}", f"{m.along_m:.2f}", f"{m.fraction:.8f}", f"{m.offset_m:.2f}", int(m.on_route),
            f"{m.confidence:.3f}", int(m.outlier),
        ))  # fmt: skip
        yield m


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) > 0):
        raise argparse.ArgumentTypeError(f"{text} is no number of pings; give 1 or more")
    return int(text)
