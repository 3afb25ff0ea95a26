"""Webhooks: what is sent where, how it is signed, and what becomes of a server that does not take it."""

from __future__ import annotations

import base64
import json
import logging
import socket
import ssl
import threading
from contextlib import closing
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from types import SimpleNamespace

import pytest

from local.template import document
from stacks.tasks.fleet.hooks import MOST, Hooks
from stacks.tasks.fleet.shapes import NewWebhook
from stacks.tasks.notify.events import EVENTS
from stacks.tasks.webhooks import places, sign
from stacks.tasks.webhooks import post as posting
from stacks.tasks.webhooks.deliver import JITTER, SECRETLESS, TRIES, WAITS_S, Deliver
from stacks.tasks.webhooks.places import Place, Refused
from stacks.tasks.webhooks.post import NoAnswer, post
from storage.letters import LONGEST_S
from storage.webhooks import Webhook
from telemetry.problem import BadRequest, Conflict, NotFound
from tests.fakes_alerts import FakeLetters, FakeSecrets, FakeWebhooks
from tests.tables import ROOT

NOW = 1_795_492_800.0
ERP = Webhook("demo", "erp", "https://erp.example.com/m?a=1", ("alert.raised",), 7)
EVENT = {"id": "al_1/raised", "type": "alert.raised", "fleet": "demo", "at": NOW, "data": {"kind": "silent"}}


class World:
    def __init__(self, *answers: int | Exception) -> None:
        self.answers, self.sent = list(answers), []
        self.webhooks, self.secrets, self.letters = FakeWebhooks(), FakeSecrets(), FakeLetters()
        self.webhooks.put(ERP)
        self.secrets.put("demo", "erp", sign.new_secret())
        self.addresses = ["93.184.215.14"]
        self.deliver = Deliver(
            self.webhooks, self.secrets, self.letters, self.post, lambda *_: self.addresses, False,
            lambda: NOW, logging.getLogger("webhooks"),
        )  # fmt: skip

    def post(self, place, address, headers, body):
        self.sent.append((place, address, headers, body))
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def take(self, message, tried: int = 1):
        attributes = {"ApproximateReceiveCount": str(tried)}
        body = json.dumps(message)
        record = {"messageId": "m1", "receiptHandle": "r1", "body": body, "attributes": attributes}
        return self.deliver.take([record])

    @property
    def row(self):
        return self.webhooks.get("demo", "erp")


TO_ERP = {"webhook": "erp", "event": EVENT}


def test_an_event_becomes_a_message_for_each_webhook_that_wants_it() -> None:
    world = World()
    world.webhooks.put(replace(ERP, name="late", events=("alert.closed",)))
    world.webhooks.put(replace(ERP, name="off", state="off"))
    world.webhooks.put(replace(ERP, name="two", state="failing"))
    world.webhooks.put(replace(ERP, fleet="rival"))
    assert world.take({"source": "milepost.tasks", "detail": EVENT}) == []
    assert [json.loads(body)["webhook"] for body in world.letters.sent] == ["erp", "two"]
    assert json.loads(world.letters.sent[0])["event"] == EVENT


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
def test_what_is_not_taken_comes_again_later(answer, caplog) -> None:
    world = World(answer)
    assert world.take(TO_ERP, tried=3) == ["m1"]
    ((receipt, seconds),) = world.letters.hidden
    assert receipt == "r1"
    assert WAITS_S[2] * (1 - JITTER) <= seconds <= WAITS_S[2] * (1 + JITTER)
    assert world.row.state == "on"
    assert world.secrets.get("demo", "erp") not in caplog.text


@pytest.mark.parametrize("host", ["a" * 64 + ".example", "erp..example.com"])
def test_a_name_that_no_host_can_have_is_a_failure_like_others(host) -> None:
    with pytest.raises(OSError, match="no name of a host"):
        places.resolve(host, 443)


def test_the_last_try_marks_the_webhook_and_the_next_success_unmarks_it() -> None:
    world = World(500, 200)
    assert world.take(TO_ERP, tried=TRIES) == ["m1"]
    assert world.letters.hidden == []
    assert (world.row.state, world.row.failed_ms, world.row.failure) == ("failing", NOW * 1000, "500")
    assert world.take(TO_ERP) == []
    assert (world.row.state, world.row.failure) == ("on", "500")


def test_gone_switches_a_webhook_off() -> None:
    world = World(410)
    assert world.take(TO_ERP) == []
    assert (world.row.state, world.row.failure) == ("off", "410 Gone")
    assert world.take(TO_ERP) == []
    assert len(world.sent) == 1


def test_a_webhook_that_was_changed_meanwhile_is_not_marked() -> None:
    world = World()

    def changed(*_):
        world.webhooks.put(replace(ERP, url="https://new.example.com/", changed_ms=8))
        return 410

    deliver = replace(world.deliver, post=changed)
    record = {"messageId": "m1", "receiptHandle": "r1", "body": json.dumps(TO_ERP)}
    assert deliver.take([record | {"attributes": {"ApproximateReceiveCount": "1"}}]) == []
    assert world.row.state == "on"


def test_a_webhook_without_its_secret_loses_nothing_in_silence() -> None:
    """As an admin's DELETE and another's PUT at the same moment may leave it."""
    world = World()
    world.secrets.remove("demo", "erp")
    assert world.take(TO_ERP, tried=1) == ["m1"]
    assert len(world.letters.hidden) == 1
    assert world.take(TO_ERP, tried=TRIES) == ["m1"]
    assert (world.row.state, world.row.failure) == ("failing", SECRETLESS)


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
    assert world.take(TO_ERP) == ["m1"]
    assert world.sent == []
    assert not places.is_public(address)


def test_a_name_that_cannot_be_asked_for_is_a_failure_like_others() -> None:
    """`socket.getaddrinfo` raises UnicodeError for it; rows may be older than the check of their url."""
    world = World()
    world.webhooks.put(replace(ERP, url="https://erp.example.com/"))
    deliver = replace(world.deliver, resolve=lambda *_: places.resolve("a" * 64 + ".com", 443))
    record = {"messageId": "m1", "receiptHandle": "r1", "body": json.dumps(TO_ERP)}
    assert deliver.take([record | {"attributes": {"ApproximateReceiveCount": str(TRIES)}}]) == ["m1"]
    assert world.row.state == "failing"
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


class Answering(BaseHTTPRequestHandler):
    status = 302

    def do_POST(self) -> None:
        self.server.seen.append(self.rfile.read(int(self.headers["content-length"])))
        self.send_response(self.status)
        self.send_header("location", "/elsewhere")
        self.end_headers()

    def log_message(self, *_) -> None:
        pass


@pytest.fixture
def server():
    with HTTPServer(("127.0.0.1", 0), Answering) as serving:
        serving.seen = []
        thread = threading.Thread(target=serving.serve_forever)
        thread.start()
        yield serving
        serving.shutdown()
        thread.join()


def test_a_redirect_is_an_answer_and_not_followed(server) -> None:
    place = Place("erp.example.com", server.server_port, "/m", tls=False)
    assert post(place, "127.0.0.1", {"webhook-id": "1"}, b"{}") == 302
    assert server.seen == [b"{}"]


def test_a_server_without_tls_takes_nothing(server) -> None:
    with pytest.raises(NoAnswer, match="SSL"):
        post(Place("erp.example.com", server.server_port, "/m", tls=True), "127.0.0.1", {}, b"{}")
    assert server.seen == []
    assert ssl.create_default_context().check_hostname


@pytest.mark.parametrize(
    ("tls", "first", "drop"),
    [(False, b"", b"H"), (True, b"\x16\x03\x03\x40\x00", b"\x02")],
    ids=["answer", "handshake"],
)
def test_what_drips_is_cut_off(monkeypatch, tls, first, drop) -> None:
    """Each byte comes in time; the whole does not."""
    monkeypatch.setattr(posting, "WHOLE_S", 0.4)
    over = threading.Event()

    def drip(listening):
        client, _ = listening.accept()
        with client:
            try:
                client.sendall(first)
                while not over.wait(0.05):
                    client.sendall(drop)
            except OSError:
                pass

    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        thread = threading.Thread(target=drip, args=(listening,))
        thread.start()
        with pytest.raises(NoAnswer):
            post(Place("drip", listening.getsockname()[1], "/", tls=tls), "127.0.0.1", {}, b"")
        over.set()
        thread.join()


def test_the_queue_tries_as_often_as_the_waits_say() -> None:
    template = document.load(ROOT / "stacks/tasks/template.yaml")["Resources"]
    queue, function = template["WebhookQueue"]["Properties"], template["StacksTasksWebhooks"]["Properties"]
    assert queue["RedrivePolicy"]["maxReceiveCount"] == TRIES
    assert queue["VisibilityTimeout"] >= 6 * function["Timeout"]
    assert function["Timeout"] >= posting.CONNECT_S + posting.WHOLE_S + 10
    assert max(WAITS_S) * (1 + JITTER) <= LONGEST_S + 200
    assert sum(WAITS_S) * (1 + JITTER) < queue["MessageRetentionPeriod"] / 2


@pytest.fixture
def hooks():
    return Hooks(FakeWebhooks(), FakeSecrets(), private=False)


WANTED = NewWebhook("https://erp.example.com/m", ["alert.closed", "alert.raised"])


def test_a_secret_is_shown_once_and_again_when_a_new_one_is_asked_for(hooks) -> None:
    webhook, secret = hooks.put("demo", "erp", WANTED, NOW)
    assert secret == hooks.secrets.get("demo", "erp")
    assert webhook.events == ("alert.raised", "alert.closed")
    assert hooks.put("demo", "erp", WANTED, NOW)[1] is None
    renewed = NewWebhook(WANTED.url, WANTED.events, new_secret=True)
    assert hooks.put("demo", "erp", renewed, NOW)[1] not in {None, secret}


def test_a_change_switches_a_webhook_on_again(hooks) -> None:
    hooks.put("demo", "erp", WANTED, NOW)
    hooks.store.put(replace(hooks.store.get("demo", "erp"), state="off", failure="410 Gone"))
    webhook, _ = hooks.put("demo", "erp", WANTED, NOW + 1)
    assert (webhook.state, webhook.failure) == ("on", None)


def test_a_fleet_has_so_many_webhooks_and_no_more(hooks) -> None:
    for i in range(MOST):
        hooks.put("demo", f"w{i}", WANTED, NOW)
    with pytest.raises(Conflict, match="may have no more"):
        hooks.put("demo", "more", WANTED, NOW)
    hooks.remove("demo", "w0")
    hooks.put("demo", "more", WANTED, NOW)
    assert hooks.secrets.get("demo", "w0") is None
    with pytest.raises(NotFound):
        hooks.remove("demo", "w0")


@pytest.mark.parametrize(
    ("name", "said", "field"),
    [
        ("Up", WANTED, "webhook"),
        ("a/b", WANTED, "webhook"),
        ("erp", NewWebhook("http://erp.example.com", list(EVENTS)), "url"),
        ("erp", NewWebhook(WANTED.url, ["alert.raised", "alert"]), "events[1]"),
    ],
)
def test_what_is_wrong_with_a_webhook_is_said_by_field(hooks, name, said, field) -> None:
    with pytest.raises(BadRequest) as refused:
        hooks.put("demo", name, said, NOW)
    assert refused.value.errors[0]["field"] == field
    assert hooks.store.all("demo") == []
