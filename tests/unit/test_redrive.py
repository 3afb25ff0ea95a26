"""`milepost redrive` on a bucket in memory: what it lists, shows and replays, and what it says."""

from __future__ import annotations

import argparse
import base64
import json
from dataclasses import replace

import pytest

from cli import site
from cli.common import Failed
from cli.main import main
from cli.redrive import command, options
from cli.redrive.again import again
from cli.redrive.items import ID_LETTERS, Wanted, ahead, find, id_of, load
from cli.redrive.replay import Replayer
from cli.redrive.show import decoded
from storage.failed import StreamRecord
from storage.objects import Rejected
from storage.stream import Plain, StreamRefused
from telemetry.history import CONFLICT
from telemetry.ping import Ping
from telemetry.upload import Upload
from tests.contract.test_stream import aggregate
from tests.fakes import FakeStream
from tests.fakes_redrive import BATCH, FakeBucket, own
from tests.strategies import T0_MS

PINGS = (Ping(T0_MS - 10_000, 31_230_416, 121_473_701), Ping(T0_MS, 31_230_420, 121_473_711))
UPLOAD = Upload("demo", "wang", "dv_1", T0_MS, PINGS)
RECORDS = (
    StreamRecord("100", UPLOAD.key, T0_MS, UPLOAD.to_bytes()),
    StreamRecord("105", "demo/li", T0_MS, b"?"),
)
GOOD = b'{"t":1795492790,"lat":31.230416,"lon":121.473701,"accuracy_m":7}'
BAD = b'{"t":1795492790,"lat":91,"lon":121.473701}'
POISON = Rejected(b"\x09\xff", "stream", "data", "upload has format 09 (record 7)")


class Site(site.Site):
    def client(self, service):
        return service

    def name(self, what):
        return what


@pytest.fixture
def world(monkeypatch):
    """The command with a bucket and a stream in memory."""
    bucket, stream = FakeBucket(), FakeStream()
    monkeypatch.setattr(command, "site_of", lambda args: Site("dev", "here"))
    monkeypatch.setattr(command, "S3SetAside", lambda *_: bucket)
    monkeypatch.setattr(command, "S3Quarantine", lambda *_: bucket)
    monkeypatch.setattr(command, "KinesisStream", lambda *_: stream)
    return bucket, stream


@pytest.fixture
def filled(world):
    bucket, stream = world
    bucket.keep("demo/wang", [own(GOOD), own(BAD, "91 is outside -90 to 90 degrees")])
    bucket.keep("other/li", [own(BAD, "91 is outside -90 to 90 degrees")])
    bucket.keep("stream", [POISON])
    bucket.keep(BATCH, RECORDS)
    bucket.lose(replace(BATCH, start="1", end="2", size=9))
    return bucket, stream


def run(capsys, *argv: str) -> list[str]:
    assert main(["redrive", *argv]) == 0
    return capsys.readouterr().out.splitlines()


def listed(capsys, *argv: str) -> list[dict]:
    return [json.loads(line) for line in run(capsys, "list", "--json", *argv)]


def test_the_list_has_a_line_for_each_object_oldest_first(filled, capsys) -> None:
    head, *rows = run(capsys, "list")
    assert head.split() == ["when", "kind", "owner", "source", "count", "id", "reason"]
    told = [row.split(maxsplit=5) for row in rows]
    assert [row[1] for row in told] == ["quarantine", "quarantine", "quarantine", "failed", "lost"]
    assert told[0][2:5] == ["demo/wang", "own/app", "2"]
    assert rows[3].split()[2:6] == ["demo/li", "+1", BATCH.shard, "2"]
    assert rows[4].split()[4] == "9"
    assert rows[4].endswith("expired in the stream before it was copied, after RetryAttemptsExhausted")
    assert rows[0].endswith("+1")  # reasons


@pytest.mark.parametrize(
    ("argv", "count"),
    [
        ((), 5),
        (("--kind", "quarantine"), 3),
        (("--kind", "lost"), 1),
        (("--fleet", "demo"), 2),
        (("--fleet", "dem"), 0),
        (("--reason", "OUTSIDE"), 2),
        (("--reason", "Retry", "--kind", "failed"), 1),
        (("--since", "2026-11-24T04:00:05"), 3),
        (("--since", "2100-01-01"), 0),
    ],
)
def test_filters(filled, capsys, argv, count) -> None:
    assert len(listed(capsys, *argv)) == count


def test_nothing_waits(world, capsys) -> None:
    assert run(capsys, "list") == ["Nothing waits."]
    assert run(capsys, "replay", "--all") == ["0 records of 0 objects replayed, 0 stay"]


def test_json_tells_the_same(filled, capsys) -> None:
    first = listed(capsys)[0]
    assert first["owners"] == ["demo/wang"]
    assert (first["kind"], first["source"], first["count"], first["replayed"]) == (
        "quarantine",
        "own/app",
        2,
        False,
    )
    assert first["key"].startswith("quarantine/demo/wang/")
    assert len(first["id"]) == ID_LETTERS


def test_show_gives_the_bytes_and_what_they_say(filled, capsys) -> None:
    failed_one = next(one for one in listed(capsys) if one["kind"] == "failed")
    (line,) = run(capsys, "show", failed_one["id"][:6], "--json")
    first, second = json.loads(line)["records"]
    assert base64.b64decode(first["base64"]) == UPLOAD.to_bytes()
    (upload,) = first["decoded"]
    assert (upload["courier"], upload["device"], len(upload["pings"])) == ("wang", "dv_1", 2)
    assert (second["sequence"], second["partition_key"], second["base64"]) == ("105", "demo/li", "Pw==")
    assert second["decoded"] == "upload has format 3f, this code reads 01 and 02"
    said = "\n".join(run(capsys, "show", listed(capsys, "--fleet", "demo")[0]["id"]))
    for words in (GOOD.decode(), "91 is outside", "2026-11-24T04:00:00Z", base64.b64encode(BAD).decode()):
        assert words in said


@pytest.mark.parametrize("name", ["zz", "", "123456789abcdef"])
def test_an_id_of_nobody_or_of_several_is_refused(filled, capsys, name) -> None:
    assert main(["redrive", "show", name]) == 1
    assert "`milepost redrive list` shows them" in capsys.readouterr().err


def test_replay_takes_what_can_be_taken_and_says_why_the_rest_stays(filled, capsys) -> None:
    _, stream = filled
    *told, last = run(capsys, "replay", "--all")
    assert last == "3 records of 2 objects replayed, 12 stay"
    assert "1 record replayed, 1 stays: 1 x 91.0 is outside -90 to 90 degrees" in told[0]
    assert "0 records replayed, 1 stays: 1 x upload has format 09, this code reads 01 and 02" in told[2]
    assert "9 x expired in the stream" in told[4]
    # Nothing needs an order between couriers.
    assert sorted(record.key for record in stream.records) == ["demo/li", "demo/wang", "demo/wang"]
    of_wang = [Upload.from_bytes(record.data).pings for record in stream.records if record.key == "demo/wang"]
    (ping,) = min(of_wang, key=len)
    assert (ping.lat_e6, ping.accuracy_dm) == (31_230_416, 70)
    # What stays of a part-replayed object is an object of its own; what was replayed waits no longer.
    assert [one["count"] for one in listed(capsys)] == [1, 1, 9, 1]
    assert run(capsys, "replay", "--all")[-1] == "0 records of 0 objects replayed, 12 stay"
    assert len(stream.records) == 3


def test_an_id_is_replayed_again_on_request(filled, capsys) -> None:
    _, stream = filled
    name = listed(capsys, "--kind", "failed")[0]["id"]
    for _ in range(2):
        assert run(capsys, "replay", name)[-1] == "2 records of 1 object replayed, 0 stay"
    assert len(stream.records) == 4
    assert listed(capsys, "--kind", "failed") == []


def test_a_dry_run_does_nothing(filled, capsys) -> None:
    bucket, stream = filled
    before = dict(bucket.objects)
    assert (
        run(capsys, "replay", "--all", "--dry-run")[-1] == "3 records of 2 objects would be replayed, 12 stay"
    )
    assert (bucket.objects, bucket.marks, stream.records) == (before, {}, [])


def test_a_stream_that_refuses_ends_the_replay_with_a_sentence(filled, capsys) -> None:
    bucket, stream = filled
    stream.error = StreamRefused("throttled")
    assert main(["redrive", "replay", "--all"]) == 1
    assert "throttled. These are marked; run it again for the rest." in capsys.readouterr().err
    assert bucket.marks == {}
    stream.error = None
    assert run(capsys, "replay", "--all")[-1] == "3 records of 2 objects replayed, 12 stay"


def test_what_is_refused_again_before_the_mark_is_open_again(world) -> None:
    """The processor may be faster than the command: the mark is of what was read, not of what is there."""
    bucket, _ = world
    entry = Rejected(UPLOAD.to_bytes(), "stream", "data", "ValueError()")
    bucket.keep(UPLOAD.key, [entry])

    class Processed(FakeStream):
        def put_plain(self, records) -> None:
            bucket.keep(UPLOAD.key, [entry])

    (held,) = bucket.list("quarantine/")
    assert Replayer(bucket, bucket, Processed(), lambda: 0.0).replay(load(bucket, held)).records == 1
    (again_open,) = bucket.list("quarantine/")
    assert again_open.key == held.key
    assert not again_open.replayed


def test_an_object_that_has_gone_or_cannot_be_read_is_told(world, capsys) -> None:
    bucket, _ = world
    bucket._put("quarantine/demo/wang/old.json", b'{"owner":"demo/wang","rejected":[]}')
    (one,) = listed(capsys)
    assert one["reasons"] == ["cannot be read: not an object of the quarantine: KeyError('layout')"]
    assert run(capsys, "replay", "--all")[-1] == "0 records of 0 objects replayed, 1 stays"
    (held,) = find(bucket, Wanted(), lambda: None)
    bucket.objects.clear()
    assert load(bucket, held) is None


def test_a_loser_by_rule_stays() -> None:
    loser = Rejected(b"[1795492800000,31000000,121000000,-1,-1,-1]", "ping/app", "t", CONFLICT)
    assert again("demo/wang", [loser]) == ([], [loser])
    (full,) = again("demo/wang", [replace(loser, reason="the chunk is full")]).records
    upload = Upload.from_bytes(full.data)
    assert (upload.device, upload.pings) == ("app", (Ping(1795492800000, 31_000_000, 121_000_000),))


def test_a_clock_that_was_ahead_is_not_right_later() -> None:
    ahead_by_an_hour = own(GOOD, received_ms=(1_795_492_790 - 3600) * 1000)
    found = again("demo/wang", [ahead_by_an_hour])
    assert found.records == []
    assert "lies 3600 s in the future" in found.left[0].reason


def test_the_pings_of_a_body_are_taken_and_its_bad_ones_stay() -> None:
    def feature(lat) -> dict:
        geometry = {"type": "Point", "coordinates": [121.47, lat]}
        return {"type": "Feature", "geometry": geometry, "properties": {"timestamp": "2026-11-24T03:59:00Z"}}

    body = json.dumps({"locations": [feature(31.2), feature(91)]}).encode()
    whole = Rejected(body, "overland-body/dv_1", "body", "a bug", T0_MS)
    found = again("demo/wang", [whole])
    (plain,) = found.records
    assert Upload.from_bytes(plain.data).received_ms == T0_MS
    (left,) = found.left
    assert (left.source, json.loads(left.original)) == ("overland/dv_1", feature(91))
    assert again("demo/wang", [left]) == ([], [left])


def test_the_uploads_of_an_aggregated_record_go_back_under_their_own_keys() -> None:
    uploads = [replace(UPLOAD, courier=name) for name in ("wang", "li")]
    record = Rejected(aggregate(uploads), "stream", "data", "a bug")
    assert again("stream", [record]) == ([Plain(u.key, u.to_bytes()) for u in uploads], [])
    assert [upload["courier"] for upload in decoded(record.original)] == ["wang", "li"]
    torn = replace(record, original=record.original[:-1])
    assert again("stream", [torn]).left[0].reason == "the aggregated record does not match its checksum"


def test_a_record_that_is_no_upload_says_why() -> None:
    assert decoded(b"") == "upload has format empty, this code reads 01 and 02"


def test_threads_keep_the_order_and_end_with_an_error() -> None:
    assert list(ahead(lambda n: n * n, range(200))) == [n * n for n in range(200)]
    with pytest.raises(ZeroDivisionError):
        list(ahead(lambda n: 1 // (n - 150), range(200)))


def test_an_id_stands_for_its_key() -> None:
    assert id_of("a") == id_of("a") != id_of("b")


@pytest.mark.parametrize(("text", "ago"), [("90m", 5400), ("12h", 43_200), ("7d", 604_800)])
def test_since_so_long_ago(text, ago, monkeypatch) -> None:
    monkeypatch.setattr(options, "now_s", lambda: 1_000_000.0)
    assert options._since(text) == 1_000_000 - ago


def test_since_a_date() -> None:
    assert options._since("2026-11-24") == options._since("2026-11-24T08:00+08:00") == 1_795_478_400
    with pytest.raises(argparse.ArgumentTypeError, match="is no time"):
        options._since("yesterday")


def place(**given) -> argparse.Namespace:
    return argparse.Namespace(**{"stage": None, "profile": None, "region": None} | given)


def test_where_aws_is_must_be_said_in_full(monkeypatch) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nowhere")
    with pytest.raises(Failed, match="say which, --stage"):
        site.site_of(place(region="cn-north-1"))
    with pytest.raises(Failed, match="In which region"):
        site.site_of(place(stage="dev"))
    with pytest.raises(Failed, match="list-profiles"):
        site.site_of(place(stage="dev", region="cn-north-1", profile="nobody"))


def test_no_stack_on_the_port_is_told(monkeypatch, capsys) -> None:
    monkeypatch.setenv("PORT", "1")
    assert main(["redrive", "list"]) == 1
    assert "No Milepost stack runs on port 1" in capsys.readouterr().err
