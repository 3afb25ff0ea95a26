"""From a ride with a photo to the money, on a laptop whose clock runs sixty times as fast."""

from __future__ import annotations

import csv
import io
import json
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest

from cli import run_state
from cli.site import laptop
from stacks.tasks.photos.photos import MOST_ASKED
from tests.local.api import call, fetch
from tests.local.test_whole_flow import until

LINE = {"type": "LineString", "coordinates": [[121.4700, 31.2304], [121.4737, 31.2304], [121.4900, 31.2304]]}
JPEG = b"\xff\xd8\xff\xe0" + bytes(range(256)) * 40
BONUS = {
    "amount": "12.50",
    "currency": "CNY",
    "rules": {
        "coverage": {"full_percent": 95, "none_percent": 5},
        "on_time": {"reward": "2.00"},
        "limits": {"most": "14.00"},
    },
}


@pytest.fixture(scope="module")
def flow(fast, clock):
    """A courier's trip of 590 s that needs a photo; the second half of its pings is still in the phone."""
    people = {"mei": "courier", "wang": "courier", "max": "manager", "ada": "admin"}
    tokens = {who: fast.token(role, who) for who, role in people.items()}

    def ask(who, route, body=None):
        return call(fast.base, route, body, tokens[who])

    route = ask("ada", "POST /v1/routes", {"id": "payout", "line": LINE})[1]["route"]
    now = clock()
    task = {"route": route, "title": "=港口 1", "bonus": BONUS, "deadline": now + 7200, "photos": 1}
    status, task = ask("ada", "POST /v1/tasks", task)
    assert status == 201, task
    trip = ask("mei", f"POST /v1/tasks/{task['task']}/claim")[1]["trip"]
    began = round(now) - 600
    assert ask("mei", f"POST /v1/trips/{trip}/start", {"at": began})[0] == 201
    pings = [
        {"t": began + t, "lat": 31.2304, "lon": round(121.47 + t * 3.4e-5, 6), "accuracy_m": 5}
        for t in range(0, 590, 10)
    ]
    assert ask("mei", "POST /v1/uploads", {"pings": pings[:30]})[0] == 200
    site = laptop(run_state.read(run_state.port_of(fast.base)))
    dynamodb, sqs = site.client("dynamodb"), site.client("sqs")
    yield SimpleNamespace(
        base=fast.base, ask=ask, trip=trip, route=route, began=began, buffered=pings[30:], tokens=tokens,
        dynamodb=dynamodb, sqs=sqs,
    )  # fmt: skip
    dynamodb.close()
    sqs.close()


def put(upload, body) -> int:
    request = urllib.request.Request(upload["url"], body, dict(upload["headers"]), method="PUT")  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 - our own loopback
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


def bonus(flow, who="mei"):
    status, told = flow.ask(who, f"GET /v1/trips/{flow.trip}/bonus")
    assert status == 200
    return told


def test_a_trip_that_needs_a_photo_is_finished_once_it_is_there(flow) -> None:
    finish, at = f"POST /v1/trips/{flow.trip}/finish", {"at": flow.began + 595}
    status, problem = flow.ask("mei", finish, at)
    assert (status, problem["photos_missing"]) == (409, 1)
    slot = f"POST /v1/trips/{flow.trip}/photos"
    new = {"content_type": "image/jpeg", "size": len(JPEG)}
    assert flow.ask("wang", slot, new)[0] == 403
    status, photo = flow.ask("mei", slot, new)
    assert status == 201
    confirm = f"POST /v1/trips/{flow.trip}/photos/{photo['photo']}/confirm"
    assert flow.ask("mei", confirm)[0] == 409
    assert put(photo["upload"], JPEG) == 200
    assert flow.ask("mei", finish, at)[0] == 409
    assert flow.ask("mei", confirm)[0] == 200
    assert put(photo["upload"], JPEG[::-1]) == 412
    status, trip = flow.ask("mei", finish, at)
    assert (status, trip["state"], trip["photos_there"]) == (200, "finished", 1)
    assert bonus(flow)["state"] == "finished"


def test_a_trip_is_given_so_many_addresses_however_many_ask_at_once(flow) -> None:
    task = {"route": flow.route, "bonus": BONUS, "deadline": flow.began + 86_400}
    made = flow.ask("ada", "POST /v1/tasks", task)[1]["task"]
    trip = flow.ask("wang", f"POST /v1/tasks/{made}/claim")[1]["trip"]
    slot, new = f"POST /v1/trips/{trip}/photos", {"content_type": "image/jpeg", "size": len(JPEG)}
    with ThreadPoolExecutor(6) as pool:
        given = list(pool.map(lambda _: flow.ask("wang", slot, new)[0], range(MOST_ASKED + 5)))
    assert (given.count(201), given.count(409)) == (MOST_ASKED, 5)


def test_the_manager_sees_the_photo_and_another_courier_does_not(flow) -> None:
    seen = f"GET /v1/trips/{flow.trip}/photos"
    status, told = flow.ask("max", seen)
    assert (status, told["needed"], told["there"]) == (200, 1, 1)
    status, headers, body = fetch(told["photos"][0]["url"])
    assert (status, headers["content-type"], body) == (200, "image/jpeg", JPEG)
    assert flow.ask("wang", seen)[0] == 403


def test_a_settled_trip_shows_its_bonus_line_by_line(flow) -> None:
    told = until(lambda: (found := bonus(flow))["state"] == "settled" and found, 60)
    made = told["calculation"]
    lines = {line["rule"]: line["amount"] for line in made["lines"]}
    # Half of the route was ridden as far as is known: half of what lies between 5 and 95 % is missing.
    assert lines["base"] == "12.50"
    assert -7.5 < float(lines["coverage"]) < -5
    assert lines["on_time"] == "2.00"  # the phone was silent from then on, and the courier's word counts
    (on_time,) = [line["given"] for line in made["lines"] if line["rule"] == "on_time"]
    assert (on_time["counts"], made["facts"]["arrived_at"]) == ("stated", None)
    assert made["total"] == f"{12.5 + float(lines['coverage']) + 2:.2f}"
    assert (made["revision"], made["currency"], made["reproduced"]) == (1, "CNY", True)
    assert flow.ask("wang", f"GET /v1/trips/{flow.trip}/bonus")[0] == 403


def test_an_example_of_the_same_ride_pays_what_the_trip_did(flow) -> None:
    made = until(lambda: bonus(flow)["calculation"], 60)
    facts = made["facts"]
    ride = {"covered": float(facts["covered_percent"]) / 100, "off_route_m": facts["off_route_m"]}
    status, said = flow.ask("max", "POST /v1/bonuses/example", {"bonus": BONUS, "rides": [ride, {}]})
    assert (status, said["currency"]) == (200, made["currency"])
    supposed, whole = said["calculations"]
    assert (supposed["total"], whole["total"]) == (made["total"], "14.00")
    same = [[{**line, "text": "", "given": {}} for line in it["lines"]] for it in (supposed, made)]
    assert same[0] == same[1]  # but for the times that the line of the reward names
    status, problem = flow.ask("ada", "POST /v1/bonuses/example", {"bonus": BONUS, "rides": [{"covered": 2}]})
    assert (status, problem["errors"][0]["field"]) == (400, "rides[0].covered")
    assert flow.ask("mei", "POST /v1/bonuses/example", {"bonus": BONUS, "rides": [{}]})[0] == 403


def test_what_was_buffered_settles_it_anew_and_the_manager_approves_that(flow) -> None:
    until(lambda: bonus(flow)["state"] == "settled", 60)
    assert flow.ask("mei", "POST /v1/uploads", {"pings": flow.buffered})[0] == 200
    told = until(lambda: (found := bonus(flow))["calculation"]["revision"] == 2 and found, 60)
    made = told["calculation"]
    assert (made["facts"]["covered_percent"] > "95", made["total"]) == (True, "14.00")
    (on_time,) = [line["given"] for line in made["lines"] if line["rule"] == "on_time"]
    assert on_time["counts"] == "ride"  # now the pings show the end
    assert made["facts"]["not_before"] <= made["facts"]["arrived_at"] <= made["facts"]["finished_at"]
    approve = f"POST /v1/trips/{flow.trip}/approve"
    assert flow.ask("ada", approve)[0] == 403
    assert flow.ask("max", approve, {"revision": 1})[0] == 409
    assert flow.ask("max", approve, {"revision": 2})[0] == 200


def test_a_later_record_changes_nothing_and_is_shown(flow) -> None:
    extra = {"t": flow.began + 305, "lat": 31.2304, "lon": 121.4804, "accuracy_m": 5}
    assert flow.ask("mei", "POST /v1/uploads", {"pings": [extra]})[0] == 200
    told = until(lambda: (found := bonus(flow, "max"))["newer"] and found, 60)
    assert (told["state"], told["calculation"]["revision"], told["newer"]["revision"]) == ("approved", 2, 3)
    trips = flow.ask("max", "GET /v1/trips?state=approved")[1]["trips"]
    assert [(trip["trip"], trip["changed_since_approval"]) for trip in trips] == [(flow.trip, True)]


def test_a_payout_pays_it_once(flow) -> None:
    def unpaid():
        return [it for it in flow.ask("max", "GET /v1/payouts")[1]["unpaid"] if it["courier"] == "mei"]

    mine = {"courier": "mei", "currency": "CNY", "amount": "14.00", "trips": 1}
    assert unpaid() == [mine | {"changed": 1}]
    assert flow.ask("max", "POST /v1/payouts")[0] == 403
    status, payout = flow.ask("ada", "POST /v1/payouts")
    assert status == 201
    assert mine in payout["sums"]
    status, headers, body = fetch(f"{flow.base}/v1/payouts/{payout['payout']}.csv", flow.tokens["max"])
    assert (status, headers["content-type"]) == (200, "text/csv; charset=utf-8; header=present")
    (row,) = [it for it in csv.DictReader(io.StringIO(body.decode(), newline="")) if it["trip"] == flow.trip]
    assert (row["courier"], row["amount"], row["currency"]) == ("mei", "14.00", "CNY")
    assert row["title"] == "'=港口 1"
    assert flow.ask("ada", "POST /v1/payouts")[0] == 409
    assert unpaid() == []
    assert bonus(flow)["payout"] == payout["payout"]
    lines = flow.ask("mei", f"GET /v1/trips/{flow.trip}/audit")[1]["lines"]
    assert [line["action"] for line in lines] == [
        "claim", "start", "finish", "settle", "settle", "approve", "revise", "pay",
    ]  # fmt: skip


def test_a_record_that_came_before_the_finish_counts_after_it(flow) -> None:
    """It waits in the queue, and the finish itself, which is written to the row, brings it too."""
    task = {"route": flow.route, "bonus": BONUS, "deadline": flow.began + 8000}
    task = flow.ask("ada", "POST /v1/tasks", task)[1]["task"]
    trip = flow.ask("wang", f"POST /v1/tasks/{task}/claim")[1]["trip"]
    assert flow.ask("wang", f"POST /v1/trips/{trip}/start")[0] == 201
    record = {"progress": {"covered": 0.95}, "off_route": {"length_m": 0}}
    row = {":digest": "early", ":record": json.dumps(record)}
    flow.dynamodb.update_item(
        TableName=next(it for it in flow.dynamodb.list_tables()["TableNames"] if it.endswith("TripsTable")),
        Key={"trip": {"S": trip}},
        UpdateExpression="SET revision = :one, digest = :digest, settled_ms = :one, #record = :record",
        ExpressionAttributeNames={"#record": "record"},
        ExpressionAttributeValues={name: {"S": value} for name, value in row.items()} | {":one": {"N": "1"}},
    )
    queue = next(it for it in flow.sqs.list_queues()["QueueUrls"] if it.endswith("UnreckonedQueue"))
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    names += ["ApproximateNumberOfMessagesDelayed"]

    def waiting() -> int:
        found = flow.sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=names)["Attributes"]
        return sum(int(found.get(name, 0)) for name in names)

    until(lambda: waiting() == 1)
    assert flow.ask("wang", f"POST /v1/trips/{trip}/finish")[1]["state"] == "finished"

    def settled():
        lines = flow.ask("wang", f"GET /v1/trips/{trip}/audit")[1]["lines"]
        return [line["note"] for line in lines if line["action"] == "settle"]

    assert until(settled, 60)[0] == "revision 1: 14.00 CNY"
