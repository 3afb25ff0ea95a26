"""What the ports promise, kept by the DynamoDB adapters and by the fakes that tests use in their place."""

from __future__ import annotations

from dataclasses import replace

import pytest

from storage.connections import CONNECTION_S, TICKET_S, DynamoConnections, TicketRefused, Viewer
from storage.history import DynamoHistory
from storage.live import DynamoLive, Raced, Unreadable, change_live, item_bytes, to_item
from storage.windows import DynamoWindows, WindowTaken
from telemetry.history import Sighting, Sightings
from telemetry.live import Live, Window
from telemetry.ping import Ping
from tests.fakes import FakeHistory, FakeLive
from tests.live_writes import PROMISES
from tests.strategies import T0_MS

LIVE = Live("demo", "wang", 1000, (Window("tr_1", "lap@1", T0_MS),))


@pytest.fixture(params=["dynamodb", "fake"])
def live(request):
    return (
        FakeLive()
        if request.param == "fake"
        else DynamoLive(request.getfixturevalue("dynamodb"), "LiveTable")
    )


@pytest.fixture(params=["dynamodb", "fake"])
def history(request):
    if request.param == "fake":
        return FakeHistory()
    return DynamoHistory(request.getfixturevalue("dynamodb"), "HistoryTable")


def test_a_live_item_is_written_only_on_the_version_that_was_read(live) -> None:
    live.put(LIVE, None)
    with pytest.raises(Raced) as race:
        live.put(replace(LIVE, version=1001), None)
    assert race.value.current == LIVE
    live.put(replace(LIVE, version=1001), 1000)
    with pytest.raises(Raced) as race:
        live.put(replace(LIVE, version=1001), 1000)
    assert race.value.current.version == 1001


def test_an_expected_item_that_is_gone_is_a_lost_race(live) -> None:
    with pytest.raises(Raced) as race:
        live.put(LIVE, 999)
    assert race.value.current is None


def test_a_fleet_is_read_without_its_neighbours(live) -> None:
    others = [replace(LIVE, fleet="demo2"), replace(LIVE, courier="li")]
    for item in (LIVE, *others):
        live.put(item, None)
    assert [*live.fleet("demo").lives] == ["demo/li", "demo/wang"]
    assert live.get_many(["demo/wang", "demo/nobody"]) == ({"demo/wang": LIVE}, {})


def test_more_couriers_than_one_call_takes(live) -> None:
    for i in range(230):
        live.put(replace(LIVE, courier=f"c{i:03}"), None)
    assert len(live.fleet("demo").lives) == 230


def test_an_item_that_cannot_be_read_hides_no_other_and_is_not_written_over(live, request) -> None:
    for courier in ("li", "wang", "zhao"):
        live.put(replace(LIVE, courier=courier), None)
    if isinstance(live, FakeLive):
        live.damaged.add("demo/wang")
    else:
        request.getfixturevalue("dynamodb").update_item(
            TableName="LiveTable", Key={"courier": {"S": "demo/wang"}},
            UpdateExpression="SET progress = :half", ExpressionAttributeValues={":half": {"B": b"half"}},
        )  # fmt: skip
    fleet = live.fleet("demo")
    assert [*fleet.lives] == ["demo/li", "demo/zhao"]
    assert [*fleet.unreadable] == ["demo/wang"]
    some = live.get_many(["demo/wang", "demo/zhao", "demo/nobody"], consistent=False)
    assert ([*some.lives], [*some.unreadable]) == (["demo/zhao"], ["demo/wang"])
    assert live.get("demo/zhao") == replace(LIVE, courier="zhao")
    assert live.get("demo/nobody") is None
    told = [lambda: live.get("demo/wang"), lambda: live.put(LIVE, None), lambda: live.put(LIVE, 7),
            lambda: change_live(live, LIVE, lambda it: it)]  # fmt: skip
    for act in told:
        with pytest.raises(Unreadable) as refused:
            act()
        assert refused.value.courier == "demo/wang"
    assert [*live.fleet("demo").unreadable] == ["demo/wang"]


def test_a_change_is_applied_again_after_a_lost_race(live) -> None:
    seen = []

    def change(item: Live) -> Live:
        if not seen:  # somebody else is faster, once
            live.put(
                replace(item, outside=5, version=item.version + 1), None if item is LIVE else item.version
            )
        seen.append(item)
        return item.with_window(Window("tr_2", "lap@1", T0_MS + 5))

    changed = change_live(live, LIVE, change)
    assert len(seen) == 2
    assert changed.outside == 5
    assert [w.trip for w in changed.windows] == ["tr_1", "tr_2"]
    assert live.get("demo/wang") == changed


def test_a_history_is_read_from_a_bucket_on(history) -> None:
    found = [Sighting("app", Ping(T0_MS + 480_000 * i, 31_000_000, 121_000_000)) for i in range(3)]
    for sighting in found:
        history.unite("demo/tr_1", sighting.bucket, [*Sightings.of([sighting]).parts], lambda _: None)
    assert set(history.read("demo/tr_1", found[1].bucket).values()) == set(found[1:])
    assert set(history.read("demo/tr_1").values()) == set(found)


def test_a_chunk_unites_and_an_equal_one_is_not_written(history) -> None:
    one, two = (Sighting("app", Ping(T0_MS + i * 1000, 31_000_000, 121_000_000)) for i in range(2))
    bucket, losers = one.bucket, []
    for batch in ([one], [two, one], [one, two]):
        history.unite("demo/tr_1", bucket, [*Sightings.of(batch).parts], losers.extend)
        assert set(history.read("demo/tr_1").values()) == ({one} if batch == [one] else {one, two})
    assert losers == []
    better = Sighting("app", one.ping._replace(accuracy_dm=30))
    history.unite("demo/tr_1", bucket, [*Sightings.of([better]).parts], losers.extend)
    assert losers == [one]
    assert set(history.read("demo/tr_1").values()) == {better, two}
    assert history.read("demo/tr_2") == {}


@pytest.fixture
def windows(dynamodb):
    return DynamoWindows(dynamodb, "WindowsTable")


def test_a_window_opens_and_closes_once(windows) -> None:
    window = Window("tr_1", "lap@1", T0_MS)
    windows.open("demo/wang", window)
    windows.open("demo/wang", window)
    with pytest.raises(WindowTaken):
        windows.open("demo/wang", window._replace(trip="tr_2"))
    closed = window._replace(end_ms=T0_MS + 60_000)
    windows.close("demo/wang", closed)
    windows.close("demo/wang", closed)
    with pytest.raises(WindowTaken):
        windows.close("demo/wang", closed._replace(end_ms=T0_MS + 61_000))
    assert windows.newest("demo/wang") == [closed]


def test_windows_by_time(windows) -> None:
    rows = [Window(f"tr_{i}", "lap@1", T0_MS + i * 100, T0_MS + i * 100 + 50) for i in range(4)]
    for row in rows:
        windows.open("demo/wang", row)
    assert windows.newest("demo/wang") == rows[2:]
    assert windows.between("demo/wang", T0_MS + 130, T0_MS + 140) == [rows[1]]
    assert windows.between("demo/wang", T0_MS + 130, T0_MS + 210) == rows[1:3]
    assert windows.between("demo/wang", T0_MS + 170, T0_MS + 180) == []
    assert windows.between("demo/wang", T0_MS - 9, T0_MS - 1) == []
    assert windows.between("demo/wang", 0, T0_MS * 2) == rows


VIEWER = Viewer("demo", "manager", "manager")


@pytest.fixture
def clock():
    return [1_795_492_800.0]


@pytest.fixture
def connections(dynamodb, clock):
    return DynamoConnections(dynamodb, "ConnectionsTable", lambda: clock[0])


def test_a_ticket_works_once_and_for_thirty_seconds(connections, clock) -> None:
    ticket, ends = connections.issue_ticket(VIEWER)
    assert ends == clock[0] + TICKET_S
    assert connections.redeem(ticket) == VIEWER
    with pytest.raises(TicketRefused):
        connections.redeem(ticket)
    late, _ = connections.issue_ticket(VIEWER)
    clock[0] += TICKET_S
    with pytest.raises(TicketRefused):
        connections.redeem(late)
    with pytest.raises(TicketRefused):
        connections.redeem("never-issued")


def test_a_ticket_is_stored_only_as_its_hash(connections, dynamodb) -> None:
    ticket, _ = connections.issue_ticket(VIEWER)
    assert ticket not in str(dynamodb.scan(TableName="ConnectionsTable")["Items"])


def test_listeners_by_topic(connections, dynamodb, clock) -> None:
    for name in ("a", "b"):
        connections.add(name, VIEWER)
    connections.subscribe("a", "fleet/demo")
    connections.subscribe("gone", "fleet/demo")  # after $disconnect: no row comes back
    assert connections.listeners("fleet/demo") == ["a"]
    assert connections.viewer("b") == VIEWER
    connections.remove("a")
    assert connections.listeners("fleet/demo") == []
    assert connections.viewer("a") is None
    (row,) = dynamodb.scan(TableName="ConnectionsTable")["Items"]
    assert int(row["ttl"]["N"]) == clock[0] + CONNECTION_S


def test_item_bytes_is_what_is_stored() -> None:
    """Counted by hand from DynamoDB's rules for one small item."""
    item = Live("f", "c", 1234)
    names = len("courier") + len("fleet") + len("version") + len("progress")
    values = len("f/c") + len("f") + 4 + len(to_item(item)["progress"]["B"])
    assert item_bytes(item) == names + values


@pytest.fixture(params=["each", "fake"])
def lives(request):
    """The live table, however many items are written; in batches on the laptop's DynamoDB (tests/local)."""
    if request.param == "fake":
        return FakeLive()
    return DynamoLive(request.getfixturevalue("dynamodb"), "LiveTable", batched=False)


@pytest.mark.parametrize("promise", PROMISES)
def test_many_items_are_written_each_under_its_own_condition(lives, promise) -> None:
    promise(lives)
