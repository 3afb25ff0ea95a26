"""Payouts and photos: the AWS adapters and the fakes keep the same promises."""

from __future__ import annotations

import urllib.parse
from dataclasses import replace
from types import SimpleNamespace

import boto3
import orjson
import pytest

from stacks.tasks.payouts.batch import MOST
from storage.downloads import signing_client
from storage.later import SqsLater
from storage.payouts import DynamoPayouts, Head, Paid, Payout, Planned
from storage.photos import THERE, DynamoPhotos, Photo, S3Photos
from storage.tasks import Bonus, DynamoTasks, Kept, Line, Made, Move, Task, Trip
from tests.fakes_payouts import FakePayouts, FakePhotos
from tests.fakes_stacks import FakeTasks
from tests.tables import table_of

TEMPLATE, T0 = "stacks/tasks/template.yaml", 1_795_492_800_000
BONUS = Bonus("12.50", "CNY")
TASK = Task("demo", "tk_1", "Lap", "lap@1", BONUS, T0, T0, T0 + 9, T0 + 9, T0 + 9, quantity=3, left=3)
LINE = Paid("tr_1", "tk_1", "=晨跑", "mei", "12.50", "CNY", T0 + 5, 2)
PAYOUT = Payout("demo", "po_1", T0, "ada", (Planned("tr_1", 4), Planned("tr_2", 7)))
COMPLETE = replace(PAYOUT, lines=(LINE,))
PHOTO = Photo("tr_1", "ph_1", "image/jpeg", 2_000, T0 + 7)


@pytest.fixture(params=["fake", "dynamodb"])
def stores(request):
    if request.param == "fake":
        tasks = FakeTasks()
        return SimpleNamespace(tasks=tasks, payouts=FakePayouts(tasks), photos=FakePhotos(tasks))
    dynamodb, table = table_of(request, TEMPLATE, "TasksTable")
    return SimpleNamespace(
        tasks=DynamoTasks(dynamodb, table),
        payouts=DynamoPayouts(dynamodb, table),
        photos=DynamoPhotos(dynamodb, table),
    )


def claimed(stores) -> Trip:
    trip = Trip("demo", "tr_1", "tk_1", "mei", "Lap", "lap@1", BONUS, T0, T0 + 9, T0 + 9, photos=2)
    assert stores.tasks.add(TASK)
    line = Line("tr_1", 1, T0, "mei", "courier", "claim", None, "claimed")
    assert stores.tasks.claim(TASK, Made(trip, line, 3))
    return trip


def moved(stores, trip: Trip, action, state, **changes) -> bool:
    after = replace(trip, state=state, rev=trip.rev + 1, **changes)
    line = Line("tr_1", after.rev, T0, "mei", "courier", action, trip.state, state)
    return stores.tasks.move(Move(trip, after, line, rider=stores.tasks.courier("demo", "mei")))


def test_a_payout_comes_back_as_it_was_begun_and_completed(stores) -> None:
    assert stores.payouts.get("demo", "po_1") is None
    assert stores.payouts.begin(PAYOUT)
    assert stores.payouts.get("demo", "po_1") == PAYOUT
    assert stores.payouts.get("other", "po_1") is None
    assert stores.payouts.complete(COMPLETE)
    assert stores.payouts.get("demo", "po_1") == COMPLETE
    assert stores.payouts.get("demo", "payout/making") is None


def test_the_largest_payout_can_be_completed(stores) -> None:
    """An item ends at 400 KB. A control character of a title has six bytes in JSON."""
    names = [f"{i:016}" for i in range(MOST)]
    money = ("999999999999.999", "KWD", T0, 99_999)
    lines = tuple(Paid(f"tr_{it}", f"tk_{it}", "\x01" * 100, "c" * 48, *money) for it in names)
    largest = replace(PAYOUT, by="a" * 48, planned=tuple(Planned(f"tr_{it}", 999) for it in names))
    assert stores.payouts.begin(largest)
    assert stores.payouts.complete(replace(largest, lines=lines))
    assert stores.payouts.get("demo", "po_1").lines == lines


def test_one_payout_is_in_the_making_at_a_time(stores) -> None:
    assert stores.payouts.making("demo") is None
    assert stores.payouts.begin(PAYOUT)
    assert stores.payouts.making("demo") == "po_1"
    assert stores.payouts.page("demo", None, 9) == [Head("po_1", T0, "ada", complete=False, trips=2)]
    assert not stores.payouts.begin(replace(PAYOUT, payout="po_2"))
    assert stores.payouts.get("demo", "po_2") is None
    assert stores.payouts.begin(replace(PAYOUT, fleet="other"))
    assert stores.payouts.complete(COMPLETE)
    assert stores.payouts.making("demo") is None
    assert stores.payouts.begin(replace(PAYOUT, payout="po_2"))


def test_a_complete_payout_never_changes(stores) -> None:
    stores.payouts.begin(PAYOUT)
    assert stores.payouts.complete(COMPLETE)
    assert not stores.payouts.complete(replace(COMPLETE, lines=()))
    assert not stores.payouts.begin(PAYOUT)
    assert stores.payouts.begin(replace(PAYOUT, payout="po_2"))
    assert not stores.payouts.complete(replace(COMPLETE, lines=()))
    assert stores.payouts.get("demo", "po_1") == COMPLETE
    assert stores.payouts.making("demo") == "po_2"


def test_a_key_is_kept_with_the_payout_that_it_began(stores) -> None:
    kept = Kept("ada", "7", "abc", "po_1", 201, "null", 1000 + 86_400)
    assert stores.payouts.begin(PAYOUT, kept)
    assert stores.tasks.kept("demo", "ada", "7", 1000) == kept
    assert stores.payouts.complete(COMPLETE)
    assert not stores.payouts.begin(replace(PAYOUT, payout="po_2"), kept)
    assert stores.payouts.making("demo") is None


def test_payouts_are_listed_newest_first(stores) -> None:
    for number in range(3):
        name = f"po_{number}"
        assert stores.payouts.begin(replace(PAYOUT, payout=name))
        assert stores.payouts.complete(replace(COMPLETE, payout=name))
    assert [it.payout for it in stores.payouts.page("demo", None, 2)] == ["po_2", "po_1"]
    assert stores.payouts.page("demo", "po_1", 2) == [Head("po_0", T0, "ada", complete=True, trips=1)]
    assert stores.payouts.page("other", None, 2) == []


def test_a_photo_is_counted_once_and_the_trips_next_step_keeps_the_count(stores) -> None:
    stale = claimed(stores)
    assert stores.photos.count("demo", PHOTO, {"claimed", "started"}, 2)
    assert not stores.photos.count("demo", PHOTO, {"claimed", "started"}, 2)
    assert stores.photos.get("demo", "tr_1", "ph_1") == PHOTO
    assert stores.tasks.trip("demo", "tr_1").more == {THERE: 1}
    # Read before the photo was: the step is allowed, and takes nothing of the count away.
    assert moved(stores, stale, "start", "started", started_ms=T0)
    assert stores.tasks.trip("demo", "tr_1").more == {THERE: 1}
    assert len(stores.tasks.audit("demo", "tr_1")) == 2


def test_photos_are_counted_in_some_states_and_up_to_a_number(stores) -> None:
    claimed(stores)
    assert not stores.photos.count("demo", PHOTO, {"started"}, 2)
    assert stores.tasks.trip("demo", "tr_1").more == {}
    for name in ("ph_1", "ph_2"):
        assert stores.photos.count("demo", replace(PHOTO, photo=name), {"claimed"}, 2)
    assert not stores.photos.count("demo", replace(PHOTO, photo="ph_3"), {"claimed"}, 2)
    assert [it.photo for it in stores.photos.all("demo", "tr_1")] == ["ph_1", "ph_2"]
    assert stores.photos.all("other", "tr_1") == []
    assert stores.photos.get("demo", "tr_1", "ph_3") is None


def test_addresses_are_counted_up_to_a_number(stores) -> None:
    claimed(stores)
    assert [stores.photos.ask("demo", "tr_1", 3) for _ in range(5)] == [True] * 3 + [False] * 2
    assert stores.photos.ask("demo", "tr_2", 5)
    assert stores.photos.ask("rival", "tr_1", 5)
    assert stores.photos.all("demo", "tr_1") == []
    assert stores.tasks.trip("demo", "tr_1").more == {}


def test_what_a_step_takes_off_a_trip_is_gone_and_what_others_put_there_stays(stores) -> None:
    trip = claimed(stores)
    assert moved(stores, trip, "start", "started", started_ms=T0, more={"newer": {"total": "1"}})
    before = stores.tasks.trip("demo", "tr_1")
    assert stores.photos.count("demo", PHOTO, {"started"}, 2)
    assert moved(stores, before, "pause", "paused", paused_ms=T0, more={})
    assert stores.tasks.trip("demo", "tr_1").more == {THERE: 1}


@pytest.fixture
def files(aws):
    s3 = signing_client()
    s3.create_bucket(Bucket="data")
    return s3, S3Photos(s3, "data")


def test_an_upload_is_signed_for_one_type_one_size_and_one_time(files) -> None:
    _, photos = files
    upload = photos.upload("demo", "tr_1", "ph_1", "image/png", 4711)
    parts = urllib.parse.urlsplit(upload.url)
    query = urllib.parse.parse_qs(parts.query)
    assert parts.path == "/photo-uploads/demo/tr_1/ph_1"
    signed = set(query["X-Amz-SignedHeaders"][0].split(";"))
    assert signed == {"host", *upload.headers}
    assert query["X-Amz-Expires"] == ["300"]
    assert upload.headers == {"content-type": "image/png", "content-length": "4711", "if-none-match": "*"}


def test_a_file_is_looked_at_where_it_was_sent_and_kept_where_photos_are(files) -> None:
    s3, photos = files
    assert photos.look("demo", "tr_1", "ph_1") is None
    sent = {"Bucket": "data", "Key": "photo-uploads/demo/tr_1/ph_1", "ContentType": "image/png"}
    s3.put_object(**sent, Body=b"x" * 99)
    seen = photos.look("demo", "tr_1", "ph_1")
    assert seen[:3] == ("image/png", 99, b"x" * 32)
    pinned = []
    s3.meta.events.register(
        "provide-client-params.s3.CopyObject", lambda params, **_: pinned.append(params["CopySourceIfMatch"])
    )
    for _ in range(2):
        assert photos.keep("demo", "tr_1", "ph_1", seen)
    assert pinned == [seen.etag] * 2
    kept = s3.get_object(Bucket="data", Key="photos/demo/tr_1/ph_1")
    assert (kept["ContentType"], kept["Body"].read()) == ("image/png", b"x" * 99)
    assert not photos.keep("demo", "tr_1", "ph_3", seen)
    s3.put_object(Bucket="data", Key="photo-uploads/demo/tr_1/ph_2", Body=b"", ContentType="image/png")
    assert photos.look("demo", "tr_1", "ph_2") is None
    link = photos.link("demo", PHOTO)
    assert "response-content-type=image%2Fjpeg" in link


def test_what_is_to_come_again_is_in_the_queue(aws) -> None:
    sqs = boto3.client("sqs")
    queue = sqs.create_queue(QueueName="later")["QueueUrl"]
    SqsLater(sqs, queue).send({"trip": "tr_1"})
    (message,) = sqs.receive_message(QueueUrl=queue)["Messages"]
    assert orjson.loads(message["Body"]) == {"trip": "tr_1"}
