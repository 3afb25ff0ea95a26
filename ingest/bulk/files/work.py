"""One file into the stream, a part at a time; then its results.

What is put and told depends on the file and on when its place was made alone: a second delivery, or
another invocation that is still at it, changes nothing.
"""

from __future__ import annotations

import gzip
import io
from collections.abc import Iterator
from dataclasses import dataclass

import orjson

from ingest.bulk.files.text import Broken, lines
from ingest.bulk.lines import Line, read_line
from ingest.bulk.results import results
from ingest.bulk.take import Taker
from storage.bulk_files import BulkFiles, Stored, Summary

PART_POINTS, PART_LINES, PART_BYTES = 100_000, 20_000, 16 * 1024 * 1024
"""A part ends with the line that reaches one of them; what is refused is held as it came, until then."""
MAX_POINTS = 20_000_000
DETAILS = 1_000_000  # refusals told one by one, a file


@dataclass(frozen=True, slots=True)
class Worker:
    files: BulkFiles
    taker: Taker

    def work(self, key: str) -> Summary | None:
        """Return when everything of the file is durable and told; None where it was before.

        Raises FileGone, NotKept, StreamRefused and the store's errors: then the message is to come again.
        """
        stored = self.files.open(key)
        with stored.body:
            return None if self.files.finished(stored) else self._take(stored)

    def _take(self, stored: Stored) -> Summary:
        told = Told()
        try:
            for part in parts(stored):
                self.taker.take(stored.fleet, part, round(stored.at * 1000))
                told.add(part)
        except Broken as broken:
            told.problem = f"Only the lines in the results were taken: {broken}."
        summary = Summary(stored.etag, told.lines, told.accepted, told.rejected, told.problem)
        self.files.finish(stored, summary, told.written())
        return summary


class Told:
    """The results so far: written, and summed up."""

    def __init__(self) -> None:
        self.lines = self.accepted = self.rejected = 0
        self.problem: str | None = None
        self._bytes = io.BytesIO()
        self._out = gzip.GzipFile(fileobj=self._bytes, mode="wb", compresslevel=5, mtime=0)

    def add(self, part: list[Line]) -> None:
        for result in results(part, DETAILS - self.rejected):
            self._out.write(orjson.dumps(result) + b"\n")
        self.lines += len(part)
        self.accepted += sum(len(line.pings) for line in part)
        self.rejected += sum(line.refusals for line in part)

    def written(self) -> bytes:
        self._out.close()
        return self._bytes.getvalue()


def parts(stored: Stored) -> Iterator[list[Line]]:
    """Raises Broken, after it gave all that is before the breach."""
    part: list[Line] = []
    points = size = total = 0
    broken: Broken | None = None
    try:
        for number, text in lines(stored.body):
            if total >= MAX_POINTS:
                broken = Broken(f"there are over {MAX_POINTS} pings or lines; put the rest into another file")
                break
            part.append(read_line(number, text, stored.at))
            points += part[-1].points
            size += len(text)
            total += part[-1].points or 1  # a line of which nothing can be taken is work, too
            if points >= PART_POINTS or len(part) >= PART_LINES or size >= PART_BYTES:
                yield part
                part, points, size = [], 0, 0
    except Broken as error:
        broken = error
    if part:
        yield part
    if broken:
        raise broken
