"""Checks of trips, tasks and couriers: their lives, their places, their pings."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import pairwise

from cli.replay.api import Json
from telemetry import life
from tests.day.plays import LIMIT
from tests.day.run import Day
from tests.faults.truth import FLEET

QUARTER_S = 900.0


def day(day: Day) -> Iterator[str]:
    yield from day.unfinished
    yield from day.world.broken
    for why, times in day.figures.reasons.items():
        yield f"{times} uploads were refused: {why}"


def ends(day: Day) -> Iterator[str]:
    seen, truth = day.seen, day.world.truth
    for trip, ridden in truth.items():
        if trip not in seen.trips:
            yield f"{trip} of {ridden.courier} is in no list"
        elif (state := seen.trips[trip]["state"]) != ridden.end:
            yield f"{trip} of {ridden.courier}, who {ridden.part}, is {state}, and not {ridden.end}"
    for trip in seen.trips.keys() - truth.keys():
        if seen.trips[trip]["state"] not in {"released", "expired"}:
            yield f"{trip} is {seen.trips[trip]['state']}, and nobody rode it"
    for trip, shown in seen.trips.items():
        if shown["state"] == "paid" and shown["photos_there"] < shown["photos"]:
            yield f"{trip} is paid with {shown['photos_there']} of {shown['photos']} photos"
    for trip in truth.keys() & seen.records.keys():
        record = seen.records[trip]
        if record["status"] != "settled" or record["settling"]:
            yield f"{trip} is {record['status']} in the pipeline, and not settled for good"


def audits(day: Day) -> Iterator[str]:
    seen = day.seen
    for trip, lines in seen.audits.items():
        row = seen.trip_rows[trip]
        if [line["rev"] for line in lines] != list(range(1, row.rev + 1)):
            yield f"{trip} has revision {row.rev}, and lines {[line['rev'] for line in lines]}"
        state = None
        for line in lines:
            if line["from"] != state:
                yield f"{trip}: line {line['rev']} goes on from {line['from']}, and not from {state}"
            if not _allowed(line):
                yield f"{trip}: {line['role']} may not {line['action']} from {line['from']} to {line['to']}"
            state = line["to"]
        if state != seen.trips[trip]["state"] or state != row.state:
            yield f"{trip} is {row.state}, and its audit ends with {state}"
        kept = [(it.rev, it.by, it.role, it.action, it.before, it.after) for it in seen.lines.get(trip, [])]
        told = [tuple(line[k] for k in ("rev", "by", "role", "action", "from", "to")) for line in lines]
        if kept != told:
            yield f"{trip}: the API tells another audit than the table has"
    for trip in seen.trip_rows.keys() ^ seen.audits.keys():
        yield f"{trip} is in the table or in the lists, and not in both"


def _allowed(line: Json) -> bool:
    transition = life.TRANSITIONS[line["action"]]
    if line["from"] is None:
        first = line["action"] in life.FIRST and (line["rev"], line["to"]) == (1, "claimed")
        return first and line["role"] in transition.who
    return life.target(line["from"], line["action"]) == line["to"] and line["role"] in transition.who


def steps(day: Day) -> Iterator[str]:
    """revise needs pings that come after an approval, which no part brings about."""
    done = Counter(line["action"] for lines in day.seen.audits.values() for line in lines)
    spared = {"revise"} | ({"abandon"} if "abandoned" not in day.world.size.parts else set())
    for action in life.ACTIONS:
        if not done[action] and action not in spared:
            yield f"nothing was ever done by {action}"


def places(day: Day) -> Iterator[str]:
    seen = day.seen
    winners: Counter[str] = Counter()
    for trip in seen.trips.values():
        back = trip["state"] in {"released", "expired"} or (
            trip["state"] == "cancelled" and trip["started_at"] is None
        )
        winners[trip["task"]] += not back
    for task, row in seen.task_rows.items():
        if row.quantity - row.left != winners[task] or not 0 <= row.left <= row.quantity:
            yield f"{task} has {row.left} of {row.quantity} places left, and {winners[task]} winners"
        if task not in seen.tasks or seen.tasks[task]["left"] != row.left:
            yield f"{task} is listed otherwise than it is kept"
    contest = day.world.contest
    if len(contest.won) != contest.quantity or len(contest.lost) != len(day.world.hands) - contest.quantity:
        yield f"{len(contest.won)} couriers won the {contest.quantity} places of {contest.task}"


def couriers(day: Day) -> Iterator[str]:
    seen = day.seen
    mine: dict[str, list[str]] = defaultdict(list)
    for trip, shown in seen.trips.items():
        mine[shown["courier"]].append(trip)
    for courier, trips in mine.items():
        held = seen.couriers[courier]
        if held.open or held.riding:
            yield f"{courier} has {held.open} open trips and rides {held.riding} in the evening"
        if (most := _most_open(day, trips)) > LIMIT:
            yield f"{courier} had {most} open trips"
        rides = sorted(
            (it["started_at"], it["finished_at"], trip)
            for trip in trips
            if (it := seen.trips[trip])["started_at"] is not None
        )
        for (_, end, one), (start, _, other) in pairwise(rides):
            if end is None or end > start:
                yield f"{courier} rode {one} until {end} and {other} from {start}"


def _most_open(day: Day, trips: list[str]) -> int:
    """At one time; what ended in the same moment in which another began is over."""
    changes = []
    for trip in trips:
        was = False
        for line in day.seen.audits[trip]:
            is_open = line["to"] in life.OPEN
            if is_open != was:
                changes.append((line["at"], 1 if is_open else -1))
            was = is_open
    count = most = 0
    for _, change in sorted(changes):
        count += change
        most = max(most, count)
    return most


def schedule(day: Day) -> Iterator[str]:
    opened = sorted(t["opens"] for t in day.seen.tasks.values() if t["title"] == "Every quarter")
    due = int(3600 * day.world.size.hours / QUARTER_S)
    if len(opened) < due:
        yield f"there were {len(opened)} tasks of the schedule, and not {due} or more"
    for one, other in pairwise(opened):
        if other - one != QUARTER_S:
            yield f"a task of the schedule opened at {one:.0f}, and the next at {other:.0f}"


def pings(day: Day) -> Iterator[str]:
    ledger, stored = day.world.ledger, day.seen.stored
    for hand in day.world.hands:
        if rejected := ledger.rejected(hand.name):
            yield f"{len(rejected)} pings of {hand.name} were rejected"
        if kept := stored.quarantined.get(f"{FLEET}/{hand.name}"):
            yield f"{len(kept)} pings of {hand.name} are in quarantine"
        taken = ledger.acknowledged(hand.name)
        missing = set(ledger.pings_of(hand.name)) - taken
        if missing:
            yield f"{len(missing)} pings of {hand.name} were never acknowledged"
        for trip in day.seen.trips.values():
            if trip["courier"] == hand.name and trip["started_at"]:
                yield from _stored(day, trip, taken)


def _stored(day: Day, trip: Json, taken: set[tuple[str, int]]) -> Iterator[str]:
    """taken: by device and time [ms], what the phone was told is durable. Beyond the trip's end there
    is only what was taken before its finish was known, and the record does not count it.
    """
    name, stored = f"{FLEET}/{trip['trip']}", day.seen.stored
    begin, end = trip["started_at"] * 1000 - 0.5, trip["finished_at"] * 1000 + 0.5
    due = {it for it in taken if begin <= it[1] <= end}
    held = {(it.device, it.ping.t_ms) for it in stored.pings(name)}
    if missing := due - held:
        yield f"{name}: {len(missing)} pings are lost"
    if foreign := {it for it in held - due if it not in taken or it[1] < begin}:
        yield f"{name}: {len(foreign)} pings are not its own"
    if double := stored.double(name):
        yield f"{name}: {double} pings are stored twice"
    settled = day.seen.records[trip["trip"]]["settled"]
    if settled and settled["quality"]["pings"] != len(due):
        yield f"{name}: the record counts {settled['quality']['pings']} pings of {len(due)}"
