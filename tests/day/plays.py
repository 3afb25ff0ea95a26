"""The parts that couriers play, each by its name in the cast."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from cli.replay.api import Refused
from cli.replay.motion import Detour
from tests.day.cast import Part
from tests.day.courier import PATIENCE_S, Hand, Plan
from tests.day.phone import EMPTY, Unconnected
from tests.day.world import Ridden

Play = Callable[[Hand], Awaitable[None]]
LIMIT = 3
"""Open trips that a courier may have."""
OUT_M = 300.0


def _at(hand: Hand, trip: Mapping[str, Any], share: float) -> float:
    return share * hand.world.roads[trip["route"]].compiled.length_m


async def plain(hand: Hand) -> None:
    if not await hand.market():
        await hand.whole(await hand.commissioned(), "plain")


async def confirms(hand: Hand) -> None:
    trip = await hand.commissioned()
    ridden, pings = await hand.begin(trip, "confirms")
    await hand.send(pings)
    await hand.proposed(trip["trip"], pings[-1])
    said = await hand.world.post(hand.who, f"/v1/trips/{trip['trip']}/confirm")
    hand.ended(ridden, pings, said)


async def disputes(hand: Hand) -> None:
    trip = await hand.commissioned()
    ridden, pings = await hand.begin(trip, "disputes")
    await hand.send(pings)
    last, _ = await hand.proposed(trip["trip"], pings[-1])
    await hand.world.post(hand.who, f"/v1/trips/{trip['trip']}/dispute", {"note": "One more parcel"})
    await hand.world.hours.wait(60)
    await hand.arrive(trip, ridden, [*pings, last], last.t_ms / 1000)


async def strays(hand: Hand) -> None:
    street = next(iter(hand.world.roads))  # nothing of it lies beside it, as of laps
    trip = await hand.commissioned(route=street, bonus={
        "amount": "12.00", "currency": "CNY", "rules": {"off_route": {"per_km": "2.00", "free_m": 100}},
    })  # fmt: skip
    await hand.whole(trip, "strays", Plan((Detour(_at(hand, trip, 0.4), OUT_M),)))


async def stalls(hand: Hand) -> None:
    trip = await hand.commissioned()
    await hand.whole(trip, "stalls", Plan((Detour(_at(hand, trip, 0.5), 0.0, 480.0),)))


async def silent(hand: Hand) -> None:
    """No network for eleven minutes; then everything comes at once."""
    trip = await hand.commissioned()
    stand = Detour(_at(hand, trip, 0.6), 0.0, 360.0)  # so that the ride is longer than the silence
    await hand.whole(trip, "silent", Plan((stand,), (Unconnected(120, 780),)))


async def low_battery(hand: Hand) -> None:
    trip = await hand.commissioned()
    ridden, pings = await hand.begin(trip, "low_battery")
    middle = len(pings) // 2
    hand.charged.percent = EMPTY
    await hand.send(pings[:middle])
    hand.charged.percent = 60
    await hand.send(pings[middle:])
    await hand.arrive(trip, ridden, pings)


async def late(hand: Hand) -> None:
    trip = await hand.commissioned(deadline=hand.world.hours.now() + 300, bonus={
        "amount": "12.00", "currency": "CNY",
        "rules": {"late": {"per_minute": "0.30", "grace_minutes": 1}, "on_time": {"reward": "2.00"}},
    })  # fmt: skip
    stand = Detour(_at(hand, trip, 0.5), 0.0, 150.0)
    await hand.whole(trip, "late", Plan((stand,)))


async def pauses(hand: Hand) -> None:
    """Pauses while it stands still."""
    trip = await hand.commissioned()
    at = _at(hand, trip, 0.5)
    ridden, pings = await hand.begin(trip, "pauses", Plan((Detour(at, 0.0, 300.0),)))
    standing = [i for i, ping in enumerate(pings) if abs(ping.along_m - at) < 1]
    await hand.send(pings[: standing[2]])
    await hand.world.post(hand.who, f"/v1/trips/{trip['trip']}/pause", {"note": "Lunch"})
    await hand.send(pings[standing[2] : standing[-2]])
    await hand.world.post(hand.who, f"/v1/trips/{trip['trip']}/resume")
    await hand.send(pings[standing[-2] :])
    await hand.arrive(trip, ridden, pings)


async def photo(hand: Hand) -> None:
    """For a bonus that is more than its own limit."""
    pays = {"amount": "12.00", "currency": "CNY", "rules": {"limits": {"least": "3.00", "most": "10.00"}}}
    await hand.whole(await hand.commissioned(photos=2, bonus=pays), "photo")


async def half(hand: Hand) -> None:
    """Finishes before it is half way, and is paid a part, and nothing for being there in time."""
    trip = await hand.commissioned(bonus={
        "amount": "12.00", "currency": "CNY",
        "rules": {"coverage": {"full_percent": 95, "none_percent": 20}, "on_time": {"reward": "2.00"}},
    })  # fmt: skip
    ridden, pings = await hand.begin(trip, "half")
    first = pings[: len(pings) // 3]  # so far away that no minute without a fix could hide the rest
    await hand.send(first)
    await hand.arrive(trip, ridden, first)


async def greedy(hand: Hand) -> None:
    """Claims as many as it may, is refused one more, and gives all back."""
    tasks = [await hand.commission() for _ in range(LIMIT + 1)]
    held = []
    for task in tasks:
        if trip := await hand.claim(task):
            held.append(trip["trip"])
            hand.world.truth[trip["trip"]] = _unridden(hand, trip, "greedy", "released")
    trips = (await hand.world.get(hand.who, "/v1/trips?state=claimed&limit=20"))["trips"]
    if not len(held) < len(tasks) or len(trips) != LIMIT:
        hand.world.broken.append(f"{hand.name} has {len(trips)} claims, and may have {LIMIT}")
    for trip in held:
        await hand.world.post(hand.who, f"/v1/trips/{trip}/release", {"note": "Too many"})


async def releases(hand: Hand) -> None:
    trip = await hand.commissioned()
    hand.world.truth[trip["trip"]] = _unridden(hand, trip, "releases", "released")
    await hand.world.post(hand.who, f"/v1/trips/{trip['trip']}/release", {"note": "Flat tyre"})
    await hand.world.refused(hand.who, f"/v1/trips/{trip['trip']}/start")


async def expires(hand: Hand) -> None:
    """Claims, and does not come."""
    until = hand.world.hours.now() + 180
    trip = await hand.commissioned(start_until=until)
    hand.world.truth[trip["trip"]] = _unridden(hand, trip, "expires", "expired")
    await hand.world.hours.until(until + 90)
    await hand.world.refused(hand.who, f"/v1/trips/{trip['trip']}/start")


async def cancelled(hand: Hand) -> None:
    """A manager ends it half way."""
    trip = await hand.commissioned()
    ridden, pings = await hand.begin(trip, "cancelled")
    ridden.end = "cancelled"
    await hand.send(pings[: len(pings) // 2])
    note = {"note": "The customer has called it off"}
    await hand.world.post(hand.world.manager, f"/v1/trips/{trip['trip']}/cancel", note)
    await hand.world.refused(hand.who, f"/v1/trips/{trip['trip']}/finish")


async def reassigned(hand: Hand) -> None:
    """A manager gives it to somebody else, who rides it after their own."""
    trip = await hand.shared()
    hand.world.truth[trip["trip"]] = _unridden(hand, trip, "reassigned", "released")
    path = f"/v1/trips/{trip['trip']}/reassign"
    for nobody in ("day-0001", "max"):
        await hand.world.refused(hand.world.manager, path, {"courier": nobody})
    others = [it for it in hand.world.hands if it is not hand and not it.gone]
    hand.draw.shuffle(others)
    for other in others:
        try:
            body = {"courier": other.name, "note": "The bike broke down"}
            passed = await hand.world.post(hand.world.manager, path, body)
        except Refused as refused:
            if refused.status != 409:
                raise
            continue
        other.passed.append(passed)
        hand.world.count["trips passed on"] += 1
        return
    raise AssertionError("nobody could take a trip over")


async def abandoned(hand: Hand) -> None:
    """The phone dies and is not heard of again; in the evening a manager cancels the trip."""
    hand.gone = True
    trip = await hand.commissioned()
    ridden, pings = await hand.begin(trip, "abandoned")
    ridden.end = "cancelled"
    await hand.send(pings[:12])


async def returns(hand: Hand) -> None:
    """As `abandoned`, but the courier comes back and rides on from there."""
    trip = await hand.commissioned(deadline=hand.world.ends_s)
    ridden, pings = await hand.begin(trip, "returns")
    world, gone = hand.world, pings[11].t_ms
    await hand.send(pings[:12])
    gives_up = world.hours.now() + world.size.abandon_s + PATIENCE_S
    while world.hours.now() < gives_up:
        await world.hours.wait(300)
        told = await world.get(hand.who, f"/v1/trips/{trip['trip']}/audit")
        if told["trip"]["state"] == "abandoned":
            break
    else:
        raise AssertionError(f"{trip['trip']} was not abandoned")
    await world.post(hand.who, f"/v1/trips/{trip['trip']}/resume", {"note": "Found a socket"})
    later = round(world.hours.now() * 1000) - gone
    rest = [p._replace(t_ms=p.t_ms + later, ready_ms=p.ready_ms + later) for p in pings[12:]]
    await hand.send(rest)
    await hand.arrive(trip, ridden, rest)


def _unridden(hand: Hand, trip: Mapping[str, Any], part: Part, end: str) -> Ridden:
    return Ridden(trip["trip"], hand.name, part, hand.world.roads[trip["route"]], end)


PLAYS: Mapping[Part, Play] = {
    "plain": plain, "confirms": confirms, "disputes": disputes, "strays": strays, "stalls": stalls,
    "silent": silent, "low_battery": low_battery, "late": late, "pauses": pauses, "photo": photo,
    "half": half, "greedy": greedy, "releases": releases, "expires": expires, "cancelled": cancelled,
    "reassigned": reassigned, "abandoned": abandoned, "returns": returns,
}  # fmt: skip


async def day(hand: Hand, parts: list[Part]) -> None:
    """The parts first, then whatever is near, until it is too late to begin."""
    world = hand.world
    for part in parts:
        await hand.passed_on()
        world.count[f"part: {part}"] += 1
        await PLAYS[part](hand)
        if hand.gone:
            return
        await hand.rest()
    while world.hours.now() < world.last_start_s:
        await hand.passed_on()
        await hand.market("plain")
        await hand.rest()
