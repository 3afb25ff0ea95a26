"""Bulk files in S3, and in the fake of the tests: placed, put, opened, told."""

from __future__ import annotations

import gzip
import io
import re
from urllib.parse import parse_qs, urlsplit

import boto3
import pytest

from storage.bulk_files import MOST_UNFINISHED, NAME, PUT_S, RECENT_S, FileGone, S3BulkFiles, Summary
from storage.downloads import signing_client
from telemetry.problem import Unavailable
from tests.fakes import FakeBulkFiles

NOW = 1_795_492_800.25


class Bucket(S3BulkFiles):
    """With the sender's part: its PUT."""

    def put(self, fleet: str, name: str, body: bytes) -> None:
        self._s3.put_object(Bucket="data", Key=f"bulk/{fleet}/{name}/lines", Body=body)


class Fake(FakeBulkFiles):
    def put(self, fleet: str, name: str, body: bytes) -> None:
        self.lines[fleet, name] = body


@pytest.fixture(params=["s3", "fake"])
def files(request, aws):
    if request.param == "fake":
        return Fake()
    boto3.client("s3").create_bucket(Bucket="data")
    return Bucket(signing_client(), "data")


def test_a_file_is_waited_for_then_received_then_done(files) -> None:
    assert files.standing("demo", "bf_0000000000000000") is None
    place = files.place("demo", 7, NOW)
    assert re.match(NAME, place.name)
    assert place[2:] == ({"content-length": "7", "if-none-match": "*"}, 7, 1_795_493_700)
    assert files.standing("demo", place.name) == (False, None, None)
    assert files.standing("rival", place.name) is None
    files.put("demo", place.name, b"x" * 7)
    assert files.standing("demo", place.name).received
    stored = files.open(f"bulk/demo/{place.name}/lines")
    with stored.body as body:
        assert body.read() == b"x" * 7
    assert (stored.fleet, stored.name, stored.at) == ("demo", place.name, NOW)
    assert not files.finished(stored)
    summary = Summary(stored.etag, 3, 2, 1, None)
    files.finish(stored, summary, gzip.compress(b"{}"))
    assert files.finished(stored)
    standing = files.standing("demo", place.name)
    assert (standing.received, standing.summary) == (True, summary)
    assert place.name in standing.results


def test_another_file_at_the_same_place_is_not_told_of_yet(files) -> None:
    place = files.place("demo", 1, NOW)
    key = f"bulk/demo/{place.name}/lines"
    files.put("demo", place.name, b"a")
    stored = files.open(key)
    stored.body.close()
    files.finish(stored, Summary(stored.etag, 1, 1, 0, None), b"")
    files.put("demo", place.name, b"b")
    assert files.standing("demo", place.name) == (True, None, None)
    other = files.open(key)
    other.body.close()
    assert not files.finished(other)


def test_a_slow_invocation_of_the_file_before_hides_nothing(files) -> None:
    """Two are at work at a time: the older file's may end last."""
    place = files.place("demo", 1, NOW)
    key = f"bulk/demo/{place.name}/lines"
    opened = []
    for body in (b"a", b"b"):
        files.put("demo", place.name, body)
        opened.append(files.open(key))
        opened[-1].body.close()
    older, newer = opened
    told = Summary(newer.etag, 1, 0, 1, None)
    files.finish(newer, told, b"")
    files.finish(older, Summary(older.etag, 1, 1, 0, None), b"")
    assert files.standing("demo", place.name).summary == told
    assert files.finished(newer)
    assert files.finished(older)


def test_how_far_a_file_came_is_kept_for_that_file(files) -> None:
    place = files.place("demo", 1, NOW)
    key = f"bulk/demo/{place.name}/lines"
    files.put("demo", place.name, b"a")
    stored = files.open(key)
    stored.body.close()
    assert files.so_far(stored) is None
    for so_far in (b"one\n\xff", b"two"):
        files.keep(stored, so_far)
        assert files.so_far(stored) == so_far
    assert files.standing("demo", place.name) == (True, None, None)
    files.put("demo", place.name, b"b")
    other = files.open(key)
    other.body.close()
    assert files.so_far(other) is None


def places(files, at: float, fleet: str = "demo") -> list:
    """As many as the fleet gets."""
    found = []
    while place := files.place(fleet, 1, at):
        found.append(place)
    return found


def test_a_fleet_has_so_many_unfinished_files(files) -> None:
    first, second, *others = places(files, NOW)
    assert len(others) == MOST_UNFINISHED - 2
    assert len(places(files, NOW, "rival")) == MOST_UNFINISHED
    files.put("demo", first.name, b"a")
    files.put("demo", second.name, b"b")
    assert files.place("demo", 1, NOW + PUT_S - 1) is None
    later = NOW + PUT_S + 3  # nobody can put to the others any more
    assert len(places(files, later)) == MOST_UNFINISHED - 2
    stored = files.open(f"bulk/demo/{first.name}/lines")
    stored.body.close()
    files.keep(stored, b"half")
    assert files.place("demo", 1, later) is None
    files.finish(stored, Summary(stored.etag, 1, 1, 0, None), b"")
    assert len(places(files, later)) == 1
    # What is stuck does not stop the fleet for ever: the second one, which is not done yet.
    assert len(places(files, NOW + RECENT_S + PUT_S + 6)) == MOST_UNFINISHED


class Watched:
    """The client of a bucket, at whose writes of a list of places something else happens."""

    def __init__(self, s3, before=lambda: None, after=lambda: None) -> None:
        self._s3, self.before, self.after = s3, before, after

    def __getattr__(self, name: str):
        return getattr(self._s3, name)

    def put_object(self, **what):
        listed = what["Key"].endswith("/places")
        if listed:
            self.before()
        answer = self._s3.put_object(**what)
        if listed:
            self.after()
        return answer


@pytest.fixture
def bucket(aws):
    boto3.client("s3").create_bucket(Bucket="data")
    return Watched(signing_client())


@pytest.mark.parametrize("had", [0, MOST_UNFINISHED - 2, MOST_UNFINISHED - 1])
def test_of_two_who_ask_at_the_same_moment_none_is_one_too_many(bucket, had) -> None:
    files, rival, theirs = S3BulkFiles(bucket, "data"), S3BulkFiles(signing_client(), "data"), []
    for _ in range(had):
        assert rival.place("demo", 1, NOW)

    def between() -> None:
        bucket.before = lambda: None
        theirs.append(rival.place("demo", 1, NOW))

    bucket.before = between
    given = [it for it in [files.place("demo", 1, NOW), *theirs] if it]
    assert len(given) == min(2, MOST_UNFINISHED - had)
    assert len(places(files, NOW)) == MOST_UNFINISHED - had - len(given)


def test_a_place_whose_function_died_is_free_when_its_time_is_over(bucket) -> None:
    def die() -> None:
        raise TimeoutError

    files = S3BulkFiles(bucket, "data")
    bucket.after = die
    with pytest.raises(TimeoutError):
        files.place("demo", 1, NOW)
    bucket.after = lambda: None
    assert len(places(files, NOW + PUT_S - 1)) == MOST_UNFINISHED - 1
    assert len(places(files, NOW + PUT_S + 1)) == 1


def test_who_is_overtaken_each_time_is_told_to_ask_again(bucket, monkeypatch) -> None:
    monkeypatch.setattr("storage.aws.time.sleep", lambda _: None)
    others = S3BulkFiles(signing_client(), "data")
    bucket.before = lambda: others.place("demo", 1, NOW)
    with pytest.raises(Unavailable, match="repeat"):
        S3BulkFiles(bucket, "data").place("demo", 1, NOW)


def test_what_is_not_there_is_gone(files) -> None:
    place = files.place("demo", 1, NOW)
    with pytest.raises(FileGone):
        files.open(f"bulk/demo/{place.name}/lines")
    with pytest.raises(FileGone):
        files.open("bulk/demo/bf_0000000000000000/lines")


@pytest.mark.parametrize(
    ("region", "host"),
    [
        ("us-east-1", "data.s3.us-east-1.amazonaws.com"),
        ("cn-north-1", "data.s3.cn-north-1.amazonaws.com.cn"),
    ],
)
def test_the_address_is_the_region_s_and_the_size_is_signed(aws, monkeypatch, region, host) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", region)
    s3 = signing_client()
    for call in ("ListObjectsV2", "PutObject"):
        s3.meta.events.register(f"before-send.s3.{call}", lambda **_: _answer())
    place = S3BulkFiles(s3, "data").place("demo", 1234, NOW)
    url = urlsplit(place.url)
    asked = parse_qs(url.query)
    assert url.netloc == host
    assert url.path == f"/bulk/demo/{place.name}/lines"
    assert asked["X-Amz-Algorithm"] == ["AWS4-HMAC-SHA256"]
    assert asked["X-Amz-SignedHeaders"] == ["content-length;host;if-none-match"]
    assert asked["X-Amz-Expires"] == ["900"]


def _answer():
    from botocore.awsrequest import AWSResponse  # noqa: PLC0415

    class Raw(io.BytesIO):
        def stream(self, **_):
            return iter(())

    return AWSResponse("https://s3", 200, {}, Raw())
