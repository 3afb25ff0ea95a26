"""Who gets what: the competition for places, tags, limits, passing on, and keys that make a request one."""

from __future__ import annotations

import pytest

from tests.unit.test_tasks import CLAIM, FINISH, START, T0, TASK, World, account, assert_bad

AUDIT = "GET /v1/trips/{trip}/audit"


@pytest.fixture
def world():
    world = World()
    line = {"type": "LineString", "coordinates": [[121.4737, 31.2304], [121.4801, 31.2304]]}
    assert world.call("POST /v1/routes", {"id": "lap", "line": line}, "admin")[0] == 201
    return world


def refused(answer, status, *words) -> None:
    """A problem document that says what to do."""
    got, problem = answer
    assert got == status, problem
    for word in words:
        assert word in problem["detail"], problem


def test_one_of_two_claims_wins_and_the_other_is_told_what_to_do(world) -> None:
    task = world.task()
    status, trip = world.call(CLAIM, task=task)
    assert (status, trip["state"], trip["courier"], trip["task"]) == (200, "claimed", "mei", task)
    assert world.call(CLAIM, task=task) == (200, trip)
    refused(world.call(CLAIM, task=task, user="wang"), 409, "Another courier", "GET /v1/tasks?status=open")
    assert world.call("GET /v1/tasks/{task}", task=task)[1]["status"] == "taken"
    assert [it["trip"] for it in world.call("GET /v1/trips")[1]["trips"]] == [trip["trip"]]
    assert world.call("GET /v1/trips", user="wang") == (200, {"trips": [], "next": None})


def test_a_task_has_as_many_trips_as_its_quantity(world) -> None:
    task = world.task(quantity=2)
    assert world.call(CLAIM, task=task)[0] == 200
    left = world.call("GET /v1/tasks/{task}", task=task)[1]
    assert (left["left"], left["status"]) == (1, "open")
    assert world.call(CLAIM, task=task, user="wang")[0] == 200
    refused(world.call(CLAIM, task=task, user="li"), 409, "all places")


def test_a_manager_lists_the_trips_of_a_task(world) -> None:
    task, other = world.task(quantity=3), world.task()
    claims = {who: world.call(CLAIM, task=task, user=who)[1] for who in ("wang", "mei", "li")}
    world.call(CLAIM, task=other, user="mei")

    def listed(user="ada", role="manager", **query):
        status, page = world.call("GET /v1/trips", query={"task": task, **query}, user=user, role=role)
        assert status == 200, page
        return page["trips"], page["next"]

    assert listed() == ([claims["li"], claims["mei"], claims["wang"]], None)
    first, following = listed(limit="2")
    assert (first, listed(after=following, limit="2")) == (
        [claims["li"], claims["mei"]],
        ([claims["wang"]], None),
    )
    assert listed(state="started") == ([], None)
    assert listed(user="mei", role="courier") == ([claims["mei"]], None)
    assert listed(courier="mei") == ([claims["mei"]], None)
    stranger = {"task": other, "after": following}
    refused(world.call("GET /v1/trips", query=stranger, role="manager"), 400, "after", "of the same task")


def test_ones_own_task_is_not_claimed_twice(world) -> None:
    task = world.task(quantity=2)
    trip = world.call(CLAIM, task=task, key="a")[1]["trip"]
    refused(world.call(CLAIM, task=task, key="b"), 409, "You have this task already", trip)
    world.call(START, task=task)
    refused(world.call(CLAIM, task=task), 409, f"trip {trip} is started")
    world.call(FINISH, trip=trip)
    assert world.call(CLAIM, task=task)[1]["trip"] != trip


def test_a_courier_has_no_more_open_trips_than_the_limit(world) -> None:
    trips = [world.held() for _ in range(3)]
    refused(world.call(CLAIM, task=world.task()), 409, "3 open trips", "GET /v1/trips")
    assert world.act("release", trips[0])[0] == 200
    world.held()


def test_a_claim_needs_its_time(world) -> None:
    task = world.task(opens=T0 + 10, closes=T0 + 20)
    assert world.call("GET /v1/tasks/{task}", task=task)[1]["status"] == "scheduled"
    refused(world.call(CLAIM, task=task), 409, "opens at")
    world.now += 20
    refused(world.call(CLAIM, task=task), 409, "Claims of this task ended")
    world.now -= 10
    assert world.call(CLAIM, task=task)[0] == 200
    assert world.call(CLAIM, task="tk_unknown")[0] == 404
    assert world.call(CLAIM, task=task, fleet="other")[0] == 404


def test_a_withdrawn_task_is_claimed_no_more_but_its_trips_go_on(world) -> None:
    task = world.task(quantity=2)
    world.call(CLAIM, task=task)
    status, gone = world.call("POST /v1/tasks/{task}/withdraw", role="admin", task=task)
    assert (status, gone["status"]) == (200, "withdrawn")
    assert world.call("POST /v1/tasks/{task}/withdraw", role="admin", task=task) == (200, gone)
    refused(world.call(CLAIM, task=task, user="wang"), 409, "withdrawn")
    assert world.call(START, task=task)[0] == 201


def test_a_task_with_tags_needs_them_all(world) -> None:
    task = world.task(tags=["cold", "bike", "bike"])
    assert world.call("GET /v1/tasks/{task}", task=task)[1]["tags"] == ["bike", "cold"]
    world.user("mei", tags=("bike",))
    refused(world.call(CLAIM, task=task), 403, "a courier with cold", "ask your fleet's admin")
    world.user("mei", tags=("bike", "cold", "van"))  # counts at once
    assert world.call(CLAIM, task=task)[0] == 200


def test_who_is_disabled_or_rides_no_more_claims_nothing_and_keeps_what_they_have(world) -> None:
    mine = world.started()
    held = world.held()
    task = world.task()
    world.user("mei", disabled=True)
    refused(world.call(CLAIM, task=task), 403, "no longer a courier")
    refused(world.call("GET /v1/tasks", query={"near": "31.2,121.4"}), 403, "no longer a courier")
    _, theirs = world.call("GET /v1/trips", role="manager", query={"courier": "mei"})
    assert {it["trip"]: it["state"] for it in theirs["trips"]} == {mine["trip"]: "started", held: "claimed"}
    assert world.act("cancel", mine["trip"], {"note": "left"}, "manager", "max")[1]["state"] == "cancelled"
    assert world.act("reassign", held, {"courier": "wang"}, "manager", "max")[1]["courier"] == "wang"
    world.user("mei", disabled=False, role="manager")
    refused(world.call(CLAIM, task=task), 403, "no longer a courier")
    world.user("mei", role="courier")
    assert world.call(CLAIM, task=task)[0] == 200


def test_a_start_keeps_to_its_window(world) -> None:
    trip = world.held(start_from=T0 + 100, start_until=T0 + 200)
    refused(world.act("start", trip), 409, "opens at", "2026")
    world.now += 201
    refused(world.act("start", trip), 409, "closed at", "GET /v1/tasks?status=open")
    refused(world.act("start", trip, {"at": T0 + 99}), 409, "opens at")
    status, started = world.act("start", trip, {"at": T0 + 200})
    assert (status, started["started_at"]) == (201, T0 + 200)


def test_a_released_place_is_free_again_and_the_trip_stays_released(world) -> None:
    task = world.task()
    trip = world.call(CLAIM, task=task)[1]["trip"]
    status, gone = world.act("release", trip, {"note": "Flat tyre"})
    assert (status, gone["state"], gone["finished_at"]) == (200, "released", None)
    assert world.act("release", trip) == (200, gone)
    refused(world.act("start", trip), 409, "The trip is released", "GET /v1/trips lists")
    assert world.call(CLAIM, task=task, user="wang")[0] == 200
    lines = world.call(AUDIT, trip=trip)[1]["lines"]
    assert [(line["rev"], line["from"], line["to"], line["note"]) for line in lines] == [
        (1, None, "claimed", ""),
        (2, "claimed", "released", "Flat tyre"),
    ]


def test_what_is_not_started_is_not_finished(world) -> None:
    trip = world.held()
    refused(world.act("finish", trip), 409, "is claimed", f"POST /v1/trips/{trip}/start")
    refused(world.act("pause", trip), 409, "must be started")


def test_a_manager_passes_a_claim_on(world) -> None:
    trip = world.held()
    status, theirs = world.act("reassign", trip, {"courier": "wang"}, "manager", "max")
    assert (status, theirs["courier"], theirs["state"]) == (200, "wang", "claimed")
    assert world.act("reassign", trip, {"courier": "wang"}, "manager", "max") == (200, theirs)
    assert [it["state"] for it in world.call("GET /v1/trips")[1]["trips"]] == ["released"]
    _, told = world.call(AUDIT, trip=trip)
    assert (told["trip"]["passed_to"], told["lines"][-1]["by"]) == (theirs["trip"], "max")
    assert world.act("start", theirs["trip"], user="wang")[0] == 201
    refused(
        world.act("reassign", theirs["trip"], {"courier": "mei"}, "manager"), 409, "must be claimed", "cancel"
    )


def test_who_passes_a_claim_on_that_was_passed_on_is_told_the_same_again_under_the_same_key(world) -> None:
    """Whatever has become of the trip since."""
    trip, asked = world.held(), ({"courier": "wang"}, "manager", "max")
    theirs = world.act("reassign", trip, *asked)[1]["trip"]
    told = world.act("reassign", trip, *asked, key="k1")
    world.act("start", theirs, user="wang")
    assert world.act("reassign", trip, *asked, key="k1") == told
    assert world.act("reassign", trip, *asked)[1]["state"] == "started"


def test_a_claim_is_not_passed_to_who_has_it_or_has_too_many(world) -> None:
    task = world.task(quantity=2)
    trip = world.call(CLAIM, task=task)[1]["trip"]
    world.call(CLAIM, task=task, user="wang")
    refused(world.act("reassign", trip, {"courier": "wang"}, "manager"), 409, "wang has this task already")
    for _ in range(3):
        world.held("li")
    refused(world.act("reassign", trip, {"courier": "li"}, "manager"), 409, "3 open trips")
    assert_bad(world.act("reassign", trip, {"courier": "mei"}, "manager"), "courier", "already")
    assert_bad(world.act("reassign", trip, {}, "manager"), "courier", "is missing")


def test_a_claim_is_passed_on_to_nobody_who_could_not_ride_it(world) -> None:
    """A name that was mistyped would leave the task with nobody until the claim expires."""
    world.user("mei", tags=("cargo",))
    trip = world.call(CLAIM, task=world.task(tags=["cargo"]))[1]["trip"]
    world.users.add(account("bo", "courier", "bike"))
    world.users.add(account("zhao", "courier", "bike", "cargo"))
    world.users.add(account("far", "courier", "cargo", fleet="rival"))
    for courier in ("wnag", "max", "far"):
        answer = world.act("reassign", trip, {"courier": courier}, "manager")
        refused(answer, 409, f"{courier} is no courier", "GET /v1/users", "stays as it is")
        (error,) = answer[1]["errors"]
        assert (error["field"], error["reason"]) == ("courier", "is no courier of the fleet")
    answer = world.act("reassign", trip, {"courier": "bo"}, "manager")
    refused(answer, 409, "needs a courier with cargo", "name another one")
    (error,) = answer[1]["errors"]
    assert (error["field"], error["reason"], error["given"]) == (
        "courier",
        "has not cargo",
        {"tags": ["cargo"]},
    )
    world.user("zhao", disabled=True)
    answer = world.act("reassign", trip, {"courier": "zhao"}, "manager")
    refused(answer, 409, "zhao is disabled", "GET /v1/users", "stays as it is")
    (error,) = answer[1]["errors"]
    assert (error["field"], error["reason"]) == ("courier", "is disabled")
    world.user("zhao", disabled=False)
    assert world.call("GET /v1/trips")[1]["trips"][0]["state"] == "claimed"
    status, theirs = world.act("reassign", trip, {"courier": "zhao"}, "manager")
    assert (status, theirs["courier"]) == (200, "zhao")
    world.users.rows.clear()  # what was passed on before is answered as it was
    assert world.act("reassign", trip, {"courier": "zhao"}, "manager") == (200, theirs)


def test_a_pause_is_part_of_the_trip_and_is_counted(world) -> None:
    trip = world.started()["trip"]
    world.now += 60
    assert world.act("pause", trip)[1]["paused_at"] == T0 + 60
    world.now += 30
    assert world.act("resume", trip)[1]["state"] == "started"
    world.now += 10
    assert world.act("pause", trip)[1]["state"] == "paused"
    world.now += 5
    assert world.act("finish", trip)[1]["finished_at"] == T0 + 105
    assert world.tasks.trip("demo", trip).rest_ms == 35_000


def test_a_cancelled_ride_ends_and_pays_nothing_and_a_cancelled_claim_gives_its_place_back(world) -> None:
    ride, claim = world.started()["trip"], world.held()
    world.now += 60
    status, gone = world.act("cancel", ride, role="manager", user="max")
    assert (status, gone["state"], gone["finished_at"]) == (200, "cancelled", T0 + 60)
    assert world.live.items["demo/mei"].active() is None
    assert world.trips.get(ride).finished_ms == round((T0 + 60) * 1000)
    refused(world.act("finish", ride), 409, "is cancelled")
    task = world.act("cancel", claim, role="admin")[1]["task"]
    assert world.call("GET /v1/tasks/{task}", task=task)[1]["left"] == 1
    assert world.started()["state"] == "started"


def test_a_proposed_finish_is_confirmed_or_disputed(world) -> None:
    trip = world.started()["trip"]
    refused(world.act("confirm", trip), 409, f"POST /v1/trips/{trip}/finish")
    world.now += 60
    world.propose(trip, T0 + 50)
    status, told = world.act("dispute", trip)
    assert (status, told["proposed_at"], told["state"]) == (200, None, "started")
    assert world.act("dispute", trip) == (200, told)
    world.propose(trip, T0 + 55)
    status, done = world.act("confirm", trip)
    assert (status, done["state"], done["finished_at"]) == (200, "finished", T0 + 55)
    assert world.act("confirm", trip) == (200, done)


def test_trips_are_asked_for_by_state_or_courier(world) -> None:
    first, second = world.held(), world.started()["trip"]
    other = world.held("wang")

    def asked(**query):
        status, page = world.call("GET /v1/trips", role="manager", query=query)
        assert status == 200
        return {it["trip"] for it in page["trips"]}

    assert asked(state="claimed") == {first, other}
    assert asked(courier="mei") == {first, second}
    assert asked(courier="mei", state="started") == {second}
    assert_bad(world.call("GET /v1/trips", role="manager"), "state", "missing")
    assert_bad(world.call("GET /v1/trips", query={"state": "lost"}), "state", "must be one of claimed")
    own = world.call("GET /v1/trips", query={"courier": "wang"})[1]["trips"]
    assert {it["trip"] for it in own} == {first, second}


def test_the_same_key_is_done_once_and_answered_the_same(world) -> None:
    status, task = world.call("POST /v1/tasks", TASK, "admin", key="t1")
    assert world.call("POST /v1/tasks", TASK, "admin", key="t1") == (status, task)
    assert len(world.tasks.rows) == 1
    claim = world.call(CLAIM, task=task["task"], key='"c-1"')
    assert world.call(CLAIM, task=task["task"], key="c-1") == claim
    trip = claim[1]["trip"]
    world.act("start", trip)
    paused = world.act("pause", trip, key="p")
    world.act("resume", trip)
    assert world.act("pause", trip, key="p") == paused
    assert world.tasks.trip("demo", trip).state == "started"
    assert world.call(CLAIM, task=task["task"], key="c-1") == claim


def test_a_repetition_that_found_nothing_to_do_keeps_its_answer_too(world) -> None:
    trip = world.started()["trip"]
    world.act("pause", trip)
    paused = world.act("pause", trip, key="p")
    world.act("resume", trip)
    assert world.act("pause", trip, key="p") == paused
    assert world.tasks.trip("demo", trip).state == "started"


def test_a_key_of_another_request_is_refused_and_one_s_own_to_each(world) -> None:
    task = world.task(quantity=3)
    other = world.task()
    world.call(CLAIM, task=task, key="k")
    refused(world.call(CLAIM, task=other, key="k"), 422, "another request", "new key")
    assert world.call(CLAIM, task=task, key="k", user="wang")[0] == 200
    assert_bad(world.call(CLAIM, task=other, key="a key"), "idempotency-key", "UUID")
    world.now += 86_400
    refused(world.call(CLAIM, task=other, key="k"), 409, "ended")


def test_a_repetition_under_a_key_heals_what_crashed(world) -> None:
    trip = world.held()
    start, world.trips.start = world.trips.start, None
    with pytest.raises(TypeError):
        world.act("start", trip, key="s")
    world.trips.start = start
    assert world.act("start", trip, key="s")[0] == 201
    assert world.trips.get(trip) is not None


def test_twins_of_one_request_get_one_answer(world) -> None:
    task, seen = world.task(quantity=2), []
    claim = world.tasks.claim

    def overtaken(*args):
        world.tasks.claim = claim
        seen.append(world.call(CLAIM, task=task, key="k"))
        return claim(*args)

    world.tasks.claim = overtaken
    assert world.call(CLAIM, task=task, key="k") == seen[0]
    assert len(world.tasks.trips) == 1


def test_time_opens_closes_and_expires(world) -> None:
    task = world.task(opens=T0 + 10, closes=T0 + 100, start_until=T0 + 200)
    ms = round(T0 * 1000)
    with pytest.raises(Exception, match="ms"):
        world.due.task("demo", task, ms + 10_000)
    world.now += 10
    assert world.due.task("demo", task, ms + 10_000) == "told"
    assert world.due.task("demo", task, ms + 10_000) == "nothing"
    assert world.tasks.get("demo", task).status == "open"
    trip = world.call(CLAIM, task=task)[1]["trip"]
    world.now += 90
    assert world.due.task("demo", task, ms + 100_000) == "nothing"
    world.now += 160
    assert world.due.claim("demo", trip, ms + 260_000) == "expired"
    assert world.due.claim("demo", trip, ms + 260_000) == "nothing"
    assert world.due.claim("demo", "tr_gone", ms) == "nothing"
    back = world.tasks.get("demo", task)
    assert (back.left, back.status) == (1, "closed")
    refused(world.act("start", trip), 409, "is expired")
    (_, line) = world.call(AUDIT, trip=trip)[1]["lines"]
    assert (line["by"], line["role"], line["action"]) == ("system", "system", "expire")


def test_a_claim_that_was_started_does_not_expire(world) -> None:
    trip = world.started()["trip"]
    world.now += 5000
    assert world.due.claim("demo", trip, 0) == "nothing"
