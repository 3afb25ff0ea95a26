"""The hypotheses of all couriers of a batch, one ping further.

Arrays have the couriers last; sums run over the first axis, row by row, so that a courier's result does not
depend on who else is in the batch. Everything is rounded to the packed state's steps after each ping, so that
a state that was packed in between goes on alike.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from geo.ellipsoid import Floats
from geo.index import Ints
from geo.model import MODEL, Model
from geo.state import CM, HYPOTHESES, NATS, SHARES, TENTHS

DEAD = -np.inf
OLDEST_S = 65_535 / TENTHS
FASTEST_MPS = 65_535 / CM
_UNITS = np.array([CM, CM, CM, SHARES, TENTHS])[:, None, None]
_LOG_ROOT_2PI = 0.918_938_533_204_672_7


@dataclass
class Hypotheses:
    """k × n: along [m], weight (log odds; 0 the best, -inf none), speed and cruising speed [m/s], share of
    the time that it moves, age of its last match [s]. n: row of the reported one, seconds ridden.
    """

    along: Floats
    weight: Floats
    speed: Floats
    cruise: Floats
    moving: Floats
    age: Floats
    reported: Ints
    ridden: Floats

    def only(self, some: Ints) -> Hypotheses:
        """Of some of the couriers, without the rows that all of them leave empty."""
        weight = self.weight[:, some]
        rows = max(int((weight > DEAD).any(axis=1).sum()), 1)
        return Hypotheses(
            self.along[:rows, some], self.weight[:rows, some], self.speed[:rows, some],
            self.cruise[:rows, some], self.moving[:rows, some], self.age[:rows, some],
            self.reported[some], self.ridden[some],
        )  # fmt: skip

    def put(self, some: Ints, other: Hypotheses) -> None:
        for f in fields(self):
            getattr(self, f.name)[..., some] = getattr(other, f.name)


@dataclass(frozen=True)
class Seen:
    """One ping of each of n couriers: c × n candidates along and offset [m; inf: none] and what their heading
    costs [log]; n: elapsed since the last ping [s], sigma across the road [m], length of the route [m].
    """

    along: Floats
    offset: Floats
    loss: Floats | None
    elapsed: Floats
    sigma: Floats
    length: Floats


@dataclass(frozen=True)
class Said:
    """n: along [m], offset [m; inf where nothing was matched], confidence 0..1, outlier."""

    along: Floats
    offset: Floats
    confidence: Floats
    outlier: NDArray[np.bool_]


def sigma_of(accuracy: Floats, model: Model = MODEL) -> Floats:
    """Standard error across the road [m] from the stated accuracy [m; nan unknown]."""
    known = np.where(accuracy >= 0.0, np.minimum(accuracy, 1e4), model.unknown_m)
    return np.sqrt(known * known + model.drawing_m**2)


@dataclass(frozen=True)
class Lineage:
    """k × n: the row each hypothesis came from, its match's offset [m; inf: this ping was an outlier to
    it].
    """

    parent: Ints
    offset: Floats


def step(h: Hypotheses, seen: Seen, model: Model = MODEL) -> tuple[Hypotheses, Said]:
    """One ping further, and what is said of it."""
    after, lineage = weigh(h, seen, model)
    after.reported = _reported(h, after, lineage.parent, model)
    return after, _say(after, lineage.offset, seen, model)


def weigh(h: Hypotheses, seen: Seen, model: Model = MODEL) -> tuple[Hypotheses, Lineage]:
    """Weigh every candidate after every hypothesis, and that the ping is an outlier; keep the k likeliest.

    The best comes first. The rows of h and seen together are HYPOTHESES at least.
    """
    k, n = h.along.shape
    c = len(seen.along)
    rows = max(k, HYPOTHESES)
    column = np.arange(n)
    fresh = h.weight[0] == DEAD
    age = h.age + seen.elapsed
    expected, spread = _travel(h, age, seen.sigma, model)

    travel = seen.along - h.along[:, None]  # k × c × n
    score = _travel_log(travel, expected, spread, seen, model)
    score += h.weight[:, None]
    parent = score.argmax(axis=0)
    flat = parent * n + column
    best = score.max(axis=0)
    if fresh.any():
        best = np.where(fresh, _start_log(seen, model), best)
    weight = (
        best
        - huber(np.minimum(seen.offset / seen.sigma, 1e6), model.tail)
        - np.log(seen.sigma)
        - _LOG_ROOT_2PI
    )
    if seen.loss is not None:
        weight -= seen.loss
    weight[seen.offset == np.inf] = DEAD

    missed = h.weight + model.outlier_log
    # An outlier's hypothesis beside a better match is that match.
    missed[((np.abs(travel) < model.apart_m) & (weight > missed[:, None])).any(axis=1)] = DEAD

    learnt = _learn(h, seen, age.take(flat), flat, fresh, model)
    weights = np.concatenate((weight, missed))
    order = np.argsort(-weights, axis=0, kind="stable")[:rows]
    chosen = order * n + column
    top = weights.take(chosen)
    top -= np.where(top[0] == DEAD, 0.0, top[0])
    top = np.where(top < model.prune_log, DEAD, np.rint(top * NATS) / NATS)

    both = np.empty((len(_UNITS), c + k, n))  # every field after a match, and where it was missed
    both[0, :c], both[1, :c], both[2, :c], both[3, :c], both[4, :c] = seen.along, *learnt, 0.0
    both[0, c:], both[1, c:], both[2, c:], both[3, c:], both[4, c:] = (
        h.along,
        h.speed,
        h.cruise,
        h.moving,
        age,
    )
    kept = both.reshape(len(_UNITS), -1).take(chosen, axis=1)
    kept *= _UNITS
    np.rint(kept, out=kept)
    kept /= _UNITS
    ridden = np.minimum(np.rint((h.ridden + seen.elapsed) * TENTHS) / TENTHS, OLDEST_S)
    after = Hypotheses(
        kept[0],
        top,
        kept[1],
        kept[2],
        kept[3],
        np.minimum(kept[4], OLDEST_S),
        order[0],
        np.where(fresh, 0.0, ridden),
    )
    parents = np.concatenate((parent, np.broadcast_to(np.arange(k)[:, None], (k, n)))).take(chosen)
    offsets = np.concatenate((seen.offset, np.full((k, n), np.inf))).take(chosen)
    return after, Lineage(parents, offsets)


def huber(z: Floats, limit: float) -> Floats:
    """z²/2 up to the limit, a straight line beyond. z: not negative."""
    low = np.minimum(z, limit)
    rest = low * -0.5
    rest += z
    rest *= low
    return np.asarray(rest)


def _travel(h: Hypotheses, age: Floats, sigma: Floats, model: Model) -> tuple[Floats, Floats]:
    """k × n: expected travel and its spread [m] in the time since the last match."""
    turns = age / model.mean_return_s
    kept = -np.expm1(-turns)
    mean = h.cruise * (h.moving + model.skew * (1.0 - h.moving))
    expected = mean * age + (h.speed - mean) * model.mean_return_s * kept
    # One spread for all hypotheses, or standing still would speak for the slow ones ever more.
    mass = np.exp(h.weight)
    pace = (mass * np.maximum(h.cruise, h.speed)).sum(axis=0) / np.maximum(mass.sum(axis=0), 1e-9)
    swing = model.spread_share * pace + model.spread_mps
    unknown = model.unknown_mps * model.cruise_weight_s / (model.cruise_weight_s + h.ridden)
    variance = 2.0 * (swing * model.mean_return_s) ** 2 * np.maximum(turns - kept, 0.0)
    variance += ((model.mean_error * mean) ** 2 + unknown * unknown) * age * age + 2.0 * sigma * sigma
    return expected, np.sqrt(variance)


def _travel_log(travel: Floats, expected: Floats, spread: Floats, seen: Seen, model: Model) -> Floats:
    """k × c × n: log density of the travel [1/m]."""
    away = travel - expected[:, None]
    np.abs(away, out=away)
    away /= spread[:, None]
    loss = huber(away, model.travel_tail)
    back = np.maximum(travel * (-1.0 / (model.back_sigmas * seen.sigma)), 0.0)
    np.maximum(loss, huber(back, model.back_tail), out=loss)
    loss += (np.log(spread) + _LOG_ROOT_2PI)[:, None]
    room = np.log(seen.length + 1000.0)  # a short route is no surer place to skip on
    return np.maximum(-loss, np.where(travel > 0.0, model.skip_log - room, model.return_log - room))


def _start_log(seen: Seen, model: Model) -> Floats:
    """c × n: log density of joining there [1/m]."""
    near = np.exp(-seen.along / model.start_m) * ((1.0 - model.elsewhere) / model.start_m)
    return np.asarray(np.log(near + model.elsewhere / (seen.length + model.start_m)))


def _learn(
    h: Hypotheses, seen: Seen, age: Floats, parent: Ints, fresh: NDArray[np.bool_], model: Model
) -> tuple[Floats, Floats, Floats]:
    """c × n: speed, cruising speed and share of moving after each candidate. parent: flat into k × n."""
    speed, cruise, moving = h.speed.take(parent), h.cruise.take(parent), h.moving.take(parent)
    pace = np.maximum(seen.along - h.along.take(parent), 0.0) / np.maximum(age, 1.0 / TENTHS)
    known = np.where((pace < model.fastest_mps) & ~fresh, 1.0, 0.0)
    # Over a gap the speed returns to its mean, and the mean speed of the gap says little of its end.
    turns = age / model.mean_return_s
    mean = cruise * moving
    speed = mean + (speed - mean) * np.exp(-np.maximum(turns - 1.0, 0.0))
    gain = age / (age + np.minimum(h.ridden + model.first_speed_s, model.speed_memory_s))
    speed += known * gain / np.maximum(turns, 1.0) * (pace - speed)

    going = np.where(turns > 1.0, pace, speed)
    worth = np.where(going > cruise, age, np.minimum(age, model.slow_s))
    gain = worth / (worth + np.minimum(h.ridden + model.cruise_weight_s, model.cruise_memory_s))
    gain = np.where(going > model.cruise_share * cruise, known * gain, 0.0)
    cruise = np.maximum(cruise + gain * (going - cruise), 0.5)
    gain = known * age / (age + np.minimum(h.ridden + model.moving_weight_s, model.moving_memory_s))
    moving = moving + gain * (np.minimum(pace / cruise, 1.0) - moving)
    if fresh.any():
        speed = np.where(fresh, model.cruise_mps * model.moving, speed)
        cruise = np.where(fresh, model.cruise_mps, cruise)
        moving = np.where(fresh, model.moving, moving)
    return np.clip(speed, 0.0, FASTEST_MPS), cruise, moving


def _reported(before: Hypotheses, after: Hypotheses, parent: Ints, model: Model) -> Ints:
    """The best hypothesis, unless it does not beat the heir of the one reported so far by enough."""
    column = np.arange(after.along.shape[1])
    heirs = (parent == before.reported) & (after.weight > DEAD) & (before.weight[0] > DEAD)
    heir = heirs.argmax(axis=0)
    ahead = after.along[0] >= after.along[heir, column]
    margin = np.where(ahead, model.forward_margin, model.back_margin)
    stays = heirs[heir, column] & (-after.weight[heir, column] <= margin)
    return np.where(stays, heir, 0)


def _say(h: Hypotheses, offsets: Floats, seen: Seen, model: Model) -> Said:
    at = h.reported * h.along.shape[1] + np.arange(h.along.shape[1])
    along, age = h.along.take(at), h.age.take(at)
    mass = np.exp(h.weight)
    total = mass.sum(axis=0)
    near = (mass * (np.abs(h.along - along) < model.near_m)).sum(axis=0)
    coasted = np.minimum(along + np.minimum(h.speed.take(at) * age, model.coast_m), seen.length)
    alive = total > 0.0
    offset = offsets.take(at)
    return Said(
        along=np.where(alive, np.where(age > 0.0, coasted, along), 0.0),
        offset=np.where(alive, offset, np.inf),
        confidence=np.where(alive, near / np.maximum(total, 1e-9), 0.0),
        outlier=~(alive & (offset < np.inf)),
    )
