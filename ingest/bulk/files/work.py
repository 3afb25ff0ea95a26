"""One file into the stream, a part at a time, in as many turns as it takes; then its results.

What is put and told depends on the file and on when its place was made alone: a second delivery, or
another invocation that is still at it, changes nothing. How far it came is kept once that is durable: it may
lag, which repeats some pings, and never lead.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from ingest.bulk.files.text import START, At, Broken, lines
from ingest.bulk.files.told import Told
from ingest.bulk.lines import Line, read_line
from ingest.bulk.take import Taker
from storage.bulk_files import BulkFiles, Stored, Summary
from storage.objects import NotKept
from storage.stream import StreamRefused

PART_POINTS, PART_LINES, PART_BYTES = 100_000, 20_000, 16 * 1024 * 1024
"""A part ends with the line that reaches one of them; what is refused is held as it came, until then."""
MAX_POINTS = 20_000_000


class Unfinished(NamedTuple):
    """The turn has ended before the file. trouble: what ended it, if not the time."""

    lines: int
    trouble: str | None = None


@dataclass(frozen=True, slots=True)
class Worker:
    files: BulkFiles
    taker: Taker

    def work(self, key: str, more: Callable[[], bool]) -> Summary | Unfinished | None:
        """Go on with the file while there is `more` time, a part at least; None where it was done before.

        Returns once what was taken is durable and kept as such. Raises FileGone; NotKept, StreamRefused and
        the store's errors where it came no further: then the message is to come again.
        """
        stored = self.files.open(key)
        with stored.body:
            return None if self.files.finished(stored) else self._take(stored, more)

    def _take(self, stored: Stored, more: Callable[[], bool]) -> Summary | Unfinished:
        told = Told.since(self.files.so_far(stored))
        began, problem = told.at, None
        try:
            for part in parts(stored, told.at, told.points):
                self.taker.take(stored.fleet, part.lines, round(stored.at * 1000))
                told.add(*part)
                if not more():
                    return self._later(stored, told)
        except (NotKept, StreamRefused) as trouble:
            if told.at == began:
                raise
            return self._later(stored, told, str(trouble))
        except Broken as broken:
            problem = f"Only the lines in the results were taken: {broken}."
        summary = Summary(stored.etag, told.lines, told.accepted, told.rejected, problem)
        self.files.finish(stored, summary, told.written())
        return summary

    def _later(self, stored: Stored, told: Told, trouble: str | None = None) -> Unfinished:
        self.files.keep(stored, told.kept())
        return Unfinished(told.lines, trouble)


class Part(NamedTuple):
    """Some lines of a file. at, points: behind the last of them."""

    lines: list[Line]
    at: At
    points: int


def parts(stored: Stored, since: At = START, points: int = 0) -> Iterator[Part]:
    """The file's parts behind `since`, where a part ended, and so many points.

    Raises Broken, after it gave all that is before the breach.
    """
    some: list[Line] = []
    held = size = 0
    at, broken = since, None
    try:
        for end, text in lines(stored.body, since):
            if points >= MAX_POINTS:
                broken = Broken(f"there are over {MAX_POINTS} pings or lines; put the rest into another file")
                break
            line, at = read_line(end.line, text, stored.at), end
            some.append(line)
            held += line.points
            size += len(text)
            points += line.points or 1  # a line of which nothing can be taken is work, too
            if held >= PART_POINTS or len(some) >= PART_LINES or size >= PART_BYTES:
                yield Part(some, at, points)
                some, held, size = [], 0, 0
    except Broken as error:
        broken = error
    if some:
        yield Part(some, at, points)
    if broken:
        raise broken
