"""A bulk file: every line into the stream in as many turns as it takes, the results told, and the same again
after any delivery.
"""

from __future__ import annotations

import gzip
import io
import json
from types import SimpleNamespace

import pytest

from ingest.bulk.files import handler, text, work
from ingest.bulk.files.message import keys
from ingest.bulk.files.text import START, At, Broken, lines
from ingest.bulk.files.wiring import Wiring
from ingest.bulk.files.work import Unfinished, Worker
from ingest.bulk.take import Taker
from storage.aggregation import take_apart
from storage.bulk_files import Summary
from storage.stream import StreamRefused
from telemetry.clock import now_s
from telemetry.upload import Upload
from tests.events import CONTEXT
from tests.fakes import FakeBulkFiles, FakeQuarantine, FakeStream
from tests.fakes_payouts import FakeLater

AT = now_s() - 3600
ALWAYS = lambda: True  # noqa: E731
NEVER = lambda: False  # noqa: E731


@pytest.fixture
def world(monkeypatch):
    files, stream, quarantine, queue = FakeBulkFiles(), FakeStream(), FakeQuarantine(), FakeLater()
    worker = Worker(files, Taker(stream, quarantine))
    monkeypatch.setattr(handler, "wire", lambda: Wiring(worker, queue, 120.0))
    return SimpleNamespace(files=files, stream=stream, quarantine=quarantine, worker=worker, queue=queue)


def row(courier="mei", t=AT, **more) -> bytes:
    return json.dumps({"courier": courier, "pings": [{"t": t, "lat": 31.2, "lon": 121.4} | more]}).encode()


def put(world, body: bytes) -> str:
    """The key of a file whose place was made at AT."""
    name = world.files.place("demo", len(body), AT).name
    world.files.lines["demo", name] = body
    return f"bulk/demo/{name}/lines"


def results(world, key):
    summary, told = world.files.told[*key.split("/")[1:3], world.files.open(key).etag]
    return summary, [json.loads(line) for line in gzip.decompress(told).splitlines()]


def taken(world):
    return sorted(
        (u.key, u.received_ms, u.pings[0].t_ms)
        for r in world.stream.records
        for u in map(Upload.from_bytes, take_apart(r.data))
    )


def event(*bodies: str):
    return {"Records": [{"messageId": f"m-{i}", "body": body} for i, body in enumerate(bodies)]}


def told_of(key: str) -> str:
    return json.dumps({"Records": [{"s3": {"bucket": {"name": "b"}, "object": {"key": key}}}]})


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
@pytest.mark.parametrize("per_part", [1, 2, 100_000])
def test_every_line_is_taken_and_told(world, monkeypatch, pack, per_part) -> None:
    monkeypatch.setattr(work, "PART_POINTS", per_part)
    key = put(world, pack(b"\n".join([row("mei"), b"", b"{", row("li", lat=91), row("wang")])))
    world.worker.work(key, ALWAYS)
    summary, told = results(world, key)
    assert (summary.lines, summary.accepted, summary.rejected, summary.problem) == (4, 2, 2, None)
    assert [(it["line"], it["accepted"], len(it["rejected"])) for it in told] == [
        (1, 1, 0),
        (3, 0, 1),
        (4, 0, 1),
        (5, 1, 0),
    ]
    at_ms = round(AT * 1000)
    assert taken(world) == [("demo/mei", at_ms, at_ms), ("demo/wang", at_ms, at_ms)]
    assert len(world.quarantine.kept) == 2


def test_pings_are_checked_against_the_time_at_which_the_place_was_made(world) -> None:
    key = put(world, row(t=AT + 200) + b"\n" + row(t=AT + 900))
    summary = world.worker.work(key, ALWAYS)
    assert (summary.accepted, summary.rejected) == (1, 1)


def test_a_second_delivery_does_nothing_and_a_torn_one_is_done_again(world) -> None:
    key = put(world, b"\n".join(row(f"c-{i}") for i in range(50)) + b"\n{")
    world.stream.error = StreamRefused("throttled")
    assert handler.handler(event(told_of(key)), CONTEXT) == {"batchItemFailures": [{"itemIdentifier": "m-0"}]}
    assert world.files.told == {}
    world.stream.error = None
    assert handler.handler(event(told_of(key)), CONTEXT) == {"batchItemFailures": []}
    first, told, kept = taken(world), results(world, key), dict(world.quarantine.kept)
    assert len(first) == 50
    assert handler.handler(event(told_of(key)), CONTEXT) == {"batchItemFailures": []}
    assert taken(world) == first
    world.files.told.clear()  # as if it had ended just before
    world.stream.records.clear()
    world.worker.work(key, ALWAYS)
    assert (taken(world), results(world, key), world.quarantine.kept) == (first, told, kept)


def test_another_file_put_to_the_same_place_is_taken_too(world) -> None:
    key = put(world, row("mei"))
    world.worker.work(key, ALWAYS)
    world.files.lines[tuple(key.split("/")[1:3])] = row("liu")
    assert world.files.standing(*key.split("/")[1:3]).summary is None
    world.worker.work(key, ALWAYS)
    assert {courier for courier, *_ in taken(world)} == {"demo/mei", "demo/liu"}


def turns(world, key, more=NEVER, most=1000) -> int:
    """Work until the file is done, a new invocation each time; how many there were."""
    for n in range(1, most):
        came = Worker(world.files, Taker(world.stream, world.quarantine)).work(key, more)
        if isinstance(came, Summary):
            return n
        assert isinstance(came, Unfinished)
    raise AssertionError("it never ends")


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
@pytest.mark.parametrize("torn", [False, True])
def test_turns_leave_what_one_run_leaves(world, monkeypatch, pack, torn) -> None:
    """Of a file that is whole, and of one that breaks off."""
    monkeypatch.setattr(work, "PART_LINES", 7)
    body = pack(
        b"\n".join([*[row(f"c-{i}") + b"\n" for i in range(40)], b"{", row("li", lat=91), row("wang")])
    )
    if torn:
        body = body[:-40] if pack is gzip.compress else body + b"\n" + b"x" * 1_000_002
    whole, parted = put(world, body), put(world, body)
    world.worker.work(whole, ALWAYS)
    once, kept = taken(world), dict(world.quarantine.kept)
    world.stream.records.clear()
    world.quarantine.kept.clear()
    assert turns(world, parted) > 3
    assert (taken(world), world.quarantine.kept) == (once, kept)
    assert results(world, parted)[1] == results(world, whole)[1]
    assert results(world, parted)[0] == results(world, whole)[0]
    assert bool(results(world, parted)[0].problem) == torn


def test_a_turn_reads_on_where_the_last_one_was_durable(world, monkeypatch) -> None:
    """Where an invocation dies, what is kept lags and never leads: a line comes twice, none is left out."""
    monkeypatch.setattr(work, "PART_LINES", 10)
    key = put(world, b"\n".join(row(f"c-{i:02}") for i in range(35)))
    more = iter([True, False])
    assert world.worker.work(key, lambda: next(more)) == Unfinished(20)
    assert len(taken(world)) == 20

    keep, world.files.keep = world.files.keep, None  # it dies before anything is kept
    more = iter([False])
    with pytest.raises(TypeError):
        world.worker.work(key, lambda: next(more))
    world.files.keep = keep
    assert len(taken(world)) == 30
    assert isinstance(world.worker.work(key, ALWAYS), Summary)
    sent = [courier for courier, *_ in taken(world)]
    assert sorted(set(sent)) == [f"demo/c-{i:02}" for i in range(35)]
    assert len(sent) == 45  # the ten of the torn turn twice
    assert [it["line"] for it in results(world, key)[1]] == [*range(1, 36)]


def test_what_the_stream_refuses_on_the_way_ends_the_turn_and_at_its_start_fails_it(
    world, monkeypatch
) -> None:
    monkeypatch.setattr(work, "PART_LINES", 10)
    key = put(world, b"\n".join(row(f"c-{i:02}") for i in range(35)))
    put_plain, calls = world.stream.put_plain, iter([None, None, "full", "full", *[None] * 9])

    def sometimes(records):
        if next(calls):
            raise StreamRefused("throttled")
        put_plain(records)

    world.stream.put_plain = sometimes
    assert handler.handler(event(told_of(key)), CONTEXT) == {"batchItemFailures": []}
    (again,) = world.queue.sent
    assert keys(json.dumps(again)) == [key]
    failed = {"batchItemFailures": [{"itemIdentifier": "m-0"}]}
    assert (
        handler.handler(event(json.dumps(again)), CONTEXT) == failed
    )  # no further: counted, and later again
    assert len(world.queue.sent) == 1
    assert handler.handler(event(json.dumps(again)), CONTEXT) == {"batchItemFailures": []}
    assert [courier for courier, *_ in taken(world)] == [f"demo/c-{i:02}" for i in range(35)]


def test_a_message_that_cannot_be_sent_on_comes_again_itself(world, monkeypatch) -> None:
    monkeypatch.setattr(work, "PART_LINES", 10)
    monkeypatch.setattr(handler, "turn", lambda *_: NEVER)
    key = put(world, b"\n".join(row(f"c-{i:02}") for i in range(15)))
    world.queue.send = None
    failed = {"batchItemFailures": [{"itemIdentifier": "m-0"}]}
    answers = [handler.handler(event(told_of(key)), CONTEXT) for _ in range(3)]
    assert answers == [failed, failed, {"batchItemFailures": []}]  # ten lines, five, and the end
    assert len(taken(world)) == 15


@pytest.mark.parametrize(
    ("left_ms", "parts"),
    [
        ([300_000, 200_000, 181_000, 179_000], 3),
        ([200_000, 160_000, 151_000, 149_000], 3),
        ([100_000, 99_000], 1),
    ],
)
def test_a_turn_ends_with_its_time_and_well_before_the_function_s(left_ms, parts) -> None:
    left = iter(left_ms)
    more = handler.turn(SimpleNamespace(get_remaining_time_in_millis=lambda: next(left)), 120.0)
    assert 1 + sum(1 for _ in iter(more, False)) == parts


def test_lines_go_on_behind_any_line() -> None:
    body = b"a\n\nbb\n" + b"c" * 9 + b"\n\n\nd"
    for packed in (body, gzip.compress(body)):
        whole = list(lines(io.BytesIO(packed)))
        assert [(at.line, line) for at, line in whole] == [(1, b"a"), (3, b"bb"), (4, b"c" * 9), (7, b"d")]
        for i, (at, _) in enumerate(whole):
            assert list(lines(io.BytesIO(packed), at)) == whole[i + 1 :]
    assert whole[2][0] == At(4, 16)


BROKEN = [
    (gzip.compress(row() + b"\n" + bytes(range(256)) * 4000)[:-600], "the gzip is broken"),
    (row() + b"\n" + b"x" * 1_000_002, "line 2 has over 1000000 bytes"),
    (row() + b"\n" + gzip.compress(b"x"), None),
]


@pytest.mark.parametrize(("body", "words"), BROKEN, ids=["torn gzip", "no lines", "binary"])
def test_what_cannot_be_read_on_says_where_and_what_came_before_stays(world, body, words) -> None:
    key = put(world, body)
    summary = world.worker.work(key, ALWAYS)
    assert summary.accepted == 1
    assert (words in summary.problem) if words else (summary.problem is None and summary.rejected >= 1)


def test_too_much_text_and_too_many_pings_end_a_file(world, monkeypatch) -> None:
    with pytest.raises(Broken, match="ends beyond 100 bytes"):
        list(lines(io.BytesIO(gzip.compress(b"x\n" * 60)), START, 100))
    monkeypatch.setattr(work, "MAX_POINTS", 3)
    summary = world.worker.work(put(world, b"\n".join([row()] * 5)), ALWAYS)
    assert (summary.lines, summary.accepted) == (3, 3)
    assert "over 3 pings" in summary.problem


def test_long_lines_that_are_refused_are_not_all_held_at_once(world) -> None:
    """A wrong name in each of many long lines: what is refused is kept whole, a part at a time."""
    long = row("Mei", note="x" * 900_000)
    stored = world.files.open(put(world, gzip.compress(b"\n".join([long] * 60), 1)))
    held = [sum(len(line.wrong.original) for line in part.lines) for part in work.parts(stored)]
    assert sum(held) == 60 * len(long)
    assert max(held) < work.PART_BYTES + len(long)


def test_lines_without_a_ping_end_a_file_too(world, monkeypatch) -> None:
    monkeypatch.setattr(work, "MAX_POINTS", 3)
    summary = world.worker.work(put(world, b"{}\n" * 5), ALWAYS)
    assert (summary.lines, summary.rejected) == (3, 3)


def test_empty_lines_end_a_file_too(world, monkeypatch) -> None:
    monkeypatch.setattr(text, "MAX_LINES", 3)
    summary = world.worker.work(put(world, row() + b"\n" * 4), ALWAYS)
    assert (summary.lines, summary.accepted) == (1, 1)
    assert "over 3 lines" in summary.problem


def test_several_gzip_members_are_one_text() -> None:
    body = gzip.compress(b"a\nb") + gzip.compress(b"c\nd\n")
    assert [line for _, line in lines(io.BytesIO(body))] == [b"a", b"bc", b"d"]


def test_messages_that_are_no_file_s() -> None:
    assert keys(json.dumps({"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "b"})) == []
    assert keys(told_of("bulk/demo/bf_1%2B+x/lines")) == ["bulk/demo/bf_1+ x/lines"]
    for wrong in ("{", "[]", '{"Records": [{}]}', "7"):
        with pytest.raises(ValueError, match=r"not a message|char"):
            keys(wrong)


def test_one_message_s_trouble_is_not_its_neighbours(world) -> None:
    good, gone = put(world, row()), "bulk/demo/bf_0000000000000000/lines"
    said = handler.handler(event("{", told_of(gone), told_of(good)), CONTEXT)
    assert said == {"batchItemFailures": [{"itemIdentifier": "m-0"}]}
    assert len(taken(world)) == 1
