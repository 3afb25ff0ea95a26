"""The options of `milepost redrive` and its commands."""

from __future__ import annotations

import argparse
import re
from datetime import UTC, datetime

from cli.redrive.items import KINDS, Wanted
from cli.redrive.queues.command import add_commands
from cli.site import add_site
from telemetry.clock import now_s

_AGO = re.compile(r"(\d{1,6})([mhd])")
_SECONDS = {"m": 60, "h": 3_600, "d": 86_400}


def add_options(parser: argparse.ArgumentParser) -> None:
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    listing = commands.add_parser("list", help="a line for each object that waits")
    show = commands.add_parser("show", help="one object with everything in it")
    replay = commands.add_parser("replay", help="send into the stream what can now be taken")
    show.add_argument("id", metavar="ID", help="as `list` shows it, or its first letters")
    which = replay.add_mutually_exclusive_group(required=True)
    which.add_argument("ids", metavar="ID", nargs="*", default=[], help="as `list` shows them")
    which.add_argument("--all", action="store_true", help="everything that the filters let through")
    replay.add_argument("--dry-run", action="store_true", help="say what would be done, and do nothing")
    for one in (listing, replay):
        _add_filters(one)
    for one in (listing, show):
        one.add_argument("--json", action="store_true", help="JSON, one object a line")
    for one in (listing, show, replay, *add_commands(commands)):
        add_site(one)


def wanted_of(args: argparse.Namespace) -> Wanted:
    ids = [args.id] if args.command == "show" else getattr(args, "ids", [])
    filters = {name: getattr(args, name, None) for name in ("kind", "fleet", "reason")}
    return Wanted(**filters, since=getattr(args, "since", None) or 0.0, ids=tuple(ids))


def _add_filters(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--kind", choices=KINDS, help="refused; given up; given up and expired")
    parser.add_argument("--fleet", metavar="ID", help="only what is of this fleet")
    parser.add_argument("--reason", metavar="TEXT", help="only where a reason has these words")
    parser.add_argument(
        "--since",
        metavar="WHEN",
        type=_since,
        help="only later ones: 90m, 12h, 7d ago, or 2026-11-24[T08:00]",
    )


def _since(text: str) -> float:
    """Unix seconds; a time without an offset is UTC."""
    if ago := _AGO.fullmatch(text):
        return now_s() - int(ago[1]) * _SECONDS[ago[2]]
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text} is no time; give 90m, 12h or 7d for so long ago, or a date such as 2026-11-24"
        ) from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
