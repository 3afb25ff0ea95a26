"""The sweep: a look at every trip that is under way, once a minute, and what follows from it.

What it decides is written under the condition that nothing has changed since it looked, alerts and the
watch's memory of them in one transaction: a sweep that runs twice, overlaps with another or crashes half way
raises nothing twice and closes nothing twice (docs/decisions/0031).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

from stacks.tasks.moves import SYSTEM, Moves
from stacks.tasks.trips.book import Book
from stacks.tasks.watch.judge import Seen, judge, silent_s, to_come
from storage.alerts import Alert, AlertStore, Change, Watch
from storage.live import LiveStore
from storage.tasks import Courier, Trip
from telemetry.alerts import THRESHOLDS, Kind, Rules
from telemetry.clock import Clock
from telemetry.life import FINISHED, RIDING
from telemetry.live import Live
from telemetry.names import new_id
from telemetry.problem import Conflict
from telemetry.upload import courier_key

Key = tuple[str, str]
Ends = Callable[[str, str], float | None]
"""Metres along a fleet's route from which a courier has arrived; None where it is not known."""
Settled = Callable[[str], float | None]
"""Metres along the route in a trip's settled record; None where there is none."""
MINUTE_S = 60
CAUTIOUS = Rules(abandon_after_s=THRESHOLDS["abandon_after_s"].high)
"""For a fleet whose rules cannot be read: managers are told of what they may not want to know, rather than of
nothing, and nobody is abandoned sooner than they may have said.
"""
PROPOSED = "proposed_once"
"""Attribute of a trip whose finish was proposed: a courier who disputed it is not asked again."""


class Log(Protocol):
    def error(self, msg: str, /, *, extra: Mapping[str, object]) -> None: ...

    def exception(self, msg: str, /, *, extra: Mapping[str, object]) -> None: ...


@dataclass
class Tally:
    trips: int = 0
    raised: int = 0
    closed: int = 0
    proposed: int = 0
    abandoned: int = 0
    failed: int = 0
    unreadable: int = 0
    """Left as they are, since their row, their watch or their courier's live item cannot be read."""


@dataclass(frozen=True, slots=True)
class Sweep:
    alerts: AlertStore
    live: LiveStore
    moves: Moves
    book: Book
    ends: Ends
    settled: Settled
    clock: Clock
    log: Log

    def run(self, shards: Iterable[int]) -> Tally:
        """One trip's failure is not its neighbours': it is looked at again in a minute. Nor is a shard's:
        that is raised once all others were looked at, for the function's alarm.

        Another shard comes first each minute, so that a sweep that is cut off has not always missed the same.
        """
        tally, order, failures = Tally(), list(shards), list[Exception]()
        first = int(self.clock() // MINUTE_S) % len(order) if order else 0
        for shard in order[first:] + order[:first]:
            try:
                self._shard(shard, tally)
            except Exception as error:
                failures.append(error)
                self.log.exception("a shard could not be looked after", extra={"shard": shard})
        if failures:
            raise failures[0]
        return tally

    def _shard(self, shard: int, tally: Tally) -> None:
        trips, watches, damaged = self.alerts.watched(shard)
        for row in damaged.values():
            row.tell(self.log)
        tally.trips += len(damaged)
        tally.unreadable += len(damaged)
        whole = {key: trip for key, trip in trips.items() if key not in damaged}
        keys = sorted(key for key, trip in whole.items() if trip.state in RIDING or key in watches)
        rules = self.alerts.rules({fleet for fleet, _ in keys})
        couriers = {courier_key(trips[key].fleet, trips[key].courier) for key in keys}
        found = self.live.get_many(couriers, consistent=False)
        found.tell(self.log)
        for key in keys:
            tally.trips += 1
            courier = courier_key(trips[key].fleet, trips[key].courier)
            if courier in found.unreadable:
                tally.unreadable += 1
                continue
            watch = watches.get(key) or Watch(*key)
            try:
                seen = self._seen(trips[key], found.lives.get(courier), watch)
                self._look(seen, watch, rules.get(key[0], Rules()) or CAUTIOUS, tally)
            except Exception:  # whatever it is, the next trip is not to wait for it
                tally.failed += 1
                self.log.exception("a trip could not be looked after", extra={"trip": key[1]})

    def _seen(self, trip: Trip, live: Live | None, watch: Watch) -> Seen:
        seen = Seen(trip, live, self.ends(trip.fleet, trip.route), self.clock(), watch.told)
        if trip.state in FINISHED - {"finished"} and not seen.arrived and "arrived" not in watch.told:
            # The courier rides another trip, or pings came late: the record knows whether they arrived.
            return replace(seen, settled_m=self.settled(trip.trip))
        return seen

    def _look(self, seen: Seen, watch: Watch, rules: Rules, tally: Tally) -> None:
        self._mend(seen)
        if seen.trip.state == "started" and seen.arrived:
            tally.proposed += self._propose(seen) is not None
        away = seen.trip.state in ("started", "paused") and silent_s(seen) > rules.abandon_after_s
        if away and (abandoned := self._abandon(seen, rules)):
            tally.abandoned += 1
            seen = replace(seen, trip=abandoned)
        wanted = judge(seen, rules, watch.open)
        over = seen.trip.state not in RIDING and not wanted and not to_come(seen)
        self._write(seen, watch, wanted, tally, over=over)

    def _mend(self, seen: Seen) -> None:
        """What a request that crashed left undone in the pipeline, where nobody repeats it: a trip that looks
        finished to its courier, and never settles, would pay nothing.
        """
        trip, windows = seen.trip, seen.live.windows if seen.live else ()
        begun = any(window.trip == trip.trip for window in windows)
        if trip.state not in RIDING or not begun:
            self.book.follow(trip, seen.now)

    def _write(self, seen: Seen, watch: Watch, wanted: frozenset[Kind], tally: Tally, *, over: bool) -> None:
        raised = tuple(_alert(seen, kind) for kind in sorted(wanted - watch.open.keys()))
        closed = tuple(alert for kind, alert in sorted(watch.open.items()) if kind not in wanted)
        if not raised and not closed and over == watch.over and watch.rev:
            return
        still = {kind: alert for kind, alert in watch.open.items() if kind in wanted}
        still |= {alert.kind: alert.alert for alert in raised}
        told = watch.told | {alert.kind for alert in raised}
        after = replace(watch, open=still, over=over, rev=watch.rev + 1, told=told)
        if self.alerts.change(Change(watch, after, raised, closed, round(seen.now * 1000))):
            tally.raised += len(raised)
            tally.closed += len(closed)

    def _propose(self, seen: Seen) -> Trip | None:
        """The time of the newest ping: at most a minute after the courier was there."""
        trip = seen.trip
        if trip.proposed_ms is not None or PROPOSED in trip.more:
            return None
        at_ms = round(min(seen.heard, seen.now) * 1000)

        def asked(trip: Trip) -> bool:
            return trip.proposed_ms is not None or PROPOSED in trip.more

        def proposed(trip: Trip, _: Courier) -> Mapping[str, Any]:
            return {"proposed_ms": max(at_ms, trip.started_ms or 0)}

        return self._moved(
            lambda: self.moves.apply(
                trip.fleet, trip.trip, "propose", SYSTEM, round(seen.now * 1000), proposed,
                more={PROPOSED: 1}, done=asked,
            )
        )  # fmt: skip

    def _abandon(self, seen: Seen, rules: Rules) -> Trip | None:
        trip = seen.trip

        def abandoned(_trip: Trip, _: Courier) -> Mapping[str, Any]:
            key = courier_key(trip.fleet, trip.courier)
            # What was read before may be a moment old: a ping that came just now keeps the trip.
            known = replace(seen, live=self.live.get(key))
            if silent_s(known) <= rules.abandon_after_s:
                raise Conflict("A ping has come.")
            return {}

        note = f"silent for {round(silent_s(seen) / 60)} min"
        return self._moved(
            lambda: self.moves.apply(
                trip.fleet, trip.trip, "abandon", SYSTEM, round(seen.now * 1000), abandoned, note=note
            )
        )

    def _moved(self, move: Callable[[], Trip]) -> Trip | None:
        """The trip now; None where somebody has done something else with it meanwhile."""
        try:
            return move()
        except Conflict:
            return None


def _alert(seen: Seen, kind: Kind) -> Alert:
    trip, now = seen.trip, seen.now
    return Alert(
        fleet=trip.fleet,
        alert=new_id("al", now),
        kind=kind,
        trip=trip.trip,
        task=trip.task,
        courier=trip.courier,
        title=trip.title,
        route=trip.route,
        raised_ms=round(now * 1000),
        facts=_facts(seen),
    )


def _facts(seen: Seen) -> dict[str, float]:
    """What an alert tells beside its kind; no position. Metres, Unix seconds, percent."""
    facts: dict[str, float | None] = {"deadline": seen.trip.deadline_ms / 1000, "heard_at": seen.heard}
    if seen.matched:
        match = seen.matched.match
        facts |= {"along_m": round(match.along_m, 1), "offset_m": round(match.offset_m, 1)}
        facts |= {"arrives_at": seen.arrives and round(seen.arrives), "battery_percent": seen.battery}
    return {name: value for name, value in facts.items() if value is not None}
