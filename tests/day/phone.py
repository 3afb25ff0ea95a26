"""A courier's phone: its battery, and when it has no network or is off."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random

import orjson

from cli.replay.effects import Apply, Draft
from cli.replay.formats.own import Own
from cli.replay.simulator import Made
from cli.replay.transport import Outgoing

FULL, EMPTY = 80, 9


class Charged(Own):
    """Our own JSON with the battery's percent."""

    def __init__(self) -> None:
        self.percent = FULL

    def encode(self, base: str, device: str, credential: str, pings: Sequence[Made]) -> Outgoing:
        out = super().encode(base, device, credential, pings)
        body = orjson.loads(out.body or b"{}") | {"battery_percent": self.percent}
        return replace(out, body=orjson.dumps(body))


@dataclass(frozen=True, slots=True)
class Unconnected:
    """From `from_s` to `until_s` of the ride, pings are made and wait."""

    from_s: float
    until_s: float

    def begin(self, chance: Random) -> Apply:
        def apply(draft: Draft) -> None:
            if self.from_s <= draft.t_s < self.until_s:
                draft.ready_s = max(draft.ready_s, self.until_s)

        return apply
