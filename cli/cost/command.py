"""`milepost cost`: what a million pings cost, from the real code's own calls and a price table."""

from __future__ import annotations

import argparse
import gc
import sys
from pathlib import Path

import orjson
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from cli.common import Failed, Mint
from cli.cost.prices import Prices, read

WIDTH = 108  # of the tables where the output is no terminal


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--region", metavar="REGION", default="us-east-1", help="whose prices (us-east-1)")
    parser.add_argument(
        "--prices",
        metavar="FILE",
        type=Path,
        help="a price table of your own, put over those that are shipped",
    )
    parser.add_argument(
        "--couriers", metavar="N", type=_count, default=10_000, help="how many ride at once (10000)"
    )
    parser.add_argument(
        "--viewers", metavar="N", type=_count, default=5, help="how many watch all of them (5)"
    )
    parser.add_argument("--seed", metavar="N", type=int, default=1, help="which rides (1)")
    parser.add_argument("--json", action="store_true", help="every figure, for every region, as JSON")


def run(args: argparse.Namespace, _mint: Mint) -> int:
    """Raises Failed."""
    regions = read(args.prices)
    if args.region not in regions:
        raise Failed(
            f"there is no price table for {args.region}; there are {', '.join(regions)}; see --prices"
        )
    from cli.cost.cloud.meter import CannotMeasure  # noqa: PLC0415 - as below

    try:
        _measure(args, regions)
    except CannotMeasure as error:
        raise Failed(str(error)) from error
    return 0


def _measure(args: argparse.Namespace, regions: dict[str, Prices]) -> None:
    """Raises CannotMeasure."""
    # The functions and boto3 take a second to import; a wrong option should not.
    from cli.cost.assumptions import Assumptions  # noqa: PLC0415
    from cli.cost.bill import Bill  # noqa: PLC0415
    from cli.cost.deployed import Deployed  # noqa: PLC0415
    from cli.cost.document import document  # noqa: PLC0415
    from cli.cost.measure import Bench  # noqa: PLC0415
    from cli.cost.plan import pings_of, runs  # noqa: PLC0415
    from cli.cost.report import Report  # noqa: PLC0415
    from cli.cost.sockets import call_cpu_s  # noqa: PLC0415

    deployed = Deployed.read()
    assumed = Assumptions(couriers=args.couriers, viewers=args.viewers)
    bench = Bench(deployed, assumed, call_cpu_s())
    planned = list(runs(assumed, deployed, args.seed))
    gc.freeze()  # what stands now is not walked again and again while the functions are timed
    bills = []
    with _progress() as bar:
        task = bar.add_task("", total=sum(pings_of(fleet) for _, fleet in planned))
        for design, fleet in planned:
            bar.update(task, description=f"{design.name}, {fleet.per_upload} pings an upload")

            def advance(pings: int) -> None:
                bar.advance(task, pings)

            bills.append(Bill(bench.run(design, fleet, advance), assumed, deployed))
    if args.json:
        sys.stdout.write(orjson.dumps(document(bills, regions), option=orjson.OPT_INDENT_2).decode() + "\n")
    else:
        console = Console(width=None if sys.stdout.isatty() else WIDTH)
        Report(bills, regions[args.region]).show(console)


def _progress() -> Progress:
    return Progress(
        TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn(),
        console=Console(stderr=True), transient=True,
    )  # fmt: skip


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) > 0):
        raise argparse.ArgumentTypeError(f"{text} is no number of anybody; give 1 or more")
    return int(text)
