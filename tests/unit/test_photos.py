"""Photos of trips: where to send one, what counts, who sees them, and that a finish waits for them."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from stacks.tasks.moves import Moves
from stacks.tasks.photos import handler as api
from stacks.tasks.photos.kinds import KINDS, LARGEST
from stacks.tasks.photos.photos import MOST, MOST_ASKED, TAKES, Photos
from stacks.tasks.trips import rules
from storage.photos import THERE
from storage.tasks import Bonus, Line, Made, Task, Trip
from telemetry.api import Request, refuse
from telemetry.life import STATES
from telemetry.problem import Conflict, Problem
from tests import events
from tests.fakes_payouts import FakeFiles, FakePhotos
from tests.fakes_stacks import FakeTasks

T0 = 1_795_492_800.0
MS = round(T0 * 1000)
SLOT, ALL, CONFIRM = (
    "POST /v1/trips/{trip}/photos",
    "GET /v1/trips/{trip}/photos",
    "POST /v1/trips/{trip}/photos/{photo}/confirm",
)
BODIES = {
    "image/jpeg": b"\xff\xd8\xff\xe0" + b"j" * 99,
    "image/png": b"\x89PNG\r\n\x1a\n" + b"p" * 99,
    "image/webp": b"RIFF\x10\x00\x00\x00WEBPVP8 " + b"w" * 99,
    "image/heic": b"\x00\x00\x00\x18ftypheic" + b"h" * 99,
}
JPEG = BODIES["image/jpeg"]


class World:
    def __init__(self, photos: int = 2) -> None:
        self.now, self.tasks, self.files = T0, FakeTasks(), FakeFiles()
        self.photos = Photos(Moves(self.tasks), FakePhotos(self.tasks), self.files)
        bonus = Bonus("1", "CNY")
        task = Task("demo", "tk_1", "Lap", "lap@1", bonus, MS, MS, MS + 9, MS + 9, MS + 9)
        trip = Trip("demo", "tr_1", "tk_1", "mei", "Lap", "lap@1", bonus, MS, MS + 9, MS + 9, photos=photos)
        self.tasks.add(task)
        line = Line("tr_1", 1, MS, "mei", "courier", "claim", None, "claimed")
        assert self.tasks.claim(task, Made(trip, line, 3))

    def call(self, route, body=None, role="courier", user="mei", fleet="demo", trip="tr_1", **path):
        event = events.http(route, None if body is None else json.dumps(body), pathParameters=path)
        event["pathParameters"] = path | {"trip": trip}
        events.signed_in(event, role, user, fleet)
        try:
            response = api.ENDPOINTS[route](self.photos, Request(event, lambda: self.now))
        except Problem as problem:
            response = refuse(problem)
        return response["statusCode"], json.loads(response["body"])

    def slot(self, content_type="image/jpeg"):
        status, slot = self.call(SLOT, {"content_type": content_type, "size": len(JPEG)})
        assert status == 201, slot
        return slot

    def sent(self, content_type="image/jpeg", body=JPEG) -> str:
        slot = self.slot(content_type)
        self.files.put(slot["upload"], body)
        return slot["photo"]

    def counted(self):
        return self.call(CONFIRM, photo=self.sent())

    @property
    def trip(self) -> Trip:
        return self.tasks.trip("demo", "tr_1")

    def put(self, **changes) -> None:
        self.tasks.trips["demo", "tr_1"] = replace(self.trip, **changes)


@pytest.fixture
def world():
    return World()


def test_a_photo_goes_to_an_address_and_counts_when_it_is_there(world) -> None:
    slot = world.slot()
    assert slot["upload"]["method"] == "PUT"
    assert slot["expires_at"] == T0 + 300
    status, problem = world.call(CONFIRM, photo=slot["photo"])
    assert (status, "is not there" in problem["detail"]) == (409, True)
    assert world.trip.more == {}
    world.files.put(slot["upload"], JPEG)
    first = world.call(CONFIRM, photo=slot["photo"])
    assert first == (
        200,
        {
            "trip": "tr_1",
            "needed": 2,
            "photo": slot["photo"],
            "content_type": "image/jpeg",
            "size": len(JPEG),
            "at": T0,
        },
    )
    world.now += 9
    assert world.call(CONFIRM, photo=slot["photo"]) == first
    assert world.trip.more == {THERE: 1}


def test_the_manager_sees_what_counts_with_addresses(world) -> None:
    photo = world.sent()
    assert world.call(ALL, role="manager", user="max")[1]["photos"] == []
    world.call(CONFIRM, photo=photo)
    for who in ({"role": "manager", "user": "max"}, {"role": "admin", "user": "ada"}, {}):
        status, told = world.call(ALL, **who)
        assert (status, told["needed"], told["there"], told["expires_at"]) == (200, 2, 1, T0 + 300)
        (shown,) = told["photos"]
        assert world.files.files[shown["url"]] == ("image/jpeg", JPEG)


def test_nobody_else_sends_confirms_or_sees(world) -> None:
    photo = world.sent()
    for other in ({"user": "wang"}, {"role": "manager", "user": "max"}, {"role": "admin", "user": "ada"}):
        assert world.call(SLOT, {"content_type": "image/png", "size": 9}, **other)[0] == 403
        assert world.call(CONFIRM, photo=photo, **other)[0] == 403
    assert world.call(ALL, user="wang")[0] == 403
    assert world.call(ALL, fleet="rival", role="admin")[0] == 404
    assert world.call(CONFIRM, photo=photo, fleet="rival")[0] == 404


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"content_type": "image/gif", "size": 9}, "content_type"),
        ({"content_type": "text/html", "size": 9}, "content_type"),
        ({"content_type": "image/png", "size": 0}, "size"),
        ({"content_type": "image/png", "size": LARGEST + 1}, "size"),
        ({"content_type": "image/png", "size": -1}, "size"),
        ({"content_type": "image/png", "size": 1.5}, "size"),
        ({"content_type": "image/png"}, "size"),
        ({"content_type": "image/png", "size": 9, "key": "../x"}, "key"),
    ],
)
def test_what_cannot_be_a_photo_gets_no_address(world, body, field) -> None:
    status, problem = world.call(SLOT, body)
    assert (status, problem["errors"][0]["field"]) == (400, field)


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_is_known_by_how_it_begins(world, kind) -> None:
    assert world.call(CONFIRM, photo=world.sent(kind, BODIES[kind]))[0] == 200
    for other, body in BODIES.items():
        if other != kind:
            assert world.call(CONFIRM, photo=world.sent(kind, body))[0] == 409
    for body in (b"<html>", b"\xff", b"x" * 40):
        assert world.call(CONFIRM, photo=world.sent(kind, body))[0] == 409
    assert world.trip.more == {THERE: 1}


def test_what_is_larger_than_was_allowed_does_not_count(world) -> None:
    assert world.call(CONFIRM, photo=world.sent(body=JPEG + b"x" * LARGEST))[0] == 409


@pytest.mark.parametrize("name", ["ph_1", "..", "ph_" + "A" * 16, "ph_" + "a" * 16 + "/x"])
def test_a_name_that_is_none_is_not_looked_for(world, name) -> None:
    assert world.call(CONFIRM, photo=name)[0] == 404


def test_a_trip_has_so_many_photos(world) -> None:
    world.put(more={THERE: MOST - 1})
    last, one_more = world.sent(), world.sent()
    assert world.call(CONFIRM, photo=last)[0] == 200
    assert world.call(CONFIRM, photo=one_more)[0] == 409
    assert world.call(SLOT, {"content_type": "image/png", "size": 9})[0] == 409
    assert world.trip.more == {THERE: MOST}


def test_a_trip_is_given_so_many_addresses(world) -> None:
    for _ in range(MOST_ASKED):
        world.slot()
    status, problem = world.call(SLOT, {"content_type": "image/png", "size": 9})
    assert (status, problem["type"]) == (409, "urn:milepost:problem:conflict")
    assert f"given {MOST_ASKED} addresses" in problem["detail"]


def test_a_refused_request_takes_no_address(world) -> None:
    for _ in range(MOST_ASKED + 1):
        assert world.call(SLOT, {"content_type": "image/gif", "size": 9})[0] == 400
        assert world.call(SLOT, {"content_type": "image/png", "size": 9}, user="wang")[0] == 403
    world.slot()


def test_what_was_sent_and_not_confirmed_is_kept_apart(world) -> None:
    sent, counted = world.sent(), world.sent()
    world.call(CONFIRM, photo=counted)
    kept = [url for url in world.files.files if "/photos/" in url]
    assert [url.rpartition("/")[2] for url in kept] == [counted]
    (shown,) = world.call(ALL)[1]["photos"]
    assert shown["url"] in kept
    for url in [url for url in world.files.files if url not in kept]:
        del world.files.files[url]  # as the bucket does after days
    assert world.call(CONFIRM, photo=counted)[0] == 200
    assert world.call(ALL)[1]["there"] == 1
    assert world.call(CONFIRM, photo=sent)[0] == 409


def test_a_confirmation_that_dies_half_way_counts_nothing_that_is_not_there(world, monkeypatch) -> None:
    photo = world.sent()
    for owner, step in ((world.files, "keep"), (world.photos.store, "count")):
        with monkeypatch.context() as broken:
            broken.setattr(owner, step, None)
            with pytest.raises(TypeError):
                world.call(CONFIRM, photo=photo)
        assert world.trip.more == {}
    assert world.call(CONFIRM, photo=photo)[0] == 200
    assert world.trip.more == {THERE: 1}


@pytest.mark.parametrize("state", STATES)
def test_a_trip_takes_photos_until_it_is_approved(world, state) -> None:
    photo = world.sent()
    world.put(state=state)
    status = 200 if state in TAKES else 409
    assert world.call(CONFIRM, photo=photo)[0] == status
    assert world.call(SLOT, {"content_type": "image/png", "size": 9})[0] == (201 if status == 200 else 409)
    assert world.call(ALL)[0] == 200


def test_a_finish_waits_for_the_photos_and_says_how_many(world) -> None:
    for missing in (2, 1):
        with pytest.raises(Conflict) as refused:
            rules.photographed(world.trip)
        assert refused.value.extra == {"photos_missing": missing}
        assert "POST /v1/trips/tr_1/photos" in refused.value.detail
        assert world.counted()[0] == 200
    rules.photographed(world.trip)
    assert world.counted()[0] == 200
    rules.photographed(world.trip)
