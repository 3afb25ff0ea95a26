"""Invariant 2, ping by ping: what was stored against what was sent, and against one clean run."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from processors.settle.record import digest_of, make_record
from storage.settlements import Standing
from telemetry import columns
from telemetry.history import BUCKET_S, Sighting, Sightings
from telemetry.live import Live, Window
from telemetry.ping import UNKNOWN
from telemetry.upload import Upload
from tests.faults.cast import ROUTES
from tests.faults.fold import explained, way
from tests.faults.truth import FLEET, Courier, Truth

Identity = tuple[str, int]
SAID = 20
"""So many lost pings are told one by one, and so many double ones."""


@dataclass
class Observed:
    """What the stores hold, as they hold it: a ping that is there twice is listed twice."""

    versions: dict[str, list[Live | None]] = field(default_factory=dict)
    """Every version of a courier's live item, oldest first; None where it was deleted."""
    lanes: dict[str, dict[str, list[Upload]]] = field(default_factory=lambda: defaultdict(dict))
    """By courier key and lane of the stream: its uploads as they came."""
    chunks: dict[tuple[str, int], list[Sighting]] = field(default_factory=dict)
    """By trip (fleet/trip) and bucket."""
    chunk_writes: int = 0
    repeats: Counter[str] = field(default_factory=Counter)
    """By courier key: pings that one version of a live item held twice."""
    standing: dict[str, Standing | None] = field(default_factory=dict)
    """By trip: whether it is to be settled, and to what it was."""
    quarantined: set[str] = field(default_factory=set)
    """Content hashes."""
    told: list[bytes] = field(default_factory=list)
    """Records that the on-failure destination was told of."""

    def live(self, key: str) -> Live | None:
        return (self.versions.get(key) or [None])[-1]


class Broken(NamedTuple):
    """invariant: a, b, c or d; 1 where something acknowledged is gone."""

    invariant: str
    what: str


@dataclass
class Verdict:
    pings: int = 0
    lost: int = 0
    double: int = 0
    broken: list[Broken] = field(default_factory=list)
    commits: int = 0
    writes: int = 0
    """Of live items, trips' beginnings and ends among them, and of chunks."""
    compared: int = 0
    """Couriers whose live state was compared with the clean run's."""

    @property
    def holds(self) -> bool:
        return not (self.broken or self.lost or self.double)

    def line(self) -> str:
        bad = sorted({b.invariant for b in self.broken})
        said = f"invariants {' '.join(bad)} do not hold" if bad else "invariants a b c d hold"
        return f"{self.pings} pings: {self.lost} lost, {self.double} double, {said}"

    def add(self, invariant: str, what: str) -> None:
        self.broken.append(Broken(invariant, what))


def check(truth: Truth, observed: Observed, clean: Observed) -> Verdict:
    lives = sum(live is not None for versions in observed.versions.values() for live in versions)
    verdict = Verdict(pings=truth.pings(), writes=lives + observed.chunk_writes)
    stored = _by_trip(observed, verdict)
    known: set[str] = set()
    for courier in truth.couriers.values():
        windows = courier.windows()
        known |= {f"{FLEET}/{w.trip}" for w in windows}
        _acknowledged(truth, courier, verdict)
        _stored(courier, windows, stored, observed, verdict)
        _settled(courier, windows, observed, verdict)
        _versions(courier, windows, observed, verdict)
        _same(courier, observed, clean, verdict)
    for trip in set(stored) - known:
        verdict.add("a", f"trip {trip} was never ridden, and holds {sum(stored[trip].values())} pings")
    for what, difference in (
        ("not in quarantine", clean.quarantined - observed.quarantined),
        ("in quarantine, but not in the clean run's", observed.quarantined - clean.quarantined),
    ):
        for content in sorted(difference):
            verdict.add("a", f"{content[:16]} is {what}")
    for data in Counter(truth.deadly) - Counter(observed.told):
        verdict.add("1", f"the record {data[:16]!r} was neither stored nor told of")
    return verdict


def _by_trip(observed: Observed, verdict: Verdict) -> dict[str, Counter[Sighting]]:
    """The chunks' pings by trip, each as often as it is there; each must be in the bucket of its time."""
    stored: dict[str, Counter[Sighting]] = defaultdict(Counter)
    for (trip, bucket), sightings in observed.chunks.items():
        stored[trip].update(sightings)
        for sighting in sightings:
            if sighting.ping.t_ms // 1000 // BUCKET_S != bucket:
                verdict.add("a", f"{trip}: the ping of {sighting.ping.t_ms} is in chunk {bucket}")
    return stored


def _acknowledged(truth: Truth, courier: Courier, verdict: Verdict) -> None:
    """The events that everything is judged by are those that the ledger saw acknowledged."""
    carried = {(u.device, p.t_ms) for u in courier.uploads() for p in u.pings}
    if carried != truth.ledger.acknowledged(courier.name):
        verdict.add("1", f"{courier.name}: the ledger and the senders disagree: a fault of the harness")
    for identity in set(truth.ledger.pings_of(courier.name)) - carried - truth.ledger.rejected(courier.name):
        verdict.add("1", f"{courier.name}: the ping {identity} was never acknowledged")


def expected(courier: Courier, windows: Iterable[Window]) -> tuple[dict[str, dict[Identity, Sighting]], int]:
    """The sets by trip, winners of conflicts only, and how many pings lie outside every window."""
    best = _best(Sighting(u.device, ping) for u in courier.uploads() for ping in u.pings)
    trips: dict[str, dict[Identity, Sighting]] = {f"{FLEET}/{w.trip}": {} for w in windows}
    spans = [(w.start_ms, w.end_ms, f"{FLEET}/{w.trip}") for w in windows]
    outside = 0
    for (device, t_ms), sighting in best.items():
        owner = next((t for a, b, t in spans if a <= t_ms and (b is None or t_ms <= b)), None)
        if owner is None:
            outside += 1
        else:
            trips[owner][device, t_ms] = sighting
    return trips, outside


def _rank(sighting: Sighting) -> tuple[bool, int, bytes]:
    """Known accuracy, better accuracy, smaller encoding."""
    accuracy = sighting.ping.accuracy_dm
    return accuracy == UNKNOWN, accuracy, columns.encode([sighting.ping])


def _stored(
    courier: Courier,
    windows: list[Window],
    stored: Mapping[str, Counter[Sighting]],
    observed: Observed,
    verdict: Verdict,
) -> None:
    """Exactly the expected set, each ping once."""
    live = observed.live(courier.key)
    for trip, wanted in expected(courier, windows)[0].items():
        counted = stored.get(trip, Counter())
        tail = live.tail.values() if live and f"{FLEET}/{live.trip}" == trip else ()
        found = _best((*tail, *counted))
        _counted(f"{courier.name}, {trip}", counted, verdict)
        for identity in wanted.keys() - found.keys():
            verdict.lost += 1
            if verdict.lost <= SAID:
                verdict.add("a", f"{courier.name}, {trip}: the ping {identity} is not stored")
        for identity in found.keys() - wanted.keys():
            verdict.add("a", f"{courier.name}, {trip}: {identity} is stored, and was not sent for that trip")
        for identity in found.keys() & wanted.keys():
            if found[identity] != wanted[identity]:
                verdict.add("a", f"{courier.name}, {trip}: {identity} is stored with another content")
    if repeats := observed.repeats[courier.key]:
        verdict.double += repeats
        verdict.add("a", f"{courier.name}: versions of the live item held {repeats} pings twice")


def _best(sightings: Iterable[Sighting]) -> dict[Identity, Sighting]:
    """One of each identity."""
    best: dict[Identity, Sighting] = {}
    for sighting in sightings:
        best[sighting.identity] = min(best.get(sighting.identity, sighting), sighting, key=_rank)
    return best


def _counted(where: str, stored: Counter[Sighting], verdict: Verdict) -> None:
    times: Counter[Identity] = Counter()
    for sighting, count in stored.items():
        times[sighting.identity] += count
    for identity, count in times.items():
        if count > 1:
            verdict.double += 1
            if verdict.double <= SAID:
                verdict.add("a", f"{where}: {identity} is stored {count} times")


def _settled(courier: Courier, windows: list[Window], observed: Observed, verdict: Verdict) -> None:
    """(b): an ended trip's record is that of the set that was sent, whatever came when."""
    sets, _ = expected(courier, windows)
    for window in windows:
        standing = observed.standing.get(window.trip)
        if window.end_ms is None:
            continue
        if standing is None or standing.settled is None:
            verdict.add("b", f"{courier.name}: {window.trip} was not settled")
            continue
        pings = Sightings.of(sets[f"{FLEET}/{window.trip}"].values())
        settled = standing.settled
        if settled.digest != digest_of(standing.trip, pings):
            verdict.add("b", f"{courier.name}: {window.trip} was settled from other pings, and is not due")
        elif settled.record != make_record(standing.trip, ROUTES[courier.routes[window.trip]], pings):
            verdict.add("b", f"{courier.name}: {window.trip} was settled to another record")


def _versions(courier: Courier, windows: list[Window], observed: Observed, verdict: Verdict) -> None:
    """(d): each version is the one before with the matcher folded over a batch, and counts one on."""
    lanes = observed.lanes.get(courier.key, {}).values()
    ways = {w.trip: way(w, ROUTES[courier.routes[w.trip]], [*lanes]) for w in windows}
    before: Live | None = None
    newest = 0
    for live in observed.versions.get(courier.key, []):
        if live is not None:
            verdict.commits += 1
            if live.version <= newest:
                verdict.add("d", f"{courier.name}: version {live.version} comes after {newest}")
            newest = live.version
        if live is not None and before is not None and live.version != before.version + 1:
            verdict.add("d", f"{courier.name}: version {live.version} follows {before.version}")
        if live is not None and not explained(before, live, ways):
            verdict.add("d", f"{courier.name}: no run of its uploads leads to version {live.version}")
        before = live


def _same(courier: Courier, observed: Observed, clean: Observed, verdict: Verdict) -> None:
    """(c): the same live state as the clean run's, but for its version.

    An item that expired between two trips has forgotten its state; a clean run takes no time.
    """
    if not courier.ordered or None in observed.versions.get(courier.key, []):
        return
    verdict.compared += 1
    ours, theirs = observed.live(courier.key), clean.live(courier.key)
    if ours is None or theirs is None:
        verdict.add("c", f"{courier.name}: there is no live item")
        return
    for name in ("windows", "trip", "match", "newest", "length_m"):
        if getattr(ours, name) != getattr(theirs, name):
            verdict.add("c", f"{courier.name}: {name} is not the clean run's")
