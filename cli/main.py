"""The `milepost` command: one module a verb, imported when it is called for."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from importlib import import_module

from cli.common import Failed
from cli.run_state import NotRunning

SIGPIPE_STATUS = 128 + 13  # what a shell reports of a command that the signal ended

VERBS = {
    "token": ("cli.token", "print a session token for the laptop stack on $PORT"),
    "match": ("cli.match.command", "match recorded pings to a route: progress, offset, confidence a ping"),
    "route": ("cli.route.command", "look at a route in a file before it is published; put it up as a draft"),
    "replay": (
        "cli.replay.command",
        "send a fleet of couriers, simulated or recorded, through the public API",
    ),
    "redrive": (
        "cli.redrive.command",
        "list, show and replay what was refused or given up; look into the queues of failures, and resend",
    ),
    "cost": (
        "cli.cost.command",
        "print what a million pings cost, from the code's own calls and a price table",
    ),
    "seed": ("cli.seed", "make the demo's sign-ins on a laptop stack"),
    "demo": ("cli.demo.command", "keep a demo fleet riding on a laptop stack"),
}


def parser(verbs: Sequence[str] = tuple(VERBS)) -> argparse.ArgumentParser:
    """With the options of `verbs`; the other verbs are only named."""
    top = argparse.ArgumentParser(prog="milepost", description="Live, trustworthy progress along a route.")
    choice = top.add_subparsers(dest="verb", metavar="VERB", required=True)
    for name, (module, line) in VERBS.items():
        one = choice.add_parser(name, help=line, description=f"{line[0].upper()}{line[1:]}.")
        if name in verbs:
            import_module(module).add_options(one)
    return top


def mint(port: int, role: str, user: str) -> str:
    """A token for the laptop stack. Raises NotRunning."""
    from cli.mint import sign  # noqa: PLC0415 - boto3 takes a third of a second

    return sign(port, role, user)


def main(argv: Sequence[str] | None = None) -> int:
    try:
        try:
            return _main(argv)
        finally:
            sys.stdout.flush()
    except BrokenPipeError:
        # Whoever reads has enough, as `head` does. What Python still holds for it goes nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return SIGPIPE_STATUS


def _main(argv: Sequence[str] | None) -> int:
    given = list(sys.argv[1:] if argv is None else argv)
    args = parser(given[:1]).parse_args(given)
    module, _ = VERBS[args.verb]
    try:
        return int(import_module(module).run(args, mint))
    except (Failed, NotRunning) as error:
        print(f"milepost {args.verb}: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
