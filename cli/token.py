"""`milepost token`: a session token for the laptop stack, and nothing else, on stdout."""

from __future__ import annotations

import argparse

from cli.common import Mint, port
from telemetry.names import ROLES


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--role", required=True, choices=ROLES, help="what its holder may do")
    parser.add_argument("--user", metavar="ID", help="its holder; default: the demo sign-in of the role")


def run(args: argparse.Namespace, mint: Mint) -> int:
    print(mint(port(), args.role, args.user or args.role))
    return 0
