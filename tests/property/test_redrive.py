"""Set aside and replayed: bytes survive, and a replay, twice or torn, ends where a clean run ends."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import orjson
from hypothesis import example, given
from hypothesis import strategies as st

from cli.redrive.again import again
from cli.redrive.items import Wanted, find, load
from cli.redrive.replay import Replayer
from ingest import own
from ingest.receive.formats import APPS
from ingest.sent import Sent
from processors.quarantine.copy import Copier
from processors.track.aside import Aside
from storage import failed, objects
from storage.failed import Failed, StreamRecord
from storage.objects import Quarantined, Rejected
from storage.stream import Plain, StreamRefused
from telemetry.upload import Upload
from tests.fakes import FakeStream
from tests.fakes_redrive import BATCH, FakeBucket, FakeShards
from tests.kinesis import record
from tests.property.test_track import Stack, scattered, upload
from tests.strategies import T0_MS, json_values

rejected = st.builds(
    Rejected,
    original=st.binary(max_size=40) | st.text(max_size=20).map(str.encode),
    source=st.sampled_from(
        [
            "stream",
            "own/app",
            "overland/dv_1",
            "overland-body/dv_1",
            "traccar/dv_1",
            "owntracks/dv_1",
            "ping/a/b",
            "else",
        ]
    ),
    field=st.text(max_size=4),
    reason=st.text(max_size=8),
    received_ms=st.none() | st.integers(0, 2**50),
)
stream_records = st.builds(
    StreamRecord,
    sequence=st.integers(0, 2**186).map(str),
    key=st.text(min_size=1, max_size=10),
    arrived_ms=st.integers(0, 2**50),
    data=st.binary(max_size=40),
)


@given(st.lists(rejected, max_size=5), st.integers(0, 2**50))
def test_what_is_in_quarantine_is_read_as_it_was_written(entries, kept_ms) -> None:
    held = Quarantined("demo/wang", entries)
    assert objects.from_object(objects.to_object(held, kept_ms)) == held


@given(st.lists(stream_records, max_size=5))
def test_failed_records_are_read_as_they_were_written(records) -> None:
    assert failed.from_object(failed.to_object(Failed(BATCH, records))) == Failed(BATCH, records)


@given(st.lists(rejected, max_size=6))
@example([Rejected(b"\t0", "own/app", "t", "is missing", T0_MS)])
def test_whatever_is_set_aside_is_taken_or_stays_under_its_hash(entries) -> None:
    found = again("demo/wang", entries)
    assert {one.hash for one in found.left} <= {one.hash for one in entries}
    for plain in found.records:
        assert Upload.from_bytes(plain.data).pings


@given(st.lists(json_values, min_size=1, max_size=4))
def test_what_a_format_refuses_today_it_refuses_again(raws) -> None:
    """The code has not changed: nothing may be taken, and nothing may change its hash."""
    now = T0_MS / 1000
    apps = [APPS[name].read(Sent(orjson.dumps({"locations": raws, "location": raws})), now) for name in APPS]
    for reading in (own.read({"pings": raws}, now)[1], *apps):
        entries = [
            Rejected(r.original, f"{reading.form}/app", r.field, r.reason, T0_MS) for r in reading.refused
        ]
        found = again("demo/wang", entries)
        assert found.records == []
        assert Counter(found.left) == Counter(entries)


class Torn(FakeStream):
    """Takes some of the records and refuses the rest, as often as `cuts` says."""

    def __init__(self, cuts: list[int]) -> None:
        super().__init__()
        self.cuts = cuts

    def put_plain(self, records) -> None:
        if self.cuts:
            self.records += records[: self.cuts.pop()]
            raise StreamRefused("throttled")
        super().put_plain(records)


@given(
    st.lists(st.lists(scattered, min_size=1, max_size=8), min_size=2, max_size=8),
    st.lists(st.integers(0, 3), max_size=3),
    st.integers(0, 2),
    st.data(),
)
def test_a_replay_twice_or_torn_ends_as_a_clean_run(groups, cuts, marks_that_fail, data) -> None:
    """Some uploads were processed, some given up, some refused; the range that is copied holds them all."""
    uploads = [upload(*group) for group in groups]
    clean, stack, bucket = Stack(), Stack(), FakeBucket()
    records = [StreamRecord(str(100 + i), u.key, 0, u.to_bytes()) for i, u in enumerate(uploads)]
    clean.tracker.track([record(r.data, int(r.sequence)) for r in records])
    tracker = replace(stack.tracker, aside=Aside(bucket))
    fates = [data.draw(st.sampled_from(["processed", "given up", "refused"])) for _ in uploads]
    for one, fate in zip(records, fates, strict=True):
        if fate == "processed":
            tracker.track([record(one.data, int(one.sequence))])
        if fate == "refused":
            bucket.keep("demo/wang", [Rejected(one.data, "stream", "data", "a bug that has been fixed")])
    if "given up" in fates:
        copier = Copier(FakeShards(*records), bucket, stack.tracker.log)
        for _ in range(2):
            copier.copy(replace(BATCH, end=str(99 + len(records))))
    stream = Torn(cuts)
    replayer = Replayer(bucket, bucket, stream, lambda: 0.0)

    def redrive(*, everything: bool = False) -> int:
        """As the command does; objects sent. everything: what is marked as well."""
        held = [h for prefix in ("quarantine/", "failed/") for h in bucket.list(prefix)]
        found = held if everything else find(bucket, Wanted(), lambda: None)
        sent = [replayer.replay(load(bucket, one)).records for one in found]
        return sum(count > 0 for count in sent)

    for _ in range(len(cuts) + marks_that_fail + 1):
        bucket.error = OSError("down") if marks_that_fail and not stream.cuts else None
        marks_that_fail -= bucket.error is not None
        try:
            redrive()
        except (StreamRefused, OSError):
            continue
    bucket.error = None
    redrive()
    tracker.track([record(r.data, i) for i, r in enumerate(stream.records, 900)])
    assert stack.stored() == clean.stored()
    losers = {r.hash for _, r in clean.quarantine.kept.values()}
    refused = {
        Rejected(r.data, "stream", "data", "").hash
        for r, fate in zip(records, fates, strict=True)
        if fate == "refused"
    }
    assert {name for _, name in bucket.quarantined()} == losers | refused

    # All is marked, but for pings that lost by rule, which stay where they are.
    assert redrive() == 0
    before = (dict(stack.live.items), stack.history.writes, bucket.quarantined())
    stream.records.clear()
    redrive(everything=True)
    tracker.track([record(r.data, i) for i, r in enumerate(stream.records, 2000)])
    assert (stack.live.items, stack.history.writes, bucket.quarantined()) == before


def test_the_records_go_back_under_their_partition_keys() -> None:
    bucket, stream = FakeBucket(), FakeStream()
    bucket.keep(BATCH, [StreamRecord("100", "demo/wang", 0, b"\x09bytes"), StreamRecord("101", "x", 0, b"")])
    (held,) = bucket.list("failed/")
    assert Replayer(bucket, bucket, stream, lambda: 0.0).replay(load(bucket, held)).records == 2
    assert stream.records == [Plain("demo/wang", b"\x09bytes"), Plain("x", b"")]
