"""The stores behind alerts and webhooks: the AWS adapters and the fakes keep the same promises."""

from __future__ import annotations

import json
from dataclasses import replace
from zlib import crc32

import boto3
import pytest
from botocore.exceptions import ClientError

from storage.alerts import Change, DynamoAlerts, Watch
from storage.alerts.rows import rules_of, rules_row, watch_of, watch_row
from storage.bus import Event, EventBridge
from storage.letters import SqsLetters
from storage.tasks import DynamoTasks
from storage.webhooks import DynamoWebhooks, SsmSecrets, Webhook
from telemetry.alerts import Rules
from telemetry.clock import Course, use
from tests.contract.test_tasks_stores import SINGLE, T0, TEMPLATE, claimed, moved
from tests.fakes_alerts import FakeAlerts, FakeSecrets, FakeWebhooks
from tests.fakes_stacks import FakeTasks
from tests.tables import make_table, table_of
from tests.watching import alert

TRIP = "tr_0000000000000001"
SHARD = crc32(TRIP.encode()) % 8


@pytest.fixture(params=["fake", "dynamodb"])
def stores(request):
    """Tasks and alerts in one table."""
    if request.param == "fake":
        tasks = FakeTasks()
        return tasks, FakeAlerts(tasks)
    dynamodb, table = table_of(request, TEMPLATE, "TasksTable")
    return DynamoTasks(dynamodb, table), DynamoAlerts(dynamodb, table)


@pytest.fixture
def watched(stores):
    """With a trip that has started, and one alert."""
    tasks, alerts = stores
    tasks.add(replace(SINGLE, task="tk_1"))
    claimed(tasks, TRIP)
    assert moved(tasks, TRIP, "start", "started", started_ms=T0 + 5)
    raised = alert()
    before = Watch("demo", TRIP, rev=1)
    after = Watch("demo", TRIP, {"silent": raised.alert}, rev=2, told=frozenset({"silent"}))
    assert alerts.change(Change(before, after, (raised,), (), T0))
    return tasks, alerts, after


def test_a_trip_is_watched_from_its_start_on_whoever_looks(stores) -> None:
    """A trip that has ended before the next sweep is in no list of open ones any more."""
    tasks, alerts = stores
    tasks.add(replace(SINGLE, task="tk_1"))
    claimed(tasks, TRIP)
    assert alerts.watched(SHARD).watches == {}
    assert moved(tasks, TRIP, "start", "started", started_ms=T0 + 5)
    assert moved(tasks, TRIP, "pause", "paused", paused_ms=T0 + 6)
    assert moved(tasks, TRIP, "finish", "finished", ended_ms=T0 + 9)
    key = ("demo", TRIP)
    ended = tasks.trip("demo", TRIP)
    assert alerts.watched(SHARD) == ({key: ended}, {key: Watch("demo", TRIP, rev=1)}, {})


def test_a_watch_of_before_that_did_not_say_what_was_told_tells_no_arrival_again() -> None:
    row = watch_row(Watch("demo", TRIP, {"late": "al_1"}, rev=4))
    del row["told"]
    assert watch_of(row) == Watch("demo", TRIP, {"late": "al_1"}, rev=4, told=frozenset({"late", "arrived"}))


def test_what_is_watched_is_found_by_its_shard_alone(watched) -> None:
    tasks, alerts, watch = watched
    found = alerts.watched(SHARD)
    assert found.trips == {("demo", TRIP): tasks.trip("demo", TRIP)}
    assert found.watches == {("demo", TRIP): watch}
    assert alerts.watched((SHARD + 1) % 8) == ({}, {}, {})


def test_an_ended_trip_is_known_by_its_watch_until_that_is_over(watched) -> None:
    tasks, alerts, watch = watched
    assert moved(tasks, TRIP, "finish", "finished", ended_ms=T0 + 9)
    key = ("demo", TRIP)
    assert alerts.watched(SHARD) == ({key: tasks.trip("demo", TRIP)}, {key: watch}, {})
    assert alerts.trips([("demo", TRIP), ("demo", "tr_none")]) == {("demo", TRIP): tasks.trip("demo", TRIP)}
    over = replace(watch, open={}, over=True, rev=3)
    assert alerts.change(Change(watch, over, (), (watch.open["silent"],), T0 + 10))
    assert alerts.watched(SHARD) == ({}, {}, {})
    assert tasks.audit("demo", TRIP)[-1].action == "finish"


def settled(tasks, name: str = TRIP) -> bool:
    return moved(tasks, name, "settle", "settled")


def test_a_record_has_its_trip_watched_again_whatever_a_sweep_makes_of_the_watch_just_then(watched) -> None:
    tasks, alerts, watch = watched
    assert moved(tasks, TRIP, "finish", "finished", ended_ms=T0 + 9)
    over = replace(watch, open={}, over=True, rev=3)
    assert alerts.change(Change(watch, over, (), (watch.open["silent"],), T0 + 10))
    assert settled(tasks)
    (again,) = alerts.watched(SHARD).watches.values()
    assert again == replace(over, over=False, rev=again.rev)
    assert settled(tasks)
    assert not alerts.change(Change(again, replace(again, over=True), (), (), T0 + 20))
    (anew,) = alerts.watched(SHARD).watches.values()
    assert anew == replace(again, rev=anew.rev)
    assert len({over.rev, again.rev, anew.rev}) == 3


def test_a_record_of_a_trip_from_before_there_were_watches_is_no_news(stores) -> None:
    tasks, alerts = stores
    tasks.add(replace(SINGLE, task="tk_1"))
    claimed(tasks, TRIP)
    assert moved(tasks, TRIP, "settle", "settled", ended_ms=T0 + 9)  # nothing made a watch
    told = frozenset({"arrived", "finished"})
    (watch,) = alerts.watched(SHARD).watches.values()
    assert watch == Watch("demo", TRIP, rev=watch.rev, told=told)


def test_of_two_who_looked_at_the_same_moment_one_writes(watched) -> None:
    _, alerts, watch = watched
    name = watch.open["silent"]
    closed = Change(watch, replace(watch, open={}, rev=3), (), (name,), T0 + 20)
    assert alerts.change(closed)
    assert not alerts.change(closed)
    late = Change(Watch("demo", TRIP), replace(watch, rev=1), (alert("al_0000000000000002"),), (), T0)
    assert not alerts.change(late)
    assert alerts.page("demo", "open", None, 9) == []
    (found,) = alerts.page("demo", "closed", None, 9)
    assert (found.alert, found.closed_ms, found.facts) == (name, T0 + 20, alert().facts)


def test_alerts_come_newest_first_by_pages(watched) -> None:
    _, alerts, watch = watched
    more = [alert(f"al_000000000000000{i}", "late") for i in (2, 3)]
    assert alerts.change(Change(watch, replace(watch, rev=3), tuple(more), (), T0))
    first = alerts.page("demo", "open", None, 2)
    assert [it.alert[-1] for it in first] == ["3", "2"]
    assert [it.alert[-1] for it in alerts.page("demo", "open", first[-1].alert, 2)] == ["1"]
    assert alerts.page("rival", "open", None, 9) == []


def test_an_acknowledgement_stays_with_the_first(watched) -> None:
    _, alerts, watch = watched
    name = watch.open["silent"]
    assert alerts.acknowledge("demo", name, "max", T0 + 30).acknowledged_by == "max"
    again = alerts.acknowledge("demo", name, "ada", T0 + 40)
    assert (again.acknowledged_by, again.acknowledged_ms) == ("max", T0 + 30)
    assert alerts.acknowledge("demo", "al_none", "max", T0) is None
    assert alerts.acknowledge("rival", name, "max", T0) is None
    assert alerts.acknowledge("demo", TRIP, "max", T0) is None


def test_an_alert_that_is_just_being_closed_is_acknowledged_all_the_same(aws, monkeypatch) -> None:
    dynamodb = boto3.client("dynamodb")
    alerts = DynamoAlerts(dynamodb, make_table(dynamodb, TEMPLATE, "TasksTable"))
    name = alert().alert
    alerts.change(
        Change(Watch("demo", TRIP), Watch("demo", TRIP, {"silent": name}, rev=1), (alert(),), (), T0)
    )
    update, conflict = dynamodb.update_item, {"Error": {"Code": "TransactionConflictException"}}
    answers = iter([ClientError(conflict, "UpdateItem")])

    def busy(**asked):
        if error := next(answers, None):
            raise error
        return update(**asked)

    monkeypatch.setattr(dynamodb, "update_item", busy)
    assert alerts.acknowledge("demo", name, "max", T0 + 30).acknowledged_by == "max"


def test_rules_are_the_fleet_s_own(stores) -> None:
    _, alerts = stores
    mine = Rules(frozenset({"late", "silent"}), silent_after_s=600)
    alerts.put_rules("demo", mine)
    assert alerts.rules(["demo", "rival"]) == {"demo": mine}
    alerts.put_rules("demo", Rules(frozenset()))
    assert alerts.rules(["demo"])["demo"].kinds == frozenset()


def test_a_threshold_that_came_later_has_its_default() -> None:
    row = rules_row("demo", Rules(late_by_s=7))
    del row["silent_after_s"]
    assert rules_of(row | {"kinds": ["late", "hungry"]}) == Rules(frozenset({"late"}), late_by_s=7)


@pytest.fixture(params=["fake", "aws"])
def hooks(request):
    if request.param == "fake":
        return FakeWebhooks(), FakeSecrets()
    dynamodb, table = table_of(request, TEMPLATE, "TasksTable")
    return DynamoWebhooks(dynamodb, table), SsmSecrets(boto3.client("ssm"), "/milepost/dev/webhooks")


ERP = Webhook("demo", "erp", "https://erp.example.com", ("alert.raised",), T0)


def test_webhooks_are_kept_marked_and_removed(hooks) -> None:
    store, _ = hooks
    for webhook in (ERP, replace(ERP, name="crm"), replace(ERP, fleet="rival")):
        store.put(webhook)
    assert [it.name for it in store.all("demo")] == ["crm", "erp"]
    failed = replace(ERP, state="failing", failed_ms=T0 + 5, failure="500", failures=3, failing_ms=T0 + 1)
    failed = replace(failed, next_ms=T0 + 60, slow=True)
    store.tell(failed, 0)
    assert store.get("demo", "erp") == failed
    store.tell(replace(failed, failures=4, failing_ms=T0 + 9), 0)
    assert store.get("demo", "erp") == replace(failed, failures=4)  # the first failure of those in a row
    well = replace(ERP, failed_ms=T0 + 5, failure="500", succeeded_ms=T0 + 99)
    store.tell(well, 0)
    assert store.get("demo", "erp") == well
    store.tell(replace(failed, changed_ms=1), 0)
    assert store.get("demo", "erp") == well
    gone = replace(well, state="off", failure="410 Gone")
    store.tell(gone, 0)
    store.tell(well, 0)  # an answer that came later than that
    assert store.get("demo", "erp") == gone
    store.put(ERP)
    assert store.get("demo", "erp") == ERP
    store.remove("demo", "erp")
    store.tell(ERP, 0)
    assert store.get("demo", "erp") is None


def test_a_place_of_a_webhook_is_one_request_s_until_it_is_told_or_too_long_ago(hooks) -> None:
    store, _ = hooks
    store.put(ERP)
    assert store.take(ERP, 0, T0, T0 + 30)
    assert store.take(ERP, 1, T0, T0 + 40)
    assert not store.take(ERP, 0, T0 + 30, T0 + 60)
    assert store.get("demo", "erp").busy == {0: T0 + 30, 1: T0 + 40}
    store.tell(ERP, 1)
    assert store.get("demo", "erp").busy == {0: T0 + 30}
    assert store.take(ERP, 0, T0 + 31, T0 + 61)
    assert not store.take(replace(ERP, changed_ms=1), 2, T0, T0 + 30)
    assert not store.take(replace(ERP, name="crm"), 0, T0, T0 + 30)
    assert store.get("demo", "crm") is None


def test_who_takes_a_place_is_told_how_the_webhook_fares_by_then(hooks) -> None:
    store, _ = hooks
    store.put(replace(ERP, failures=9, failing_ms=T0))
    store.tell(ERP, 0)
    taken = store.take(replace(ERP, failures=9, failing_ms=T0), 0, T0, T0 + 30)
    assert (taken.failures, taken.failing_ms, taken.busy) == (0, None, {0: T0 + 30})
    store.put(replace(ERP, state="off"))
    assert store.take(ERP, 0, T0, T0 + 30) is None


def test_two_requests_at_a_time_tell_each_of_its_own_alone(hooks) -> None:
    """Both have read the webhook before either tells."""
    store, _ = hooks
    store.put(ERP)
    one, two = (store.take(ERP, place, T0, T0 + 30) for place in (0, 1))
    store.tell(replace(one, succeeded_ms=T0 + 5), 0)
    store.tell(replace(two, failures=1, failing_ms=T0 + 6, failed_ms=T0 + 6, failure="500"), 1)
    found = store.get("demo", "erp")
    assert (found.succeeded_ms, found.failed_ms, found.failures) == (T0 + 5, T0 + 6, 1)
    store.tell(replace(one, succeeded_ms=T0 + 7), 0)
    found = store.get("demo", "erp")
    assert (found.succeeded_ms, found.failed_ms, found.failure) == (T0 + 7, T0 + 6, "500")
    assert (found.failures, found.failing_ms) == (0, None)


def test_a_webhook_is_added_where_there_is_none_of_its_name(hooks) -> None:
    store, _ = hooks
    other = replace(ERP, url="https://other.example.com")
    assert [store.add(it) for it in (ERP, other, replace(ERP, fleet="rival"))] == [True, False, True]
    assert store.get("demo", "erp") == ERP
    store.remove("demo", "erp")
    assert store.add(other)


def test_secrets_are_kept_by_fleet_and_webhook(hooks) -> None:
    _, secrets = hooks
    secrets.put("demo", "erp", "whsec_1")
    secrets.put("demo", "erp", "whsec_2")
    assert (secrets.get("demo", "erp"), secrets.get("rival", "erp")) == ("whsec_2", None)
    secrets.remove("demo", "erp")
    secrets.remove("demo", "erp")
    assert secrets.get("demo", "erp") is None


def test_a_secret_is_a_secure_string(aws) -> None:
    ssm = boto3.client("ssm")
    SsmSecrets(ssm, "/milepost/dev/webhooks").put("demo", "erp", "whsec_1")
    kept = ssm.get_parameter(Name="/milepost/dev/webhooks/demo/erp")["Parameter"]
    assert kept["Type"] == "SecureString"
    assert "whsec_1" not in kept["Value"] or kept["Value"].startswith("kms:")


def test_messages_are_sent_and_come_again_later(aws) -> None:
    sqs = boto3.client("sqs")
    url = sqs.create_queue(QueueName="webhooks")["QueueUrl"]
    letters = SqsLetters(sqs, url)
    letters.send([f"letter {i}" for i in range(12)])
    letters.send([])
    found = [sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"] for _ in range(2)]
    assert sorted(it["Body"] for part in found for it in part) == sorted(f"letter {i}" for i in range(12))
    letters.later(found[0][0]["ReceiptHandle"], 0)
    (again,) = sqs.receive_message(QueueUrl=url)["Messages"]
    assert again["Body"] == found[0][0]["Body"]
    letters.later(again["ReceiptHandle"], 1e9)
    letters.send(["later"], 1e9)
    told = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert told["ApproximateNumberOfMessagesDelayed"] == "1"


def test_what_comes_later_follows_the_laptops_clock_and_never_comes_too_early(aws, request) -> None:
    sqs, asked = boto3.client("sqs"), []
    sqs.meta.events.register("provide-client-params.sqs", lambda params, **_: asked.append(params))
    url = sqs.create_queue(QueueName="webhooks")["QueueUrl"]
    letters = SqsLetters(sqs, url)
    use(Course(0.0, 60.0))
    request.addfinalizer(lambda: use(Course()))
    letters.send(["in a minute and a half"], 90)
    assert asked[-1]["Entries"][0]["DelaySeconds"] == 2
    letters.send(["now"])
    (found,) = sqs.receive_message(QueueUrl=url)["Messages"]
    letters.later(found["ReceiptHandle"], 3600)
    assert asked[-1]["VisibilityTimeout"] == 60


def test_events_reach_a_bus_s_rule(aws) -> None:
    """Through moto's own bus: what is sent is what EventBridge takes."""
    events, sqs = boto3.client("events"), boto3.client("sqs")
    url = sqs.create_queue(QueueName="heard")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    events.create_event_bus(Name="milepost-dev")
    pattern = json.dumps({"source": ["milepost.tasks"], "detail-type": [{"prefix": "alert."}]})
    events.put_rule(Name="rule", EventBusName="milepost-dev", EventPattern=pattern)
    events.put_targets(Rule="rule", EventBusName="milepost-dev", Targets=[{"Id": "q", "Arn": arn}])
    told = [Event("al_1/raised", "alert.raised", "demo", 1_795_492_800.25, {"kind": "late"})]
    assert EventBridge(events, "milepost-dev").put([*told, replace(told[0], type="trip.started")]) == []
    (message,) = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
    heard = json.loads(message["Body"])
    assert (heard["detail-type"], heard["detail"]) == ("alert.raised", told[0].shown())
