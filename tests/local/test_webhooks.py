"""A server that hangs beside one that answers: the one gets its events at once, the other when it is well
again, each under the id that it always had; and a manager sees how both fare.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import repeat
from types import SimpleNamespace

import pytest

from cli import run_state
from cli.main import main
from cli.redrive.queues.known import QUEUES, Ends
from cli.site import laptop
from local.child import Child, stack
from stacks.tasks.webhooks.health import OPENS
from storage import dead_letters
from tests.local.api import call, signed_in
from tests.local.receiver import Receiver
from tests.local.test_whole_flow import LINE, until

EVENTS = 20
"""With two requests at a time on the laptop, a minute of hanging and more, where they stood in the way."""


@pytest.fixture(scope="module")
def world(fast, receiver):
    """With two webhooks, whose server answers both at once."""
    with webhooks(fast, receiver) as world:
        yield world


@pytest.fixture
def hanging(receiver):
    """On a clock that is four times as fast: a lease of 30 s still outlasts a request that hangs."""
    with (
        stack(CLOCK="4x", PARAMETERS="PrivateWebhooks=allow") as child,
        webhooks(child, receiver) as world,
    ):
        yield world


@contextmanager
def webhooks(child: Child, receiver: Receiver) -> Iterator[SimpleNamespace]:
    base, admin = child.base, child.token("admin")
    for name in ("well", "hangs"):
        put(base, admin, receiver, name)
    route = call(base, "POST /v1/routes", {"id": "hang", "line": LINE}, admin)[1]["route"]
    yield SimpleNamespace(
        base=base, port=base.rpartition(":")[2], admin=admin, manager=child.token("manager"), route=route
    )
    for name in ("well", "hangs"):
        assert call(base, f"DELETE /v1/fleet/webhooks/{name}", token=admin)[0] == 204


def put(base, admin, receiver, name: str):
    said = {"url": receiver.address(f"/{name}"), "events": ["task.opened"]}
    said["events"] += ["webhook.disabled"] if name == "well" else []
    status, answer = call(base, f"PUT /v1/fleet/webhooks/{name}", said, admin)
    assert status == 200
    return answer


def made(world, count: int) -> set[str]:
    """New tasks; the ids that their events must have."""
    bonus, ids = {"amount": "1", "currency": "CNY"}, set()
    for _ in range(count):
        task = {"route": world.route, "bonus": bonus, "deadline": time.time() + 9 * 86_400}
        status, answer = call(world.base, "POST /v1/tasks", task, world.admin)
        assert status == 201
        ids.add(f"{answer['task']}/000001")
    return ids


def shown(world, name: str):
    found = call(world.base, "GET /v1/fleet/webhooks", token=world.manager)[1]["webhooks"]
    return next(it for it in found if it["webhook"] == name)


def redrive(world, monkeypatch, capsys, *argv: str) -> list[str]:
    monkeypatch.setenv("PORT", world.port)
    monkeypatch.setattr(dead_letters, "WAIT_S", 0)  # one server has them all
    assert main(["redrive", *argv]) == 0
    return capsys.readouterr().out.splitlines()


def test_who_hangs_holds_up_nobody_and_gets_everything_in_the_end(hanging, receiver) -> None:
    receiver.answers["/hangs"] = repeat(None)
    first = made(hanging, EVENTS)
    until(lambda: first <= receiver.taken("/well"), 120)
    # In one queue, all would have hung before the last was sent. Here the two workers of the first lane do
    # once each, and then one of the second, a few times.
    at_once = [it.id for it in receiver.at("/hangs")]
    assert len(at_once) < EVENTS / 2
    failing = until(lambda: (it := shown(hanging, "hangs"))["state"] == "failing" and it, 60)
    assert (failing["healthy"], failing["succeeded_at"]) == (False, None)
    assert failing["failures"] >= OPENS
    assert failing["failing_since"] <= failing["failed_at"] < failing["off_at"]
    assert "time" in failing["failure"].lower() or "Disconnected" in failing["failure"]
    assert "/hangs" not in failing["url"]
    assert shown(hanging, "well")["healthy"]
    more = made(hanging, 3)
    until(lambda: more <= receiver.taken("/well"), 60)

    receiver.answers["/hangs"] = repeat(204)
    until(lambda: first | more <= receiver.taken("/hangs"), 120)
    assert set(at_once) <= first
    bodies: dict[tuple[str, str], bytes] = {}
    for it in receiver.seen:
        assert bodies.setdefault((it.path, it.id), it.body) == it.body
    well = until(lambda: (it := shown(hanging, "hangs"))["healthy"] and it, 30)
    assert (well["state"], well["failures"], well["failing_since"], well["off_at"]) == ("on", 0, None, None)
    assert well["failure"] == failing["failure"]


def test_what_was_given_up_is_sent_again_under_its_id_once_it_is_wanted(
    world, receiver, monkeypatch, capsys
) -> None:
    receiver.answers["/hangs"] = repeat(503)
    ids = made(world, 4)
    until(lambda: ids <= receiver.taken("/well"), 30)
    until(lambda: shown(world, "hangs")["state"] == "failing", 60)
    receiver.answers["/hangs"] = repeat(410)
    off = until(lambda: (it := shown(world, "hangs"))["state"] == "off" and it, 90)
    assert off["failure"] == "410 Gone"
    told = until(lambda: [it.body for it in receiver.at("/well") if b"webhook.disabled" in it.body], 30)
    event = json.loads(told[0])
    assert (event["type"], event["data"]["webhook"]) == ("webhook.disabled", "hangs")

    def aside():
        found = redrive(world, monkeypatch, capsys, "look", "UndeliveredQueue", "--json")
        return [json.loads(json.loads(line)["body"]) for line in found]

    # All but the one that was answered with 410: that is an answer.
    left = until(lambda: len(found := aside()) == len(ids) - 1 and found, 120)
    kept = {it["event"]["id"] for it in left}
    assert kept < ids
    counted = redrive(world, monkeypatch, capsys, "queues")
    assert len(counted) == len(QUEUES)
    assert [line.split()[:2] for line in counted if line.startswith("Undelivered")] == [
        ["UndeliveredQueue", str(len(kept))]
    ]

    receiver.answers["/hangs"] = repeat(204)
    assert put(world.base, world.admin, receiver, "hangs")["state"] == "on"
    assert redrive(world, monkeypatch, capsys, "resend", "UndeliveredQueue")[-1].startswith(
        "Nothing was done"
    )
    assert not kept & receiver.taken("/hangs")
    said = redrive(world, monkeypatch, capsys, "resend", "UndeliveredQueue", "--yes")
    assert said[-1] == f"{len(kept)} done again, 0 stay"
    until(lambda: kept <= receiver.taken("/hangs"), 30)
    assert aside() == []


def test_a_missed_timer_and_an_untold_event_are_done_again(world, receiver, monkeypatch, capsys) -> None:
    """Through the runtime's own scheduler and bus."""
    site = laptop(run_state.read(int(world.port)))
    names = Ends.of(site, "tasks").names

    def leave(queue: str, message: dict) -> None:
        url = names[queue]
        site.client("sqs").send_message(QueueUrl=url, MessageBody=json.dumps(message))

    courier = signed_in(world.base, world.admin, "misser")
    (event,) = made(world, 1)
    task = event.partition("/")[0]
    trip = call(world.base, f"POST /v1/tasks/{task}/claim", {}, courier)[1]["trip"]
    leave("MissedQueue", {"fleet": "demo", "trip": trip, "at_ms": round(time.time() * 1000)})
    until(lambda: event in receiver.taken("/well"), 60)
    (other,) = made(world, 1)
    until(lambda: other in receiver.taken("/well"), 60)
    leave("UntoldQueue", {"fleet": "demo", "item": other.partition("/")[0], "why": "a test"})

    for queue in ("MissedQueue", "UntoldQueue"):
        assert redrive(world, monkeypatch, capsys, "resend", queue)[-1].startswith("Nothing was done")
        assert redrive(world, monkeypatch, capsys, "resend", queue, "--yes")[-1] == "1 done again, 0 stay"
        assert redrive(world, monkeypatch, capsys, "look", queue) == ["Nothing waits."]

    def state():
        return call(world.base, f"GET /v1/trips/{trip}/audit", token=world.manager)[1]["trip"]["state"]

    until(lambda: state() == "expired", 60)
    until(lambda: [it.id for it in receiver.at("/well")].count(other) == 2, 60)
