"""`milepost redrive queues`, `look` and `resend` over queues and a stream in moto: what is left there is done
again, and twice is once.
"""

from __future__ import annotations

import json
import logging
from dataclasses import replace
from types import SimpleNamespace

import boto3
import pytest

from cli.main import main
from cli.redrive.queues.again import Calls, Missed, Stays, Untold
from cli.redrive.queues.forms import Batch, Delivery, Event, Other, Row, Timer, form_of, told
from cli.redrive.queues.known import QUEUES
from local.template import document
from stacks.tasks.clock.clock import Due
from stacks.tasks.moves import Moves
from stacks.tasks.timers.timers import Setter
from storage import dead_letters
from storage.alerts.rows import alert_row
from storage.dead_letters import SqsDeadLetters
from storage.items import pack
from storage.stream_range import NotThere, Range, StreamRanges
from storage.tasks import Line, Schedule
from storage.tasks.rows import line_row, schedule_row, task_row, trip_row
from tests.contract.test_tasks_stores import T0, TASK, begun, claimed
from tests.fakes import FakeTimers
from tests.fakes_alerts import FakeAlerts, FakeBus, FakeLetters
from tests.fakes_stacks import FakeTasks
from tests.tables import ROOT
from tests.watching import alert, trip

NOW = T0 / 1000 + 40
EVENT = {"id": "al_1/raised", "type": "alert.raised", "fleet": "demo", "at": NOW, "data": {"kind": "late"}}
ENVELOPE = {"version": "0", "source": "milepost.tasks", "detail-type": "alert.raised", "detail": EVENT}
CALL = {"fleet": "demo", "trip": "tr_1", "at_ms": T0}
AGAIN = {"fleet": "demo", "schedule": "sc_1", "at": "2026-11-24T04:00:00Z"}
BATCH = {
    "requestContext": {"condition": "RecordAgeExceeded"},
    "DDBStreamBatchInfo": {
        "shardId": "shard-1", "startSequenceNumber": "7", "endSequenceNumber": "9", "batchSize": 2,
        "streamArn": "arn:local:stream",
    },
}  # fmt: skip
FAILED = {"requestContext": {"condition": "RetriesExhausted"}, "requestPayload": CALL, "responsePayload": {}}
IN_BATCH = Batch(Range("arn:local:stream", "shard-1", "7", "9"), 2, "RecordAgeExceeded")


@pytest.mark.parametrize(
    ("body", "form"),
    [
        (CALL, Timer(CALL, "its call failed")),
        (AGAIN, Timer(AGAIN, "its call failed")),
        (FAILED, Timer(CALL, "RetriesExhausted")),
        ({"fleet": "demo", "item": "tk_1", "why": "x"}, Row("demo", "tk_1", "x")),
        (BATCH, IN_BATCH),
        (ENVELOPE, Event(ENVELOPE)),
        ({"webhook": "erp", "event": EVENT, "why": "503"}, Delivery("erp", EVENT, "503")),
        ({"Records": []}, Other('{"Records":[]}')),
    ],
)  # fmt: skip
def test_a_message_is_known_by_its_form(body, form) -> None:
    assert form_of(json.dumps(body)) == form


@pytest.mark.parametrize(
    "body", ["", "[1]", "7", "{", '{"webhook": 1}', '{"DDBStreamBatchInfo": {}}', "null"]
)
def test_a_message_that_nobody_knows_is_shown_as_it_is(body) -> None:
    assert form_of(body) == Other(body)


@pytest.mark.parametrize(
    "body",
    [
        {"requestPayload": {}, "requestContext": {"condition": "RetriesExhausted"}},
        {"requestPayload": "tr_1", "requestContext": {"condition": "RetriesExhausted"}},
        {"webhook": "erp", "event": {}},
        {"webhook": "erp", "event": "al_1"},
        {"detail-type": "alert.raised", "detail": None},
    ],
)
def test_a_message_that_is_half_of_a_known_form_stops_nobody_who_looks(body) -> None:
    text = json.dumps(body)
    assert told(form_of(text)) == f"message   {text}"


def test_every_queue_that_no_function_reads_is_known() -> None:
    """Whatever is left in one can be counted, looked at and, where it helps, sent again."""
    left = set()
    for path in ("template.yaml", "stacks/accounts/template.yaml", "stacks/tasks/template.yaml"):
        resources = document.load(ROOT / path)["Resources"]
        read = str([it["Properties"]["EventSourceArn"] for it in resources.values()
                    if it["Type"] == "AWS::Lambda::EventSourceMapping"])  # fmt: skip
        queues = {name for name, it in resources.items() if it["Type"] == "AWS::SQS::Queue"}
        left |= {name for name in queues if f"'{name}'" not in read}
    assert left == set(QUEUES)
    page = (ROOT / "docs/operations/redrive.md").read_text()
    assert all(f"| `{name}` |" in page for name in QUEUES)


class Rows(dict):
    def image(self, fleet, item):
        return self.get((fleet, item))


class Ranges:
    def __init__(self, records=None) -> None:
        self.records = records

    def read(self, wanted):
        assert wanted == IN_BATCH.range
        if self.records is None:
            raise NotThere("gone")
        return self.records


def record(row, name="INSERT", **old):
    image = {"OldImage": pack(row)} if name == "REMOVE" else {"NewImage": pack(row)}
    keys = {"Keys": pack({"fleet": row["fleet"], "item": row["item"]})}
    stream = {"SequenceNumber": "8", "ApproximateCreationDateTime": NOW, **keys, **image}
    return {"eventName": name, "dynamodb": stream}


def missed(rows=(), records=None):
    timers = FakeTimers()
    rows = Rows({(row["fleet"], row["item"]): pack(row) for row in rows})
    return timers, Missed(Calls(timers, lambda: NOW), rows, Ranges(records))


def test_a_call_that_was_due_is_made_again_and_a_repeated_one_does_no_harm() -> None:
    timers, sender = missed()
    assert "called again" in sender.send(Timer(CALL, "x"))
    sender.send(Timer(CALL, "y"))  # the same call, left there twice: one timer
    (name,) = timers.set_at
    assert len(name) <= 64
    at, event = timers.set_at[name]
    assert (at > NOW, event) == (True, CALL)
    tasks = FakeTasks()
    claimed(tasks)
    due = Due(tasks, Moves(tasks), lambda: NOW)
    assert [due.claim(event["fleet"], event["trip"], event["at_ms"]) for _ in range(3)] == [
        "expired", "nothing", "nothing",
    ]  # fmt: skip
    assert len([line for line in tasks.audit("demo", "tr_1") if line.action == "expire"]) == 1
    assert tasks.get("demo", "tk_1").left == TASK.quantity


def test_a_row_gets_the_timers_that_it_would_have_had() -> None:
    """And a second time the same, which Scheduler has already."""
    row = trip_row(begun("tr_1").trip)
    timers, sender = missed([row])
    sender.send(Row("demo", "tr_1", "x"))
    sender.send(Row("demo", "tr_1", "x"))
    usual = FakeTimers()
    Setter(usual, lambda: NOW, logging.getLogger(), SimpleNamespace()).set_timers([record(row)])
    assert timers.set_at == usual.set_at != {}
    with pytest.raises(Stays, match="not in the table any more"):
        sender.send(Row("demo", "tr_2", "x"))


def test_a_batch_gets_timers_for_its_tasks_trips_and_schedules_alone() -> None:
    schedule = Schedule("demo", "sc_1", "0 8 * * *", "Asia/Shanghai", {}, T0)
    rows = [record(task_row(TASK)), record(task_row(TASK), "MODIFY"), record(trip_row(begun("tr_1").trip))]
    rows += [record(line_row("demo", begun("tr_1").line)), record(schedule_row(schedule), "REMOVE")]
    timers, sender = missed(records=rows)
    assert sender.send(IN_BATCH) == "timers of 3 rows are set"
    assert set(timers.set_at) == {"tk_1-closes", "tr_1-expires"}
    assert timers.cancelled == ["sc_1"]
    _, sender = missed()
    with pytest.raises(Stays, match="gone"):
        sender.send(IN_BATCH)


def test_a_schedule_that_was_removed_since_gets_no_timer_for_ever() -> None:
    """Its removal came in another batch, and had nothing to cancel."""
    schedule = schedule_row(Schedule("demo", "sc_1", "0 8 * * *", "Asia/Shanghai", {}, T0))
    timers, sender = missed(records=[record(schedule)])
    assert sender.send(IN_BATCH) == "timers of 0 rows are set"
    assert timers.set_at == {}
    timers, sender = missed([schedule], records=[record(schedule)])
    assert sender.send(IN_BATCH) == "timers of 1 rows are set"
    assert len(timers.set_at) == 1


@pytest.fixture
def untold():
    tasks = FakeTasks()
    tasks.trips["demo", trip().trip] = trip()
    step = Line(trip().trip, 2, T0, "mei", "courier", "start", "claimed", "started")
    closed = replace(alert(), closed_ms=T0 + 5)
    rows = Rows({("demo", row["item"]): pack(row) for row in (line_row("demo", step), alert_row(closed))})
    ranges = Ranges([record(line_row("demo", step)), record(trip_row(trip()))])
    return Untold(rows, ranges, FakeAlerts(tasks), FakeBus(), FakeLetters(), lambda: NOW)


def test_an_untold_row_is_told_under_the_id_that_it_would_have_had(untold) -> None:
    untold.send(Row("demo", f"{trip().trip}/000002", "x"))
    untold.send(IN_BATCH)
    untold.send(Row("demo", alert().alert, "x"))
    name = alert().alert
    assert [(it.id, it.type) for it in untold.bus.events] == [
        (f"{trip().trip}/000002", "trip.started"),
        (f"{trip().trip}/000002", "trip.started"),
        (f"{name}/raised", "alert.raised"),
        (f"{name}/closed", "alert.closed"),
    ]
    assert untold.bus.events[0].data["courier"] == "mei"
    untold.bus.refuse = {f"{name}/closed"}
    with pytest.raises(Stays, match="did not take 1 of 2"):
        untold.send(Row("demo", name, "x"))


def test_an_event_that_reached_no_queue_is_put_into_it(untold) -> None:
    untold.send(Event(ENVELOPE))
    assert [json.loads(body) for body in untold.webhooks.sent] == [ENVELOPE]
    with pytest.raises(Stays):
        untold.send(Other("?"))


def test_a_range_of_a_table_s_stream(aws) -> None:
    dynamodb = boto3.client("dynamodb")
    dynamodb.create_table(
        TableName="t", BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}],
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
    )  # fmt: skip
    for i in range(6):
        dynamodb.put_item(TableName="t", Item=pack({"k": f"k{i}", "kind": "task"}))
    arn = dynamodb.describe_table(TableName="t")["Table"]["LatestStreamArn"]
    streams = boto3.client("dynamodbstreams")
    shard = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"][0]["ShardId"]
    iterator = streams.get_shard_iterator(StreamArn=arn, ShardId=shard, ShardIteratorType="TRIM_HORIZON")
    every = streams.get_records(ShardIterator=iterator["ShardIterator"])["Records"]
    numbers = [it["dynamodb"]["SequenceNumber"] for it in every]
    found = StreamRanges(streams).read(Range(arn, shard, numbers[1], numbers[3]))
    assert [it["dynamodb"]["NewImage"]["k"]["S"] for it in found] == ["k1", "k2", "k3"]
    assert all(isinstance(it["dynamodb"]["ApproximateCreationDateTime"], int | float) for it in found)


@pytest.fixture
def stage(aws, monkeypatch):
    """A stage with its queues, as the templates publish them."""
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    monkeypatch.setattr(dead_letters, "WAIT_S", 0)
    sqs, ssm = boto3.client("sqs"), boto3.client("ssm")
    names = [*QUEUES, "WebhookQueue", "UnreckonedQueue", "FailedRecordsQueue", "BulkFilesQueue"]
    urls = {name: sqs.create_queue(QueueName=name)["QueueUrl"] for name in names}
    more = dict.fromkeys(("timers", "target", "role", "dead_letters", "table", "bus"), "x")
    for stack in ("pipeline", "tasks"):
        name = f"/milepost/prod/{stack}/redrive"
        ssm.put_parameter(Name=name, Value=json.dumps(urls | more), Type="String")
    return SimpleNamespace(sqs=sqs, urls=urls)


def redrive(capsys, *argv: str) -> list[str]:
    assert main(["redrive", *argv, "--stage", "prod", "--region", "us-east-1"]) == 0
    return capsys.readouterr().out.splitlines()


def bodies(stage, name: str) -> list:
    found = stage.sqs.receive_message(QueueUrl=stage.urls[name], MaxNumberOfMessages=10, VisibilityTimeout=0)
    return [json.loads(it["Body"]) for it in found.get("Messages", [])]


def put(stage, name: str, *messages) -> None:
    for message in messages:
        stage.sqs.send_message(QueueUrl=stage.urls[name], MessageBody=json.dumps(message))


def test_undelivered_events_are_looked_at_and_sent_again_when_that_is_said(stage, capsys) -> None:
    deliveries = [
        {"webhook": "erp", "event": EVENT | {"id": f"al_{i}/raised"}, "why": "503"} for i in range(12)
    ]
    put(stage, "UndeliveredQueue", *deliveries, ["what?"])
    counted = redrive(capsys, "queues")
    assert [line.split()[:2] for line in counted if " 13 " in line] == [["UndeliveredQueue", "13"]]
    assert len(counted) == len(QUEUES)
    looked = redrive(capsys, "look", "UndeliveredQueue")
    assert len(looked) == 13
    assert "demo/erp alert.raised al_0/raised: 503" in looked[0]
    plan = redrive(capsys, "resend", "UndeliveredQueue")
    assert plan[-1] == "Nothing was done. With --yes: 12 done again, 1 stay"
    assert bodies(stage, "WebhookQueue") == []
    some = redrive(capsys, "resend", "UndeliveredQueue", "--yes", "--most", "5")
    assert some[-1] == "5 done again, 0 stay"
    rest = redrive(capsys, "resend", "UndeliveredQueue", "--yes")
    assert rest[-1] == "7 done again, 1 stay"
    assert redrive(capsys, "look", "UndeliveredQueue", "--json")[0].count("what?") == 1
    sent = [it for _ in range(2) for it in _taken(stage, "WebhookQueue")]
    assert sorted(sent, key=str) == sorted(
        ({"webhook": it["webhook"], "event": it["event"]} for it in deliveries), key=str
    )


def _taken(stage, name: str) -> list:
    found = stage.sqs.receive_message(QueueUrl=stage.urls[name], MaxNumberOfMessages=10)
    return [json.loads(it["Body"]) for it in found.get("Messages", [])]


@pytest.mark.parametrize(
    ("queue", "to", "message"),
    [
        ("UnpaidTripsQueue", "UnreckonedQueue", {"trip": "tr_1"}),
        (
            "UncopiedRecordsQueue",
            "FailedRecordsQueue",
            {"KinesisBatchInfo": {"shardId": "s"}, "version": "1"},
        ),
        ("UntakenBulkFilesQueue", "BulkFilesQueue", {"Records": [{"s3": {}}]}),
    ],
)
def test_what_only_has_to_move_moves_as_it_is(stage, capsys, queue, to, message) -> None:
    put(stage, queue, message)
    assert redrive(capsys, "resend", queue, "--yes")[-1] == "1 done again, 0 stay"
    assert (bodies(stage, to), bodies(stage, queue)) == ([message], [])


@pytest.mark.parametrize("queue", ["LostRecordsQueue", "FailedUpdatesQueue"])
def test_what_cannot_be_sent_again_stays_and_says_what_to_do(stage, capsys, queue) -> None:
    put(stage, queue, BATCH)
    said = redrive(capsys, "resend", queue, "--yes")
    assert " stays: " in said[0]
    assert bodies(stage, queue) == [BATCH]


def test_a_letter_that_is_looked_at_is_others_again_at_once(stage) -> None:
    put(stage, "MissedQueue", CALL, CALL)
    queue = SqsDeadLetters(stage.sqs, stage.urls["MissedQueue"])
    letters = list(queue.read(10))
    assert len({it.id for it in letters}) == queue.count() == 2
    assert bodies(stage, "MissedQueue") == []
    queue.give_back(letters)
    assert len(bodies(stage, "MissedQueue")) == 2


class Pages:
    """A shard that answers with these pages, each a list of sequence numbers, and then with nothing."""

    def __init__(self, *pages: list[int]) -> None:
        self.pages = pages

    def get_shard_iterator(self, **_):
        return {"ShardIterator": "0"}

    def get_records(self, ShardIterator):  # noqa: N803 - boto3's name
        i = int(ShardIterator)
        numbers = self.pages[i] if i < len(self.pages) else []
        found = [{"dynamodb": {"SequenceNumber": str(it)}} for it in numbers]
        return {"Records": found, "NextShardIterator": str(i + 1)}


def test_an_empty_page_of_a_stream_is_not_its_end() -> None:
    """GetRecords may show nothing for a while, and what was not read would be taken for done."""
    wanted = Range("arn:local:stream", "shard-1", "7", "9")
    found = StreamRanges(Pages([], [7, 8], [], [], [9, 10])).read(wanted)
    assert [it["dynamodb"]["SequenceNumber"] for it in found] == ["7", "8", "9"]
    with pytest.raises(NotThere):
        StreamRanges(Pages([7, 8])).read(wanted)


def test_a_message_that_fails_again_stays_and_holds_up_no_other(stage, capsys, monkeypatch) -> None:
    def send(_, form):
        if form.item == "tk_bad":
            raise KeyError("status")  # why the function left it there
        return "is told"

    monkeypatch.setattr(Untold, "send", send)
    rows = [{"fleet": "demo", "item": item, "why": "KeyError"} for item in ("tk_bad", "tk_1", "tk_2")]
    put(stage, "UntoldQueue", *rows)
    said = redrive(capsys, "resend", "UntoldQueue", "--yes")
    assert said[-1] == "2 done again, 1 stay"
    assert [line for line in said if "stays" in line and "KeyError" in line]
    assert bodies(stage, "UntoldQueue") == rows[:1]
