"""A bulk file in turns, whatever ends each, leaves what one undisturbed run of it leaves."""

from __future__ import annotations

import gzip
import json
from typing import Any
from unittest.mock import patch

from hypothesis import example, given
from hypothesis import strategies as st

from ingest.bulk.files import work
from ingest.bulk.files.work import Unfinished, Worker
from ingest.bulk.take import Taker
from storage.aggregation import take_apart
from storage.bulk_files import Summary
from storage.stream import Plain, StreamRefused
from telemetry.upload import Upload
from tests.fakes import FakeBulkFiles, FakeQuarantine

AT = 1_795_492_800.0
ENDS = ("stop", "refuse", "die in the stream", "die before it is kept", "go on")
"""What befalls a part. Dead: the invocation is gone, whatever it had done."""


class Dead(BaseException):
    """Nothing in the code under test may catch it."""


class Stream:
    def __init__(self) -> None:
        self.taken: set[tuple[str, int]] = set()
        self.trouble: str | None = None

    def put_plain(self, records: list[Plain]) -> None:
        for record in records:
            if self.trouble == "refuse":
                raise StreamRefused("full")
            for upload in map(Upload.from_bytes, take_apart(record.data)):
                self.taken |= {(upload.courier, ping.t_ms) for ping in upload.pings}
            if self.trouble == "die in the stream":
                raise Dead


class Files(FakeBulkFiles):
    dying = False

    def keep(self, *of: Any) -> None:
        if self.dying:
            raise Dead
        super().keep(*of)


class World:
    def __init__(self, body: bytes) -> None:
        self.files, self.stream, self.quarantine = Files(), Stream(), FakeQuarantine()
        self.name = self.files.place("demo", len(body), AT).name
        self.files.lines["demo", self.name] = body
        self.worker = Worker(self.files, Taker(self.stream, self.quarantine))

    def turn(self, ends: str) -> bool:
        """Whether the file is done."""
        self.stream.trouble, self.files.dying = ends, ends == "die before it is kept"
        try:
            came = self.worker.work(f"bulk/demo/{self.name}/lines", lambda: ends == "go on")
        except (Dead, StreamRefused):
            return False
        assert isinstance(came, Summary | Unfinished)
        return isinstance(came, Summary)

    def left(self) -> Any:
        ((summary, results),) = self.files.told.values()
        return summary, gzip.decompress(results), self.stream.taken, self.quarantine.kept


def row(courier: str, at: int) -> bytes:
    ping = {"t": AT - 60 + at, "lat": 31.2, "lon": 121.4}
    return json.dumps({"courier": courier, "pings": [ping, ping | {"lat": 91}][: 1 + at % 2]}).encode()


LINES = st.lists(
    st.one_of(
        st.builds(row, st.sampled_from(["mei", "li", "wang"]), st.integers(0, 50)),
        st.sampled_from([b"", b"  ", b"{", b'{"courier": "mei", "pings": []}', "\u6e2f".encode(), b"\xff"]),
    ),
    min_size=1,
    max_size=40,
)


@given(
    LINES,
    st.sampled_from([b"\n", b"\r\n"]),
    st.sampled_from([bytes, gzip.compress]),
    st.integers(0, 60),
    st.integers(1, 9),
    st.lists(st.sampled_from(ENDS), min_size=3, max_size=40),
)
@example(
    [row("mei", i) for i in range(9)], b"\n", gzip.compress, 20, 2, ["stop", "die before it is kept"] * 9
)
def test_turns_leave_what_one_run_leaves(lines, ending, pack, torn, part, ends) -> None:
    body = pack(ending.join(lines))
    body = body[: len(body) - torn] if pack is gzip.compress else body
    if not body:
        return
    with patch.object(work, "PART_LINES", part):
        once = World(body)
        assert once.turn("go on")
        parted = World(body)
        done = any(parted.turn(each) for each in ends)
        assert done or parted.turn("go on")
    assert parted.left() == once.left()
