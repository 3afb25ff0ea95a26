"""`milepost redrive`: what was refused or given up, listed, shown, and sent into the stream again; and the
queues of what functions gave up (cli/redrive/queues).
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import orjson
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from cli.common import Failed, Mint
from cli.redrive.items import Item, Wanted, ahead, few, find, load, many
from cli.redrive.options import add_options, wanted_of
from cli.redrive.queues import command as queues
from cli.redrive.replay import Outcome, Replayer
from cli.redrive.show import lines, row, summary, table, whole
from cli.site import Site, reached, site_of
from storage.objects import NotKept, S3Quarantine
from storage.set_aside import S3SetAside, SetAside
from storage.stream import KinesisStream, StreamRefused
from telemetry.clock import now_s

__all__ = ["add_options", "run"]
QUEUE_COMMANDS = {"queues": queues.count, "look": queues.look, "resend": queues.resend}
ATTEMPTS = 12  # of PutRecords, as a shard refuses what is above its rate


def run(args: argparse.Namespace, _mint: Mint) -> int:
    """Raises Failed, NotRunning."""
    site = site_of(args)
    with reached(site), _progress() as progress:
        if in_queues := QUEUE_COMMANDS.get(args.command):
            return in_queues(args, site, progress)
        act = {"list": _list, "show": _show, "replay": _replay}[args.command]
        aside = S3SetAside(site.client("s3"), site.name("data-bucket"))
        return act(args, site, aside, progress)


def _list(args: argparse.Namespace, _site: Site, aside: SetAside, progress: Progress) -> int:
    rows = []
    for item in _items(aside, wanted_of(args), progress):
        if args.json:
            print(orjson.dumps(summary(item)).decode())
        else:
            rows.append(row(item))
    if not args.json:
        progress.stop()
        print(*(table(rows) if rows else ["Nothing waits."]), sep="\n")
    return 0


def _show(args: argparse.Namespace, _site: Site, aside: SetAside, progress: Progress) -> int:
    for item in _items(aside, wanted_of(args), progress):
        progress.stop()
        print(orjson.dumps(whole(item)).decode() if args.json else "\n".join(lines(item)))
    return 0


def _replay(args: argparse.Namespace, site: Site, aside: SetAside, progress: Progress) -> int:
    replayer = Replayer(
        aside,
        S3Quarantine(site.client("s3"), site.name("data-bucket")),
        KinesisStream(site.client("kinesis"), site.name("stream"), ATTEMPTS),
        now_s,
        dry=args.dry_run,
    )
    objects = records = stay = 0
    try:
        for outcome in ahead(replayer.replay, _items(aside, wanted_of(args), progress)):
            print(_told(outcome, dry=args.dry_run))
            objects += outcome.records > 0
            records += outcome.records
            stay += outcome.stays.total()
    except (StreamRefused, NotKept) as error:
        raise Failed(
            f"stopped after {many(objects, 'object')}: {error}. These are marked; run it again for the rest."
        ) from error
    progress.stop()
    would = "would be " * args.dry_run
    print(f"{many(records, 'record')} of {many(objects, 'object')} {would}replayed, {_staying(stay)}")
    return 0


def _items(aside: SetAside, wanted: Wanted, progress: Progress) -> Iterator[Item]:
    looking = progress.add_task("listing", total=None)
    found = find(aside, wanted, partial(progress.advance, looking))
    progress.remove_task(looking)
    reading = progress.add_task("objects", total=len(found))
    for item in ahead(partial(load, aside), found):
        progress.advance(reading)
        if item and wanted.fits(item):
            yield item


def _told(outcome: Outcome, *, dry: bool) -> str:
    item = outcome.item
    line = f"{item.id}  {item.kind:<10}  {few(item.owners) or '-'}  {many(outcome.records, 'record')}"
    line += " would be replayed" if dry else " replayed"
    stays = "; ".join(f"{count} x {reason}" for reason, count in outcome.stays.most_common(3))
    return f"{line}, {_staying(outcome.stays.total())}: {stays}" if stays else line


def _staying(count: int) -> str:
    return f"{count} stays" if count == 1 else f"{count} stay"


@contextmanager
def _progress() -> Iterator[Progress]:
    """On stderr, and only where somebody watches; results are on stdout, whoever reads it."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    console = Console(stderr=True)
    with Progress(
        *columns,
        console=console,
        transient=True,
        disable=not console.is_terminal,
        redirect_stdout=sys.stdout.isatty(),
    ) as progress:
        yield progress
