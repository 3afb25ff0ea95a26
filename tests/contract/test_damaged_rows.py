"""One row that cannot be read hides no other: in every list, and in whole pages. Where it would be missing
from a sum, all is refused, and the refusal says which row it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, NamedTuple

import boto3
import pytest

from geo.tiles import Place
from stacks.tasks.routes.publish import Routes
from storage.alerts import Change, DynamoAlerts, Watch
from storage.catalog import DynamoCatalog
from storage.damage import Damaged, OnDamage, refuse
from storage.drafts import DynamoDrafts
from storage.items import pack
from storage.payouts import DynamoPayouts
from storage.photos import DynamoPhotos, Photo
from storage.tasks import DynamoOpenTasks, DynamoSchedules, DynamoTasks, Schedule, Task
from storage.tasks.rows import near_key
from storage.webhooks import DynamoWebhooks
from telemetry.alerts import Rules
from tests.contract.test_alerts_stores import ERP, SHARD, TRIP
from tests.contract.test_payouts_stores import PAYOUT
from tests.contract.test_routes_stores import FIRST, NEW
from tests.contract.test_tasks_stores import SINGLE, T0, TASK, TEMPLATE, claimed, moved
from tests.fakes_stacks import FakeLines
from tests.tables import make_table
from tests.watching import alert

PLACES = [replace(SINGLE, task=f"tk_{i:016}", place=(31.23, 121.47)) for i in range(5)]


class Case(NamedTuple):
    """fill: with rows of one kind; returns their names. names: of those that are found. row: the key of one;
    gone: an attribute without which it cannot be read.
    """

    fill: Callable[[Any], list[str]]
    names: Callable[[Any, OnDamage], list[str]]
    row: Callable[[str], str] = lambda name: name
    key: str = "item"
    gone: str = "created_ms"


def tasks_of(client: Any) -> list[str]:
    for task in PLACES:
        assert DynamoTasks(client, "TasksTable").add(task)
    return [task.task for task in PLACES]


def trips_of(client: Any) -> list[str]:
    """One courier's, of five tasks."""
    store = DynamoTasks(client, "TasksTable")
    return [claimed(store, f"tr_{i:016}", courier="mei", task=f"tk_{i}").trip for i in range(3)]


def trips_on(client: Any) -> list[str]:
    """Of one task, by courier."""
    store = DynamoTasks(client, "TasksTable")
    assert store.add(replace(TASK, quantity=5, left=5))
    return [claimed(store, f"tr_{i:016}", courier=f"c{i}").trip for i in range(5)]


def lines_of(client: Any) -> list[str]:
    store = DynamoTasks(client, "TasksTable")
    claimed(store)
    assert moved(store, "tr_1", "start", "started", started_ms=T0 + 5)
    assert moved(store, "tr_1", "pause", "paused", paused_ms=T0 + 6)
    return ["000001", "000002", "000003"]


def alerts_of(client: Any) -> list[str]:
    raised = tuple(alert(f"al_{i:016}") for i in range(5))
    before = Watch("demo", TRIP)
    assert DynamoAlerts(client, "TasksTable").change(Change(before, replace(before, rev=1), raised, (), T0))
    return [it.alert for it in raised]


def schedules_of(client: Any) -> list[str]:
    schedules = [Schedule("demo", f"sc_{i}", "0 8 * * *", "UTC", {"title": "x"}, T0) for i in range(3)]
    for it in schedules:
        assert DynamoSchedules(client, "TasksTable").add(it)
    return [it.schedule for it in schedules]


def webhooks_of(client: Any) -> list[str]:
    for name in "abc":
        DynamoWebhooks(client, "TasksTable").put(replace(ERP, name=name))
    return ["a", "b", "c"]


def photos_of(client: Any) -> list[str]:
    claimed(DynamoTasks(client, "TasksTable"))
    for name in ("ph_1", "ph_2", "ph_3"):
        photo = Photo("tr_1", name, "image/jpeg", 9, T0)
        assert DynamoPhotos(client, "TasksTable").count("demo", photo, {"claimed"}, 9)
    return ["ph_1", "ph_2", "ph_3"]


def routes_of(client: Any) -> list[str]:
    for version in (1, 2, 3):
        DynamoCatalog(client, "RoutesTable").add(replace(FIRST, version=version))
    return ["lap@1", "lap@2", "lap@3"]


def drafts_of(client: Any) -> list[str]:
    for name in "abc":
        assert DynamoDrafts(client, "RoutesTable").put(replace(NEW, id=name), None)
    return ["a", "b", "c"]


def pages(page: Callable[[str | None], list[str]]) -> list[str]:
    """All pages of two, as a handler asks for them: the one that is not full is the last."""
    found = page(None)
    while len(found) % 2 == 0 and (more := page(found[-1])):
        found += more
    return found


def tasks(client: Any, damaged: OnDamage) -> DynamoTasks:
    return DynamoTasks(client, "TasksTable", damaged)


def nearby(client: Any, damaged: OnDamage) -> list[str]:
    """Two at a time, behind the last one's key."""
    index, found = DynamoOpenTasks(client, "TasksTable", damaged), list[Task]()
    while True:
        after = near_key(Place(31.23, 121.47), found[-1].task) if found else ""
        rows = index.in_tile("demo", "", 2, after)
        found += [row.task for row in rows]
        if len(rows) < 2:
            return [task.task for task in found]


CASES = {
    "tasks": Case(
        tasks_of,
        lambda db, to: pages(lambda after: [it.task for it in tasks(db, to).page("demo", None, after, 2)]),
    ),
    "tasks in a state": Case(
        tasks_of,
        lambda db, to: pages(lambda after: [it.task for it in tasks(db, to).page("demo", "open", after, 2)]),
    ),
    "tasks near": Case(tasks_of, nearby),
    "a courier's trips": Case(
        trips_of,
        lambda db, to: pages(
            lambda after: [it.trip for it in tasks(db, to).trips_of("demo", "mei", after, 2)]
        ),
        gone="claimed_ms",
    ),
    "trips in a state": Case(
        trips_on,
        lambda db, to: pages(
            lambda after: [it.trip for it in tasks(db, to).trips_in("demo", "claimed", after, 2)]
        ),
        gone="claimed_ms",
    ),
    "trips of a task": Case(
        trips_on,
        lambda db, to: pages(
            lambda after: [
                it.trip for it in tasks(db, to).trips_on("demo", "tk_1", after and f"c{int(after[3:])}", 2)
            ]
        ),
        gone="claimed_ms",
    ),
    "an audit": Case(
        lines_of,
        lambda db, to: [f"{it.rev:06}" for it in tasks(db, to).audit("demo", "tr_1")],
        row=lambda name: f"tr_1/{name}",
        gone="at_ms",
    ),
    "alerts": Case(
        alerts_of,
        lambda db, to: pages(
            lambda after: [
                it.alert for it in DynamoAlerts(db, "TasksTable", to).page("demo", "open", after, 2)
            ]
        ),
        gone="raised_ms",
    ),
    "schedules": Case(
        schedules_of,
        lambda db, to: [it.schedule for it in DynamoSchedules(db, "TasksTable", to).all("demo")],
    ),
    "webhooks": Case(
        webhooks_of,
        lambda db, to: [it.name for it in DynamoWebhooks(db, "TasksTable", to).all("demo")],
        row=lambda name: f"hook/{name}",
        gone="changed_ms",
    ),
    "photos": Case(
        photos_of,
        lambda db, to: [it.photo for it in DynamoPhotos(db, "TasksTable", to).all("demo", "tr_1")],
        row=lambda name: f"photo/tr_1/{name}",
        gone="at_ms",
    ),
    "routes": Case(
        routes_of,
        lambda db, to: [it.route for it in DynamoCatalog(db, "RoutesTable", to).all("demo")],
        key="route",
    ),
    "drafts": Case(
        drafts_of,
        lambda db, to: [it.id for it in DynamoDrafts(db, "RoutesTable", to).all("demo")],
        key="route",
        gone="revision",
    ),
}


@pytest.fixture
def client(aws) -> Iterator[Any]:
    dynamodb = boto3.client("dynamodb")
    for table in ("TasksTable", "RoutesTable"):
        make_table(dynamodb, TEMPLATE, table)
    return dynamodb


def damage(client: Any, item: str, name: str, value: Any = None, key: str = "item") -> None:
    """value: put in the attribute's place; None: the attribute is lost."""
    client.update_item(
        TableName="TasksTable" if key == "item" else "RoutesTable",
        Key=pack({"fleet": "demo", key: item}),
        UpdateExpression="REMOVE #name" if value is None else "SET #name = :value",
        ExpressionAttributeNames={"#name": name},
        **({} if value is None else {"ExpressionAttributeValues": pack({":value": value})}),
    )


@pytest.mark.parametrize("value", [None, "yesterday"])
@pytest.mark.parametrize("which", [0, 1, -1])
@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_row_that_cannot_be_read_is_told_and_its_neighbours_are_listed(client, case, which, value) -> None:
    names = case.fill(client)
    assert sorted(case.names(client, refuse)) == names
    row = case.row(names[which])
    damage(client, row, case.gone, value, case.key)
    told: list[Damaged] = []
    found = case.names(client, told.append)
    assert sorted(found) == [name for name in names if name != names[which]]
    assert {(it.fleet, it.item) for it in told} == {("demo", row)}
    with pytest.raises(Damaged) as refused:
        case.names(client, refuse)
    assert refused.value.item == row
    assert row in refused.value.detail


def test_a_run_of_rows_that_cannot_be_read_takes_few_queries(client) -> None:
    """As after a deployment was taken back: all that it wrote."""
    store, names, asked = DynamoTasks(client, "TasksTable"), [f"tk_{i:016}" for i in range(112)], list[Any]()
    for name in names:
        assert store.add(replace(SINGLE, task=name))
    for name in names[10:-1]:
        damage(client, name, "created_ms")
    client.meta.events.register("before-call.dynamodb.Query", lambda **it: asked.append(it))
    found = tasks(client, [].append).page("demo", None, None, 3)
    assert [it.task for it in found] == [names[-1], *names[9:7:-1]]
    assert len(asked) <= 4
    behind = tasks(client, refuse).page("demo", None, found[-1].task, 99)
    assert [it.task for it in behind] == names[7::-1]


@pytest.mark.parametrize(
    ("trip", "named"),
    [(None, "claim/tk_1/c1"), ("", "claim/tk_1/c1"), (7, "claim/tk_1/c1"), ("tr_none", "tr_none")],
)
def test_a_claim_whose_trip_is_not_to_be_found_hides_no_other(client, trip, named) -> None:
    first, _, *others = trips_on(client)
    damage(client, "claim/tk_1/c1", "trip", trip)
    told: list[Damaged] = []
    found = tasks(client, told.append).trips_on("demo", "tk_1", None, 9)
    assert [it.trip for it in found] == [first, *others]
    assert [it.item for it in told] == [named]
    with pytest.raises(Damaged, match=named):
        tasks(client, refuse).trips_on("demo", "tk_1", None, 9)


def test_two_claims_that_name_one_trip_hide_no_other(client) -> None:
    first, _, *others = trips_on(client)
    damage(client, "claim/tk_1/c1", "trip", first)
    found = tasks(client, refuse).trips_on("demo", "tk_1", None, 9)
    assert [it.trip for it in found] == [first, *others]


def test_a_single_row_that_cannot_be_read_is_refused_by_name(client) -> None:
    (name, *_) = trips_of(client)
    damage(client, name, "bonus_amount")
    with pytest.raises(Damaged, match="tr_0000000000000000 of fleet demo cannot be read: KeyError"):
        DynamoTasks(client, "TasksTable").trip("demo", name)


def watched_of(client: Any) -> tuple[DynamoAlerts, str]:
    """Two trips of one shard: TRIP, and another."""
    store = DynamoTasks(client, "TasksTable")
    other = "tr_0000000000000015"
    for name, courier in ((TRIP, "mei"), (other, "wang")):
        claimed(store, name, courier)
        assert moved(store, name, "start", "started", started_ms=T0 + 5)
    return DynamoAlerts(client, "TasksTable"), other


@pytest.mark.parametrize(
    ("item", "name", "value"),
    [
        (TRIP, "deadline_ms", "soon"), (TRIP, "state", "lost"), (TRIP, "task", None), (TRIP, "title", 7),
        (f"watch/{TRIP}", "open", None), (f"watch/{TRIP}", "told", 7), (f"watch/{TRIP}", "rev", "x"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("ended", [False, True])
def test_a_damaged_trip_or_watch_hides_no_other_of_its_shard(client, item, name, value, ended) -> None:
    alerts, other = watched_of(client)
    if ended:
        store = DynamoTasks(client, "TasksTable")
        assert moved(store, TRIP, "finish", "finished", ended_ms=T0 + 9)
    assert not alerts.watched(SHARD).damaged
    damage(client, item, name, value)
    found = alerts.watched(SHARD)
    assert {*found.damaged} == {("demo", TRIP)}
    assert found.damaged["demo", TRIP].item == item
    whole = [key for key in found.trips if key in found.watches and key not in found.damaged]
    assert whole == [("demo", other)]


@pytest.mark.parametrize(("name", "value"), [("rev", "x"), ("rev", None), ("open", 7), ("told", None)])
def test_no_damage_of_a_watch_keeps_a_trip_from_its_record(client, name, value) -> None:
    watched_of(client)
    store = DynamoTasks(client, "TasksTable")
    assert moved(store, TRIP, "finish", "finished", ended_ms=T0 + 9)
    damage(client, f"watch/{TRIP}", name, value)
    assert moved(store, TRIP, "settle", "settled")


def test_rules_that_cannot_be_read_are_known_not_to_be(client) -> None:
    told: list[Damaged] = []
    alerts = DynamoAlerts(client, "TasksTable", told.append)
    for fleet in ("demo", "rival"):
        alerts.put_rules(fleet, Rules(late_by_s=7))
    damage(client, "rules", "late_by_s", "late")
    assert alerts.rules(["demo", "rival", "new"]) == {"demo": None, "rival": Rules(late_by_s=7)}
    assert [it.item for it in told] == ["rules"]


def test_no_version_of_a_route_that_is_retired_is_left_out(client) -> None:
    routes_of(client)
    damage(client, "lap@2", "created_ms", key="route")
    routes = Routes(DynamoCatalog(client, "RoutesTable", [].append), FakeLines())
    with pytest.raises(Damaged, match="lap@2"):
        routes.retire("demo", "lap", T0 / 1000)
    assert [it.route for it in routes.retire("demo", "lap@3", T0 / 1000)] == ["lap@3"]
    assert [it.route for it in routes.all("demo")] == ["lap@1"]


def test_no_payout_is_left_out_of_the_list(client) -> None:
    payouts = DynamoPayouts(client, "TasksTable")
    assert payouts.begin(PAYOUT)
    damage(client, PAYOUT.payout, "trips")
    with pytest.raises(Damaged, match=PAYOUT.payout):
        payouts.page("demo", None, 9)
    damage(client, f"payout/{PAYOUT.payout}", "planned", '[["tr_1", "four"]]')
    with pytest.raises(Damaged, match="payout/po_1"):
        payouts.get("demo", PAYOUT.payout)
