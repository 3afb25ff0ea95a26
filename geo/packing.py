"""Packed states of many couriers as arrays, and back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo.ellipsoid import Floats
from geo.index import Ints
from geo.lockstep import DEAD, Hypotheses, Said
from geo.state import (
    CM,
    FORMAT,
    HEAD,
    HYPOTHESES,
    HYPOTHESIS,
    NATS,
    OFF_ROUTE,
    OUTLIER,
    SHARES,
    TENTHS,
    MatchState,
)

_CODES = {"B": "u1", "H": "<u2", "I": "<u4", "d": "<f8"}
_ONE = np.dtype([(name, _CODES[code]) for name, code in HYPOTHESIS])
_STATE = np.dtype([(name, _CODES[code]) for name, code in HEAD] + [("of", _ONE, HYPOTHESES)])
_U4 = 4_294_967_295.0


@dataclass
class Working:
    """n couriers: hypotheses (6 × n), and what is said of each; units as in geo.state, unpacked to metres,
    seconds and shares.
    """

    hypotheses: Hypotheses
    t: Floats
    along: Floats
    offset: Floats
    confidence: Floats
    outlier: NDArray[np.bool_]
    off_route: NDArray[np.bool_]
    astray: Ints
    still: Floats
    moved: Floats
    reached: Floats

    @classmethod
    def of(cls, states: Sequence[MatchState]) -> Working:
        """Raises ValueError on a state of another format."""
        raw = np.frombuffer(b"".join(state.raw for state in states), dtype=_STATE)
        if (raw["format"] != FORMAT).any():
            raise ValueError(f"a match state is not of format {FORMAT}")
        one = raw["of"].T
        none = np.arange(HYPOTHESES)[:, None] >= raw["count"]
        return cls(
            Hypotheses(
                along=one["along"] / CM,
                weight=np.where(none, DEAD, one["weight"] / -NATS),
                speed=one["speed"] / CM,
                cruise=one["cruise"] / CM,
                moving=one["moving"] / SHARES,
                age=one["age"] / TENTHS,
                reported=raw["reported"].astype(np.int64),
                ridden=raw["ridden"] / TENTHS,
            ),
            t=raw["t"].astype(np.float64),
            along=raw["along"] / CM,
            offset=raw["offset"] / CM,
            confidence=raw["confidence"] / SHARES,
            outlier=(raw["flags"] & OUTLIER) > 0,
            off_route=(raw["flags"] & OFF_ROUTE) > 0,
            astray=raw["astray"].astype(np.int64),
            still=raw["still"] / TENTHS,
            moved=raw["moved"] / CM,
            reached=raw["reached"] / CM,
        )

    def put(self, row: Ints, t: Floats, after: Hypotheses, said: Said) -> None:
        """What one ping changed, for some of the couriers, in the packed state's steps."""
        self.hypotheses.put(row, after)
        self.t[row] = t
        self.along[row] = np.rint(said.along * CM) / CM
        self.offset[row] = np.minimum(np.rint(said.offset * CM), _U4) / CM
        self.confidence[row] = np.rint(said.confidence * SHARES) / SHARES
        self.outlier[row] = said.outlier

    def packed(self) -> list[MatchState]:
        h = self.hypotheses
        raw = np.zeros(len(self.t), dtype=_STATE)
        alive = h.weight > DEAD
        raw["format"], raw["count"], raw["reported"] = FORMAT, alive.sum(axis=0), h.reported
        raw["flags"] = self.off_route * OFF_ROUTE + self.outlier * OUTLIER
        raw["t"], raw["astray"] = self.t, self.astray
        for name, values, unit in (
            ("ridden", h.ridden, TENTHS), ("along", self.along, CM), ("offset", self.offset, CM),
            ("confidence", self.confidence, SHARES), ("still", self.still, TENTHS), ("moved", self.moved, CM),
            ("reached", self.reached, CM),
        ):  # fmt: skip
            raw[name] = np.rint(values * unit)
        for name, values, unit in (
            ("along", h.along, CM), ("weight", np.where(alive, -h.weight, 0.0), NATS), ("speed", h.speed, CM),
            ("cruise", h.cruise, CM), ("moving", h.moving, SHARES), ("age", h.age, TENTHS),
        ):  # fmt: skip
            raw["of"][name] = np.where(alive, np.rint(values * unit), 0).T
        whole, size = raw.tobytes(), _STATE.itemsize
        return [MatchState(whole[i : i + size]) for i in range(0, len(whole), size)]
