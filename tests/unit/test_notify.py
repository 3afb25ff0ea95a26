"""The tasks table's stream as events: on the bus, to managers, to couriers."""

from __future__ import annotations

import json
import logging
from dataclasses import replace
from types import SimpleNamespace

import pytest
from botocore.exceptions import ClientError

from stacks.tasks.notify.events import ALERT_EVENTS, EVENTS, TASK_EVENTS, TRIP_EVENTS
from stacks.tasks.notify.notify import SENDERS, SHOW_S, Notify, messages
from storage.alerts import Watch
from storage.alerts.rows import alert_row, watch_row
from storage.bus import Event, EventBridge
from storage.items import pack
from storage.tasks import STATUSES, Bonus, Line, Task
from storage.tasks.rows import line_row, task_row, trip_row
from storage.webhooks import Webhook, hook_row
from telemetry.frames import FRAME_BYTES
from telemetry.life import ACTIONS
from tests.fakes import FakeConnections, FakeSockets
from tests.fakes_alerts import FakeAlerts, FakeBus
from tests.fakes_payouts import FakeLater
from tests.fakes_stacks import FakeTasks
from tests.watching import T0, alert, ridden, trip

MS = round(T0 * 1000)
TASK = Task(
    "demo", "tk_0000000000000001", "Milk", "lap@1", Bonus("1", "CNY"), MS, MS, MS + 1, MS + 2, MS + 3,
    place=(31.2, 121.5),
)  # fmt: skip
START = Line(trip().trip, 2, MS + 500, "mei", "courier", "start", "claimed", "started")


def record(sequence: int, new, old=None):
    image = {"NewImage": pack(new)} if new else {}
    image |= {"OldImage": pack(old)} if old else {}
    name = "INSERT" if old is None else "MODIFY"
    stream = {"SequenceNumber": str(sequence), "ApproximateCreationDateTime": T0} | image
    return {"eventName": name, "dynamodb": stream}


@pytest.fixture
def told():
    tasks = FakeTasks()
    ridden(tasks, trip())
    connections = FakeConnections()
    connections.subscribe("manager", "fleet/demo")
    connections.subscribe("courier", "tasks/demo")
    connections.subscribe("stranger", "fleet/rival")
    log = logging.getLogger("notify")
    return Notify(FakeAlerts(tasks), FakeBus(), connections, FakeSockets(), lambda: T0, FakeLater(), log)


def seen(told, who):
    return [event for m in told.sockets.sent.get(who, []) for event in json.loads(m)["events"]]


def test_every_step_status_and_alert_has_a_name() -> None:
    assert set(TRIP_EVENTS) == set(ACTIONS)
    assert set(TASK_EVENTS) == set(STATUSES)
    assert len(set(EVENTS)) == len(TRIP_EVENTS) + len(TASK_EVENTS) + len(ALERT_EVENTS) + 1


def test_a_step_is_told_with_what_the_trip_is(told) -> None:
    assert told.tell([record(1, line_row("demo", START))]) == []
    (event,) = told.bus.events
    assert (event.id, event.type, event.at) == (f"{trip().trip}/000002", "trip.started", T0 + 0.5)
    assert event.data["courier"] == "mei"
    assert (event.data["from"], event.data["to"], event.data["by"]) == ("claimed", "started", "mei")
    assert [it["id"] for it in seen(told, "manager")] == [event.id]
    assert seen(told, "courier") == seen(told, "stranger") == []


def test_an_alert_is_told_when_it_is_raised_acknowledged_and_closed(told) -> None:
    raised = alert()
    ours = replace(raised, acknowledged_ms=MS + 500_000, acknowledged_by="max")
    closed = replace(ours, closed_ms=MS + 600_000)
    rows = [alert_row(it) for it in (raised, ours, closed)]
    told.tell([record(1, rows[0]), record(2, rows[1], rows[0]), record(3, rows[2], rows[1])])
    name = raised.alert
    assert [(it.id, it.type) for it in told.bus.events] == [
        (f"{name}/raised", "alert.raised"),
        (f"{name}/acknowledged", "alert.acknowledged"),
        (f"{name}/closed", "alert.closed"),
    ]
    assert [it["data"]["state"] for it in seen(told, "manager")] == ["open", "open", "closed"]
    assert seen(told, "courier") == []


def test_an_alert_that_is_first_seen_closed_is_told_from_its_raising_on(told) -> None:
    """As when a record that could not be told is told from its row, later."""
    seen_once = replace(alert(), closed_ms=MS + 600_000)
    told.tell([record(1, alert_row(seen_once))])
    assert [it.type for it in told.bus.events] == ["alert.raised", "alert.closed"]


def test_a_webhook_that_is_switched_off_is_told_once_and_without_its_address(told) -> None:
    failing = Webhook(
        "demo", "erp", "https://erp.example.com/key", ("alert.raised",), MS, "failing", MS, "503"
    )
    off = replace(failing, state="off", failed_ms=MS + 1_000, failures=40, failing_ms=MS)
    rows = [hook_row(it) for it in (failing, off, replace(off, succeeded_ms=MS - 5_000))]
    told.tell([record(1, rows[0]), record(2, rows[1], rows[0]), record(3, rows[2], rows[1])])
    (event,) = told.bus.events
    assert (event.id, event.type) == (f"hook/erp/{MS + 1_000}/disabled", "webhook.disabled")
    assert (event.data["webhook"], event.data["failure"], event.data["failing_since"]) == ("erp", "503", T0)
    assert b"key" not in json.dumps(event.shown()).encode()
    assert [it["id"] for it in seen(told, "manager")] == [event.id]


def test_a_damaged_row_that_is_put_back_is_told_as_any_other_change(told) -> None:
    """Its old image cannot be read, which is why it was put back."""
    off = Webhook(
        "demo", "erp", "https://erp.example.com/", ("alert.raised",), MS, "off", MS, "410", failures=1
    )
    rows = [task_row(replace(TASK, left=0, status="taken", rev=2)), alert_row(alert()), hook_row(off)]
    damaged = [
        task_row(TASK) | {"created_ms": "soon"},
        {name: it for name, it in alert_row(alert()).items() if name != "facts"},
        hook_row(replace(off, state="on")) | {"url": 7},
    ]
    told.tell([record(i, *it) for i, it in enumerate(zip(rows, damaged, strict=True))])
    assert [it.type for it in told.bus.events] == ["task.taken", "webhook.disabled"]
    assert told.untold.sent == []


def test_everybody_hears_of_tasks_that_open_and_go(told) -> None:
    taken = replace(TASK, left=0, status="taken", rev=2)
    written = replace(TASK, left=5, rev=3)
    rows = [task_row(it) for it in (TASK, taken, written)]
    told.tell([record(1, rows[0]), record(2, rows[1], rows[0]), record(3, rows[2], rows[0])])
    assert [it["type"] for it in seen(told, "courier")] == ["task.opened", "task.taken"]
    assert seen(told, "manager") == seen(told, "courier")


def test_what_is_nobodys_news_is_not_told(told) -> None:
    gone = record(1, None, trip_row(trip()))
    others = [record(2, trip_row(trip())), record(3, watch_row(Watch("demo", trip().trip)))]
    assert told.tell([gone, *others]) == []
    assert told.bus.events == []


def test_a_record_that_cannot_be_read_holds_up_no_other(told, caplog) -> None:
    """As after a deployment was taken back: a step that this code does not know."""
    strange = line_row("demo", START) | {"action": "teleport"}
    assert told.tell([record(1, strange), record(2, line_row("demo", replace(START, rev=3)))]) == []
    assert [it["data"]["rev"] for it in seen(told, "manager")] == [3]
    (left,) = told.untold.sent
    assert (left["fleet"], left["item"]) == ("demo", f"{trip().trip}/000002")
    assert "cannot be told" in caplog.text


def test_what_the_bus_does_not_take_comes_again_and_is_shown_then(told) -> None:
    lines = [replace(START, rev=rev) for rev in (2, 3, 4)]
    records = [record(rev, line_row("demo", line)) for rev, line in enumerate(lines, 1)]
    told.bus.refuse = {f"{trip().trip}/000003"}
    assert told.tell(records) == ["2"]
    assert [it["data"]["rev"] for it in seen(told, "manager")] == [2]
    told.bus.refuse = set()
    assert told.tell(records[1:]) == []
    assert [it["data"]["rev"] for it in seen(told, "manager")] == [2, 3, 4]


def test_a_viewer_who_has_gone_is_forgotten(told) -> None:
    told.sockets.gone.add("manager")
    told.tell([record(1, line_row("demo", START))])
    assert told.connections.removed == ["manager"]


def test_browsers_that_take_their_time_do_not_tell_the_bus_again(told) -> None:
    now, couriers = [T0], [f"courier-{i}" for i in range(200)]
    for courier in couriers:
        told.connections.subscribe(courier, "tasks/demo")
    reached = []

    def slowly(connection, _message):
        reached.append(connection)
        now[0] += 1.0

    told = replace(told, stopwatch=lambda: now[0], sockets=SimpleNamespace(send=slowly))
    assert told.tell([record(1, task_row(TASK))]) == []
    assert len(told.bus.events) == 1
    assert SHOW_S <= now[0] - T0 <= SHOW_S + SENDERS
    assert len(set(reached)) == len(reached) < len(couriers)


def test_who_listens_cannot_be_found_and_the_bus_is_told_once(told) -> None:
    def throttled(_topic):
        raise ClientError({"Error": {"Code": "ThrottlingException"}}, "Query")

    told = replace(told, connections=SimpleNamespace(listeners=throttled))
    assert told.tell([record(1, line_row("demo", START))]) == []
    assert len(told.bus.events) == 1


def test_messages_fit_a_frame() -> None:
    events = [Event(f"e{i}", "task.opened", "demo", T0, {"notes": "x" * 2_000}) for i in range(40)]
    parts = list(messages(events, T0))
    assert len(parts) > 1
    assert max(map(len, parts)) <= FRAME_BYTES
    assert [it["id"] for part in parts for it in json.loads(part)["events"]] == [it.id for it in events]


class FakeEvents:
    """EventBridge's answers, one a call: error codes by the entry's place."""

    def __init__(self, *answers) -> None:
        self.answers, self.calls = list(answers), []

    def put_events(self, Entries):  # noqa: N803 - boto3's
        self.calls.append([json.loads(entry["Detail"])["id"] for entry in Entries])
        failing = self.answers.pop(0) if self.answers else {}
        results = [
            {"ErrorCode": failing[i]} if i in failing else {"EventId": "1"} for i in range(len(Entries))
        ]
        return {"FailedEntryCount": len(failing), "Entries": results}


def put(events, count, tries=5):
    bus = EventBridge(events, "milepost-dev", lambda: range(tries))
    return bus.put([Event(f"e{i}", "alert.raised", "demo", T0) for i in range(count)])


def test_entries_that_were_not_taken_are_sent_again_alone() -> None:
    events = FakeEvents({1: "ThrottlingException", 2: "InternalFailure"}, {1: "InternalFailure"})
    assert put(events, 3) == []
    assert events.calls == [["e0", "e1", "e2"], ["e1", "e2"], ["e2"]]


def test_entries_that_are_never_taken_are_named() -> None:
    assert put(FakeEvents({1: "InternalFailure"}, {0: "InternalFailure"}), 3, tries=2) == [1]


def test_a_call_carries_ten_entries() -> None:
    events = FakeEvents()
    assert put(events, 23) == []
    assert [len(call) for call in events.calls] == [10, 10, 3]
