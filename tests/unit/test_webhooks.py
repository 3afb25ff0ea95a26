"""Webhooks: what is sent where, how it is signed, and what becomes of a server that does not take it."""

from __future__ import annotations

import base64
import json
import logging
from dataclasses import replace
from types import SimpleNamespace

import pytest

from cli.redrive.queues.again import Undelivered
from cli.redrive.queues.forms import form_of
from local.template import document
from stacks.tasks.fleet.hooks import MOST
from stacks.tasks.webhooks import health, places, sign
from stacks.tasks.webhooks import post as posting
from stacks.tasks.webhooks.deliver import (
    AGES_S,
    BUSY_S,
    JITTER,
    LEASE_S,
    OFF,
    SECRETLESS,
    SPREAD_S,
    WAITS_S,
    Deliver,
    Lanes,
)
from stacks.tasks.webhooks.health import LEAST, OFF_AFTER_S, OPENS, PLACES, PROBES_S, SLOW_S
from stacks.tasks.webhooks.places import Place, Refused
from stacks.tasks.webhooks.post import NoAnswer
from storage.damage import Damaged
from storage.letters import LONGEST_S
from storage.webhooks import Webhook
from tests.fakes_alerts import FakeLetters, FakeSecrets, FakeWebhooks
from tests.tables import ROOT

NOW = 1_795_492_800.0
ERP = Webhook("demo", "erp", "https://erp.example.com/m?a=1", ("alert.raised",), 7)
EVENT = {"id": "al_1/raised", "type": "alert.raised", "fleet": "demo", "at": NOW, "data": {"kind": "silent"}}


class World:
    """took_s: how long each answer takes."""

    def __init__(self, *answers: int | Exception) -> None:
        self.answers, self.sent = list(answers), []
        self.now, self.took_s = NOW, 0.1
        self.webhooks, self.secrets = FakeWebhooks(), FakeSecrets()
        self.lanes = Lanes(FakeLetters(), FakeLetters(), FakeLetters())
        self.webhooks.put(ERP)
        self.secrets.put("demo", "erp", sign.new_secret())
        self.addresses = ["93.184.215.14"]
        self.deliver = Deliver(
            self.webhooks, self.secrets, self.lanes, self.post, lambda *_: self.addresses, False,
            lambda: self.now, logging.getLogger("webhooks"), lambda: self.now,
        )  # fmt: skip

    def post(self, place, address, headers, body):
        self.sent.append((place, address, headers, body))
        self.now += self.took_s
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def take(self, message, age_s: float | None = None):
        """age_s: of a message in the second lane."""
        since = {} if age_s is None else {"since_ms": round((self.now - age_s) * 1000)}
        return self.deliver.take([record(message | since)])

    @property
    def row(self):
        return self.webhooks.get("demo", "erp")

    @property
    def waiting(self):
        return [json.loads(body) for body in self.lanes.waiting.sent]

    @property
    def undelivered(self):
        return [json.loads(body) for body in self.lanes.undelivered.sent]


TO_ERP = {"webhook": "erp", "event": EVENT}


def record(message):
    return {"messageId": "m1", "receiptHandle": "r1", "body": json.dumps(message)}


def test_an_event_becomes_a_message_for_each_webhook_that_wants_it() -> None:
    world = World()
    world.webhooks.put(replace(ERP, name="late", events=("alert.closed",)))
    world.webhooks.put(replace(ERP, name="off", state="off"))
    world.webhooks.put(replace(ERP, name="two", state="failing"))
    world.webhooks.put(replace(ERP, fleet="rival"))
    assert world.take({"source": "milepost.tasks", "detail": EVENT}) == []
    assert [json.loads(body)["webhook"] for body in world.lanes.first.sent] == ["erp", "two"]
    assert json.loads(world.lanes.first.sent[0])["event"] == EVENT


def test_a_message_is_one_signed_request() -> None:
    world = World(204)
    assert world.take(TO_ERP) == []
    ((place, address, headers, body),) = world.sent
    assert place == Place("erp.example.com", 443, "/m?a=1", tls=True)
    assert address == "93.184.215.14"
    assert headers["webhook-id"] == "al_1/raised"
    secret = world.secrets.get("demo", "erp")
    assert headers["webhook-signature"] == "v1," + sign.signature(secret, "al_1/raised", int(NOW), body)
    assert json.loads(body) == {
        "type": "alert.raised",
        "timestamp": "2026-11-24T04:00:00.000Z",
        "fleet": "demo",
        "data": {"kind": "silent"},
    }


def test_an_event_has_one_id_and_one_body_over_all_its_tries_and_after_it_was_given_up() -> None:
    """A receiver that remembers ids does nothing twice; signatures differ by their time."""
    world = World(503, NoAnswer("timed out"), 500, 200)
    world.take({"source": "milepost.tasks", "detail": EVENT})
    first = json.loads(world.lanes.first.sent.pop())
    world.take(first)
    (waiting,) = world.waiting
    world.take(waiting, age_s=60)
    world.take(waiting, age_s=AGES_S[-1])
    world.now = world.row.next_ms / 1000
    again = FakeLetters()
    Undelivered(again).send(form_of(world.lanes.undelivered.sent[0]))
    (body,) = again.sent
    assert json.loads(body) == first
    world.webhooks.put(ERP)  # an admin has put it again meanwhile
    assert world.take(first) == []
    assert [headers["webhook-id"] for _, _, headers, _ in world.sent] == [EVENT["id"]] * 4
    assert len({body for *_, body in world.sent}) == 1
    assert len({headers["webhook-signature"] for _, _, headers, _ in world.sent}) > 1


def test_the_signature_is_that_of_standard_webhooks() -> None:
    """The example of the specification's reference implementation (standard-webhooks, Python, its tests)."""
    secret, name, at = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330
    assert sign.signature(secret, name, at, b'{"test": 2432232314}') == (
        "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    )


def test_a_secret_has_32_bytes_of_chance() -> None:
    first, second = sign.new_secret(), sign.new_secret()
    assert first != second
    assert len(base64.b64decode(first.removeprefix("whsec_"))) == 32


@pytest.mark.parametrize("answer", [500, 302, 404, NoAnswer("timed out"), OSError("no route to host")])
def test_what_is_not_taken_waits_in_the_second_lane(answer, caplog) -> None:
    world = World(answer)
    assert world.take(TO_ERP) == []
    assert world.waiting == [TO_ERP | {"since_ms": round(world.now * 1000)}]
    (delay,) = world.lanes.waiting.delays
    assert WAITS_S[0] * (1 - JITTER) <= delay <= WAITS_S[0] * (1 + JITTER)
    assert (world.row.state, world.row.failures) == ("on", 1)
    assert world.secrets.get("demo", "erp") not in caplog.text


@pytest.mark.parametrize("i", range(1, len(WAITS_S)))
def test_an_event_waits_longer_each_time(i) -> None:
    world = World(500)
    assert world.take(TO_ERP, age_s=AGES_S[i - 1]) == ["m1"]
    ((receipt, seconds),) = world.lanes.waiting.hidden
    assert receipt == "r1"
    assert WAITS_S[i] * (1 - JITTER) - 1 <= seconds <= WAITS_S[i] * (1 + JITTER)


@pytest.mark.parametrize("host", ["a" * 64 + ".example", "erp..example.com"])
def test_a_name_that_no_host_can_have_is_a_failure_like_others(host) -> None:
    with pytest.raises(OSError, match="no name of a host"):
        places.resolve(host, 443)


def test_what_was_tried_long_enough_is_set_aside_with_its_reason() -> None:
    world = World(500)
    assert world.take(TO_ERP, age_s=AGES_S[-1]) == []
    assert world.undelivered == [TO_ERP | {"why": "500"}]
    assert world.lanes.waiting.hidden == world.waiting == []


def test_a_few_failures_in_a_row_are_a_state_and_the_next_success_ends_it() -> None:
    world = World(*[500] * OPENS, 200)
    for i in range(OPENS):
        assert world.row.state == "on"
        world.take(TO_ERP, age_s=i)
    row = world.row
    assert (row.state, row.failures, row.failure) == ("failing", OPENS, "500")
    assert (row.failing_ms, row.succeeded_ms) == (round((NOW + 0.1) * 1000), None)
    world.now = row.next_ms / 1000
    assert world.take(TO_ERP, age_s=60) == []
    assert (world.row.state, world.row.failures, world.row.failing_ms) == ("on", 0, None)
    assert world.row.succeeded_ms == round(world.now * 1000)
    assert world.row.failure == "500"  # the last failure is told, also when all is well


def test_while_a_webhook_fails_one_event_is_tried_now_and_then_and_the_others_wait() -> None:
    world = World(*[NoAnswer("timed out")] * 20)
    world.took_s = 7.0
    waits = []
    for _ in range(10):
        world.now = max(world.now, (world.row.next_ms or 0) / 1000)
        tried = len(world.sent)
        world.take(TO_ERP, age_s=60)
        assert len(world.sent) == tried + 1
        if world.row.next_ms:
            waits.append(world.row.next_ms / 1000 - world.now)
            world.lanes.waiting.hidden.clear()
            assert world.take(TO_ERP, age_s=60) == ["m1"]  # another one
            assert len(world.sent) == tried + 1
            ((_, hidden),) = world.lanes.waiting.hidden
            assert waits[-1] <= hidden <= waits[-1] + SPREAD_S
    first, longest = PROBES_S
    assert waits == pytest.approx([min(first * 2**i, longest) for i in range(len(waits))])
    assert waits[-1] == longest


def test_the_first_lane_tries_only_what_was_taken_in_good_time_before() -> None:
    """So that it is never held up for longer than it takes to notice."""
    world = World(200, 200)
    world.took_s = SLOW_S + 0.1
    assert world.take(TO_ERP) == []
    assert (world.row.state, world.row.slow) == ("on", True)
    assert world.take(TO_ERP) == []
    assert len(world.sent) == 1
    assert (world.waiting, world.lanes.waiting.delays) == (
        [TO_ERP | {"since_ms": round(world.now * 1000)}],
        [0],
    )
    world.took_s = 0.1
    assert world.take(TO_ERP, age_s=1) == []
    assert not world.row.slow


@pytest.mark.parametrize(("slow", "most"), [(False, PLACES), (True, 1)])
def test_a_webhook_has_so_many_requests_at_a_time(slow, most) -> None:
    """Each asks for a place while the others wait for their answers."""
    world = World()
    world.webhooks.put(replace(ERP, slow=slow))
    running = []

    def hang(*_):
        running.append(1)
        if len(running) <= most:
            world.take(TO_ERP, age_s=30.0)
        running.pop()
        return 204

    most_at_once = []
    deliver = replace(world.deliver, post=lambda *it: (most_at_once.append(len(running) + 1), hang(*it))[1])
    world.deliver = deliver
    world.take(TO_ERP, age_s=30.0)
    assert max(most_at_once) == most
    ((_, seconds),) = world.lanes.waiting.hidden
    assert BUSY_S[0] <= seconds <= 60.0
    assert world.row.busy == {}


def test_a_place_whose_function_died_is_free_again() -> None:
    world = World(204)
    until_ms = round((NOW + LEASE_S) * 1000)
    world.webhooks.put(replace(ERP, slow=True))
    assert world.webhooks.take(world.row, 0, round(NOW * 1000), until_ms)
    assert world.take(TO_ERP, age_s=1) == ["m1"]
    world.now += LEASE_S + 0.001
    assert world.take(TO_ERP, age_s=31) == []
    assert len(world.sent) == 1


def test_a_fleet_cannot_have_all_of_a_lane() -> None:
    template = document.load(ROOT / "stacks/tasks/template.yaml")["Resources"]
    for lane in ("SendWebhooks", "SendWaiting"):
        assert template[lane]["Properties"]["ScalingConfig"]["MaximumConcurrency"] > PLACES * MOST


def test_what_waited_too_long_for_a_webhook_is_set_aside_untried() -> None:
    world = World()
    world.webhooks.put(
        replace(ERP, state="failing", failures=9, failure="503", next_ms=round(NOW * 1000) + 1)
    )
    assert world.take(TO_ERP, age_s=AGES_S[-1] + 1) == []
    assert world.undelivered == [TO_ERP | {"why": "503"}]
    assert world.sent == []


def test_gone_switches_a_webhook_off_and_what_waits_for_it_is_set_aside() -> None:
    world = World(410)
    assert world.take(TO_ERP) == []
    assert (world.row.state, world.row.failure) == ("off", "410 Gone")
    assert world.undelivered == []
    assert world.take(TO_ERP, age_s=60) == []
    assert world.undelivered == [TO_ERP | {"why": OFF}]
    assert len(world.sent) == 1


def test_nothing_but_failures_for_days_switches_a_webhook_off() -> None:
    began_ms = round(NOW * 1000)
    failing = replace(ERP, state="failing", failures=LEAST, failing_ms=began_ms, failed_ms=began_ms)
    later_ms = began_ms + round(OFF_AFTER_S * 1000)
    assert health.off_ms(failing) == later_ms
    assert health.refused(failing, "503", 1.0, later_ms - 1).state == "failing"
    off = health.refused(failing, "503", 1.0, later_ms)
    assert (off.state, off.failure, off.next_ms, health.off_ms(off)) == ("off", "503", None, None)
    few = replace(failing, failures=LEAST - 2)
    assert health.refused(few, "503", 1.0, later_ms).state == "failing"  # too few to be sure
    recovered = health.taken(failing, 0.1, later_ms - 5)
    assert health.refused(recovered, "503", 1.0, later_ms).state == "on"


def test_a_webhook_that_was_changed_meanwhile_is_not_marked() -> None:
    world = World()

    def changed(*_):
        world.webhooks.put(replace(ERP, url="https://new.example.com/", changed_ms=8))
        return 410

    deliver = replace(world.deliver, post=changed)
    assert deliver.take([record(TO_ERP)]) == []
    assert world.row.state == "on"


def test_a_webhook_without_its_secret_loses_nothing_in_silence() -> None:
    """As an admin's DELETE and another's PUT at the same moment may leave it."""
    world = World()
    world.secrets.remove("demo", "erp")
    assert world.take(TO_ERP) == []
    assert len(world.waiting) == 1
    assert world.take(TO_ERP, age_s=AGES_S[-1]) == []
    assert world.undelivered == [TO_ERP | {"why": SECRETLESS}]
    assert world.row.failure == SECRETLESS


def test_a_secret_is_asked_for_once_until_the_webhook_is_changed() -> None:
    world = World(*[204] * 5)
    asked, get = [], world.secrets.get
    world.deliver = replace(
        world.deliver, secrets=SimpleNamespace(get=lambda *it: asked.append(it) or get(*it))
    )
    for _ in range(3):
        assert world.take(TO_ERP) == []
    assert len(asked) == 1
    stale, renewed = world.secrets.get("demo", "erp"), sign.new_secret()
    world.webhooks.put(replace(ERP, changed_ms=round(NOW * 1000) - 1_000))
    assert world.take(TO_ERP) == []  # SSM still shows the one of before
    world.secrets.put("demo", "erp", renewed)
    assert world.take(TO_ERP) == []
    assert len(asked) == 3
    for secret, (_, _, headers, body) in zip((stale, renewed), world.sent[-2:], strict=True):
        assert headers["webhook-signature"] == "v1," + sign.signature(secret, "al_1/raised", int(NOW), body)


def test_a_removed_webhook_s_messages_are_dropped() -> None:
    world = World()
    world.webhooks.remove("demo", "erp")
    assert world.take(TO_ERP) == []
    assert world.sent == []


@pytest.mark.parametrize("body", ["{", "[]", json.dumps({"webhook": "crm", "event": EVENT})])
def test_a_message_that_cannot_be_worked_on_is_not_its_neighbours_trouble(body, monkeypatch, caplog) -> None:
    world, get = World(204), FakeWebhooks.get

    def damaged(store, fleet: str, name: str):
        if name == "crm":
            raise Damaged(fleet, f"hook/{name}", "KeyError: 'url'")
        return get(store, fleet, name)

    monkeypatch.setattr(FakeWebhooks, "get", damaged)
    bad = record(TO_ERP) | {"messageId": "m0", "body": body}
    assert world.deliver.take([bad, record(TO_ERP)]) == ["m0"]
    assert len(world.sent) == 1
    assert "comes again" in caplog.text


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.0.0.8", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0",
        "224.0.0.1", "::1", "fe80::1%eth0", "fd00:ec2::254", "::ffff:127.0.0.1", "64:ff9b::a9fe:a9fe",
        "2002:7f00:1::", "240.0.0.1", "::127.0.0.1", "64:ff9b:1::7f00:1", "fec0::1",
    ],
)  # fmt: skip
def test_addresses_of_our_own_network_are_refused_whatever_the_name(address) -> None:
    world = World()
    world.addresses = ["93.184.215.14", address]
    assert world.take(TO_ERP) == []
    assert len(world.waiting) == 1
    assert world.sent == []
    assert not places.is_public(address)


def test_a_name_that_cannot_be_asked_for_is_a_failure_like_others() -> None:
    """`socket.getaddrinfo` raises UnicodeError for it; rows may be older than the check of their url."""
    world = World()
    world.webhooks.put(replace(ERP, url="https://erp.example.com/"))
    deliver = replace(world.deliver, resolve=lambda *_: places.resolve("a" * 64 + ".com", 443))
    assert deliver.take([record(TO_ERP)]) == []
    assert len(world.waiting) == 1
    assert "no name of a host" in world.row.failure


def test_public_addresses_are_taken() -> None:
    assert all(map(places.is_public, ("93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c")))


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://erp.example.com/", "https://"),
        ("ftp://erp.example.com/", "https://"),
        ("https://", "host"),
        ("https://me:secret@erp.example.com/", "user"),
        ("https://erp.example.com/#a", "fragment"),
        ("https://erp.example.com:port/", "address"),
        ("https://169.254.169.254/latest", "not a public address"),
        ("https://[::1]/", "not a public address"),
        ("https://erp.example.com/\r\nhost: other", "spaces"),
        ("https://erp.example.com/" + "a" * 2_000, "2000"),
        ("https://erp.example.com/\x00", "spaces"),
        ("https://erp..example.com/", "no name"),
        ("https://.example.com/", "no name"),
        ("https://" + "a" * 64 + ".com/", "no name"),
        ("https://erp%2eexample.com/", "no name"),
    ],
)
def test_an_address_that_cannot_be_is_refused(url, why) -> None:
    with pytest.raises(Refused, match=why):
        places.read(url, private=False)


def test_a_laptop_may_be_its_own_receiver() -> None:
    place = places.read("http://127.0.0.1:9000/x", private=True)
    assert place == Place("127.0.0.1", 9000, "/x", tls=False)
    assert places.public_address(place, lambda *_: ["127.0.0.1"], private=True) == "127.0.0.1"


def test_the_queues_fit_what_is_done_with_their_messages() -> None:
    template = document.load(ROOT / "stacks/tasks/template.yaml")["Resources"]
    function = template["StacksTasksWebhooks"]["Properties"]
    longest_s = places.RESOLVE_S + posting.CONNECT_S + posting.WHOLE_S
    assert function["Timeout"] >= longest_s + 15
    assert function["Timeout"] <= LEASE_S
    for name in ("WebhookQueue", "WaitingQueue"):
        queue = template[name]["Properties"]
        assert queue["VisibilityTimeout"] >= 6 * function["Timeout"]
        assert sum(WAITS_S) * (1 + JITTER) < queue["MessageRetentionPeriod"] / 2
    assert max(WAITS_S) * (1 + JITTER) <= LONGEST_S + 200
    # Looks at an event that finds no place or a failing webhook, and its tries: SQS counts both.
    looks = AGES_S[-1] / BUSY_S[1] + 60 + len(WAITS_S)
    assert template["WaitingQueue"]["Properties"]["RedrivePolicy"]["maxReceiveCount"] > looks


def test_who_took_something_while_another_request_began_is_not_switched_off_by_its_failure() -> None:
    """The one reads the row, the other tells of its success, and then the one has the place."""
    world, days_ms = World(500), round(OFF_AFTER_S * 1000)
    before = replace(
        ERP, state="failing", failures=LEAST, failing_ms=round(NOW * 1000) - days_ms, failed_ms=7
    )
    world.webhooks.put(before)
    store = world.webhooks
    read = store.get

    def overtaken(fleet, name):
        store.get = read
        seen = read(fleet, name)
        store.take(seen, 0, round(NOW * 1000), round(NOW * 1000) + 1)
        store.tell(health.taken(seen, 0.1, round(NOW * 1000)), 0)
        return seen

    store.get = overtaken
    world.take(TO_ERP, age_s=60)
    assert len(world.sent) == 1
    assert (world.row.state, world.row.failures) == ("on", 1)
    assert world.row.failing_ms == world.row.failed_ms
