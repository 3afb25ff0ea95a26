"""`milepost redrive queues`, `look` and `resend`: what functions gave up, counted, shown and done again."""

from __future__ import annotations

import argparse
from collections import Counter

import orjson
from rich.progress import Progress

from cli.redrive.queues.again import Stays
from cli.redrive.queues.forms import form_of, told
from cli.redrive.queues.known import QUEUES, Ends
from cli.redrive.show import iso
from cli.site import Site
from storage.dead_letters import DeadLetter
from storage.failures import passing

MOST = 1_000


def add_commands(
    commands: argparse._SubParsersAction[argparse.ArgumentParser],
) -> list[argparse.ArgumentParser]:
    counting = commands.add_parser("queues", help="what waits in each queue of failures")
    looking = commands.add_parser("look", help="the messages of one queue, left where they are")
    again = commands.add_parser("resend", help="do again what a queue's messages are about; says what, first")
    for one in (looking, again):
        one.add_argument("queue", choices=tuple(QUEUES), metavar="QUEUE", help="as `queues` shows it")
        one.add_argument(
            "--most", type=_count, default=MOST, metavar="N", help=f"messages; default: {MOST:,}"
        )
    looking.add_argument(
        "--json", action="store_true", help="JSON, one message a line, as it is in the queue"
    )
    again.add_argument("--yes", action="store_true", help="do it; without, say what would be done")
    return [counting, looking, again]


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text)):
        raise argparse.ArgumentTypeError(f"{text} is no number of messages; give 1 or more")
    return int(text)


def count(_args: argparse.Namespace, site: Site, _progress: Progress) -> int:
    ends = {stack: Ends.of(site, stack) for stack in {it.stack for it in QUEUES.values()}}
    for name, known in QUEUES.items():
        print(f"{name:<22} {ends[known.stack].left(name).count():>7}  {known.holds}")
    return 0


def look(args: argparse.Namespace, site: Site, progress: Progress) -> int:
    queue = Ends.of(site, QUEUES[args.queue].stack).left(args.queue)
    seen: list[DeadLetter] = []
    bar = progress.add_task("messages", total=None)
    try:
        for letter in queue.read(args.most):
            seen.append(letter)
            progress.advance(bar)
            if args.json:
                print(orjson.dumps({"id": letter.id, "at": letter.at, "body": letter.body}).decode())
            else:
                print(f"{iso(letter.at)}  {told(form_of(letter.body))}")
    finally:
        queue.give_back(seen)
    if not seen and not args.json:
        print("Nothing waits.")
    return 0


def resend(args: argparse.Namespace, site: Site, progress: Progress) -> int:
    known = QUEUES[args.queue]
    ends = Ends.of(site, known.stack, dry=not args.yes)
    queue, sender = ends.left(args.queue), known.sender(ends)
    left: list[DeadLetter] = []
    tally: Counter[str] = Counter()
    bar = progress.add_task("messages", total=min(queue.count(), args.most))
    try:
        for letter in queue.read(args.most):
            left.append(letter)
            form = form_of(letter.body)
            try:
                print(f"{told(form)} → {sender.send(form)}")
                tally["done"] += 1
                if args.yes:
                    queue.remove(left.pop())
            except Stays as stays:
                print(f"{told(form)} stays: {stays}")
                tally["stay"] += 1
            except Exception as error:
                if passing(error):
                    raise
                print(f"{told(form)} stays: it failed again, {error!r}")  # as it did where it was given up
                tally["stay"] += 1
            progress.advance(bar)
    finally:
        queue.give_back(left)
    progress.stop()
    told_all = f"{tally['done']} done again, {tally['stay']} stay"
    print(told_all if args.yes else f"Nothing was done. With --yes: {told_all}")
    return 0
