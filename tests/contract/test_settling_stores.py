"""Marks and settlements, timers, files to download: adapters and fakes keep the same promises."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from processors.due.handler import Settings as Due
from stacks.tasks.timers.wiring import Settings as Clock
from storage.downloads import S3Downloads, signing_client
from storage.settlements import DynamoSettlements, Settled, Standing
from storage.timers import SchedulerTimers, Schedules
from storage.trips import DynamoTrips, Trip
from tests.fakes import FakeDownloads
from tests.fakes_stacks import FakeTrips

T0 = 1_795_492_800_000
TRIP = Trip("tr_1", "demo", "mei", "tk_1", "lap@1", T0, deadline_ms=T0 + 5)
ENDED = replace(TRIP, finished_ms=T0 + 9)
FIRST = Settled(1, "abc", T0 + 99, {"distance_m": 12.5, "stops": [], "on_time": None})


@pytest.fixture(params=["fake", "dynamodb"])
def stores(request):
    """The trips, and their settlements."""
    if request.param == "fake":
        return (fake := FakeTrips()), fake
    dynamodb = request.getfixturevalue("dynamodb")
    return DynamoTrips(dynamodb, "TripsTable"), DynamoSettlements(dynamodb, "TripsTable")


@pytest.fixture
def ended(stores):
    stores[0].start(TRIP)
    stores[0].finish(ENDED)
    return stores


def test_a_trip_is_due_from_its_finish_on(stores) -> None:
    trips, settlements = stores
    assert settlements.standing("tr_1") is None
    trips.start(TRIP)
    assert settlements.standing("tr_1") == Standing(TRIP, 0, False, None)
    trips.finish(ENDED)
    assert settlements.standing("tr_1") == Standing(ENDED, 1, True, None)
    trips.finish(ENDED)
    assert settlements.standing("tr_1").marks == 1


def test_only_an_ended_trip_is_marked(stores) -> None:
    trips, settlements = stores
    assert not trips.mark_late("tr_1")
    trips.start(TRIP)
    assert not trips.mark_late("tr_1")
    assert settlements.standing("tr_1") == Standing(TRIP, 0, False, None)
    trips.finish(ENDED)
    assert trips.mark_late("tr_1")
    assert settlements.standing("tr_1").marks == 2


def test_a_settled_trip_is_due_no_more_until_it_is_marked(ended) -> None:
    trips, settlements = ended
    assert settlements.settle(settlements.standing("tr_1"), FIRST)
    assert settlements.standing("tr_1") == Standing(ENDED, 1, False, FIRST)
    trips.finish(ENDED)  # a repeated finish settles nothing anew
    assert not settlements.standing("tr_1").due
    assert trips.mark_late("tr_1")
    standing = settlements.standing("tr_1")
    assert standing == Standing(ENDED, 2, True, FIRST)
    assert settlements.settle(standing, None)
    assert settlements.standing("tr_1") == Standing(ENDED, 2, False, FIRST)
    assert trips.get("tr_1") == ENDED


def test_a_mark_after_reading_wins_over_the_record(ended) -> None:
    trips, settlements = ended
    before = settlements.standing("tr_1")
    trips.mark_late("tr_1")
    assert not settlements.settle(before, FIRST)
    assert settlements.standing("tr_1") == Standing(ENDED, 2, True, None)


def test_of_two_that_settle_at_once_one_writes(ended) -> None:
    _, settlements = ended
    both = settlements.standing("tr_1")
    assert settlements.settle(both, FIRST)
    assert not settlements.settle(both, replace(FIRST, digest="other"))
    assert settlements.standing("tr_1").settled == FIRST


def test_a_finish_without_a_row_is_an_error(dynamodb) -> None:
    with pytest.raises(LookupError):
        DynamoTrips(dynamodb, "TripsTable").finish(ENDED)


@pytest.fixture
def scheduler(aws):
    client = boto3.client("scheduler")
    client.create_schedule_group(Name="settle")
    return client


def timers(scheduler, group="settle") -> SchedulerTimers:
    arn = "arn:aws-cn:{}:cn-north-1:123456789012:{}".format
    role = "arn:aws-cn:iam::123456789012:role/timer"
    return SchedulerTimers(
        scheduler, Schedules(group, arn("lambda", "function:settle"), role, arn("sqs", "q"))
    )


def test_a_timer_is_a_schedule_that_fires_once_and_is_deleted(scheduler) -> None:
    timers(scheduler).set("tr_1-1", T0 / 1000 + 0.25, {"trip": "tr_1"})
    made = scheduler.get_schedule(GroupName="settle", Name="tr_1-1")
    assert made["ScheduleExpression"] == "at(2026-11-24T04:00:01)"  # never early
    assert made["ScheduleExpressionTimezone"] == "UTC"
    assert made["FlexibleTimeWindow"] == {"Mode": "OFF"}
    assert made["ActionAfterCompletion"] == "DELETE"
    assert made["Target"]["Input"] == '{"trip":"tr_1"}'
    assert made["Target"]["DeadLetterConfig"]["Arn"].startswith("arn:aws-cn:sqs:")
    assert made["Target"]["RetryPolicy"]["MaximumEventAgeInSeconds"] == 86_400


@pytest.mark.parametrize("wire", [Due.from_env, Clock.from_env])
def test_a_function_s_timers_call_what_its_settings_name(scheduler, wire) -> None:
    arn = "arn:aws-cn:{}:cn-north-1:123456789012:{}".format
    target, dead_letters = arn("lambda", "function:it"), arn("sqs", "its")
    env = {"TIMERS": "settle", "TIMER_ROLE": "arn:aws-cn:iam::123456789012:role/its", "GRACE_SECONDS": "600"}
    env |= {"SETTLE": target, "UNSETTLED": dead_letters}
    env |= {"CLOCK": target, "MISSED": dead_letters, "MISSED_QUEUE": "https://sqs.example/its"}
    wire(env).schedules.timers().set("tr_1-1", T0 / 1000, {"trip": "tr_1"})
    made = scheduler.get_schedule(GroupName="settle", Name="tr_1-1")["Target"]
    told = (made["Arn"], made["RoleArn"], made["DeadLetterConfig"]["Arn"])
    assert told == (target, env["TIMER_ROLE"], dead_letters)


def test_a_timer_that_is_set_stays_as_it_is(scheduler) -> None:
    timers(scheduler).set("tr_1-1", T0 / 1000, {"trip": "tr_1"})
    timers(scheduler).set("tr_1-1", T0 / 1000 + 60, {"trip": "tr_1"})
    assert "04:00:00" in scheduler.get_schedule(GroupName="settle", Name="tr_1-1")["ScheduleExpression"]


def test_a_timer_that_cannot_be_set_is_an_error(scheduler) -> None:
    stub = Stubber(scheduler)
    stub.add_client_error("create_schedule", "ThrottlingException")
    with stub, pytest.raises(ClientError):
        timers(scheduler).set("tr_1-1", T0 / 1000, {"trip": "tr_1"})


@pytest.mark.parametrize("kind", ["fake", "s3"])
def test_a_file_is_made_once(kind, request) -> None:
    if kind == "fake":
        downloads = FakeDownloads()
    else:
        request.getfixturevalue("aws")
        boto3.client("s3").create_bucket(Bucket="data")
        downloads = S3Downloads(signing_client(), "data")
    made = []

    def make() -> bytes:
        made.append(1)
        return b"<gpx/>"

    links = [downloads.link("demo/abc/tr_1.gpx", "application/gpx+xml", make) for _ in range(2)]
    assert all("demo/abc/tr_1.gpx" in link for link in links)
    assert made == [1]
    if kind == "s3":
        found = boto3.client("s3").get_object(Bucket="data", Key="tracks/demo/abc/tr_1.gpx")
        assert (found["Body"].read(), found["ContentType"]) == (b"<gpx/>", "application/gpx+xml")
        assert found["ContentDisposition"] == 'attachment; filename="tr_1.gpx"'


@pytest.mark.parametrize(
    ("region", "host"),
    [
        ("us-east-1", "data.s3.us-east-1.amazonaws.com"),
        ("eu-central-1", "data.s3.eu-central-1.amazonaws.com"),
        ("cn-north-1", "data.s3.cn-north-1.amazonaws.com.cn"),
    ],
)
def test_a_link_is_signed_for_the_regions_own_endpoint(aws, monkeypatch, region, host) -> None:
    """The global endpoint knows no bucket of AWS China, and redirects break signatures."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", region)
    downloads = S3Downloads(signing_client(), "data")
    monkeypatch.setattr(downloads, "_there", lambda _: True)
    link = urlsplit(downloads.link("demo/abc/tr_1.gpx", "application/gpx+xml", bytes))
    assert (link.scheme, link.hostname) == ("https", host)
    signed = parse_qs(link.query)
    assert signed["X-Amz-Algorithm"] == ["AWS4-HMAC-SHA256"]
    assert f"/{region}/s3/aws4_request" in signed["X-Amz-Credential"][0]
    assert signed["X-Amz-Expires"] == ["300"]
