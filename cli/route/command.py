"""`milepost route`: a route in a file, looked at, or put up as a draft."""

from __future__ import annotations

import argparse
import asyncio
import re
from pathlib import Path

from cli.common import Failed, Mint, add_base, base_of
from cli.match.lines import read_route
from cli.replay.api import Api, Json, Refused
from cli.replay.credential import Credential, admin_of
from cli.replay.simulator import chance
from cli.replay.transport import Unreachable, network
from cli.route.told import report
from geo.drawn.drawing import Drawing
from geo.drawn.files import SUFFIXES, TYPES
from geo.preview.limits import Pace
from geo.preview.preview import preview
from geo.refused import RouteRefused
from telemetry.names import NAME

DATUMS = ("wgs84", "gcj02", "bd09")
PICTURES = (".png", ".html")


def add_options(parser: argparse.ArgumentParser) -> None:
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    look = commands.add_parser("preview", help="length, time, stops, and what is odd")
    send = commands.add_parser("import", help="put it up as the draft of a route")
    for one in (look, send):
        one.add_argument(
            "file", metavar="FILE", type=Path, help="GeoJSON (one line, points as stops), GPX or KML"
        )
        one.add_argument("--datum", choices=DATUMS, default="wgs84", help="what the file is in (wgs84)")
    look.add_argument("--out", metavar="FILE", type=Path, help="draw it: .png or .html")
    look.add_argument("--speed", metavar="MPS", type=float, default=Pace().speed_mps, help="over lights (4)")
    look.add_argument("--dwell", metavar="S", type=float, default=Pace().dwell_s, help="at each stop (180)")
    send.add_argument("--id", metavar="ID", required=True, help="of the route")
    send.add_argument("--name", metavar="TEXT", help="as people write it; without it the file's, else the id")
    send.add_argument("--time-zone", metavar="ZONE", help="of the stops' hours, for example Asia/Shanghai")
    send.add_argument("--revision", metavar="N", type=int, help="of the draft that this takes the place of")
    add_base(send)


def run(args: argparse.Namespace, mint: Mint) -> int:
    """Raises Failed."""
    drawing = read_route(args.file)
    if drawing.others:
        raise Failed(f"{args.file} has {drawing.others + 1} lines, and a route is one; leave one in it.")
    if args.command == "preview":
        return _preview(args, drawing)
    if not re.match(NAME, args.id):
        raise Failed(f"--id {args.id} is no id: lower-case letters, digits, dots, dashes, at most 48.")
    base = base_of(args)
    admin = admin_of(base, mint)
    try:
        draft = asyncio.run(_import(args, base, admin))
    except (Refused, Unreachable) as error:
        raise Failed(f"{args.file} is not put up: {error}") from error
    look = draft["preview"]
    print(f"{draft['route']}: draft, revision {draft['revision']}, {len(look['stops'])} stops")
    for warning in look["warnings"]:
        print(f"  {'blocks: ' if warning['blocks'] else ''}{warning['detail']}")
    return 0


def _preview(args: argparse.Namespace, drawn: Drawing) -> int:
    if args.out and args.out.suffix.lower() not in PICTURES:
        raise Failed(f"--out {args.out}: pictures are written as {' or '.join(PICTURES)}")
    if not (args.speed > 0 and args.dwell >= 0):
        raise Failed("--speed is more than 0 m/s, and --dwell not less than 0 s")
    pace = Pace(args.speed, args.dwell)
    try:
        drawing = drawn.in_wgs84(args.datum)
    except RouteRefused as error:
        raise Failed(f"{args.file}: {error}") from error
    look = preview(drawing, pace)
    print(*report(drawing, look, pace), sep="\n")
    if args.out:
        from cli.route.picture import draw  # noqa: PLC0415 - only who draws waits for it

        draw(args.out, drawing, look)
    return 0


async def _import(args: argparse.Namespace, base: str, admin: Credential) -> Json:
    """As it is in the file: the API reads it."""
    kind = TYPES[SUFFIXES[args.file.suffix.lower()]]
    said = {"datum": args.datum, "name": args.name, "time_zone": args.time_zone}
    query = {name: value for name, value in said.items() if value}
    async with network() as send:
        api = await Api.find(base, send, asyncio.sleep, chance(0, "route"))
        return await api.put_draft(admin, args.id, args.file.read_bytes(), kind, query, args.revision)
