"""Which call meets which fault: a function of the seed, the function, the call's kind and its number."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from cli.replay.simulator import chance

CALLS: dict[str, float] = {
    "killed before a call": 1.0,
    "killed after a call": 1.0,
    "error before a call": 4.0,
    "error after a call": 4.0,
    "throttled": 6.0,
    "outage": 0.5,
    "delayed call": 8.0,
    "ghost call": 0.5,
    "connection cut": 3.0,
}
"""Weights of what may meet any call."""
PARTIAL = {
    "PutRecords": "partial PutRecords",
    "BatchGetItem": "unprocessed keys",
    "BatchExecuteStatement": "unwritten items",
}
PARTIAL_SHARE = 0.03
OUTAGE_CALLS = 10
"""More than a client's own attempts, so that it is felt."""
DELIVERIES = {
    "delivery throttled": 0.03,
    "zombie, answer lost": 0.03,
    "delivered twice": 0.03,
    "delivered again": 0.02,
}
EXPIRED_SHARE = 0.02


@dataclass
class Plan:
    """share: of all calls that meet a fault; functions: by logical id, how much of that."""

    seed: int
    share: float
    functions: Mapping[str, float]
    _seen: Counter[tuple[str, str]] = field(default_factory=Counter)
    _out: Counter[str] = field(default_factory=Counter)

    def call(self, function: str, operation: str) -> str | None:
        """The fault that the next call of this kind meets."""
        if function not in self.functions:
            return None
        if self._out[operation]:
            self._out[operation] -= 1
            return "throttled"
        self._seen[function, operation] += 1
        draw = chance(self.seed, f"{function}/{operation}/{self._seen[function, operation]}")
        if operation in PARTIAL and draw.random() < PARTIAL_SHARE:
            return PARTIAL[operation]
        if draw.random() >= self.share * self.functions[function]:
            return None
        (fault,) = draw.choices(list(CALLS), list(CALLS.values()))
        if fault == "outage":
            self._out[operation] = OUTAGE_CALLS
        return fault

    def delivery(self) -> str | None:
        draw = self._draw("delivery").random()
        for fault, share in DELIVERIES.items():
            draw -= share
            if draw < 0:
                return fault
        return None

    def expires(self) -> bool:
        return self._draw("iterator").random() < EXPIRED_SHARE

    def _draw(self, what: str):
        self._seen[what, ""] += 1
        return chance(self.seed, f"{what}/{self._seen[what, '']}")
