"""Match states made by hand, where a test needs one that no short ride leads to."""

from __future__ import annotations

import struct
from collections.abc import Mapping

from geo.state import FORMAT, HEAD, HYPOTHESIS, MatchState


def state(hypothesis: Mapping[str, float] | None = None, **fields: float) -> MatchState:
    """fields: of geo.state.HEAD, in its packed units; hypothesis: of HYPOTHESIS, the only one; 0 where none
    is given.
    """
    head = packed(HEAD, {"format": FORMAT} | fields)
    return MatchState.unpack(head + packed(HYPOTHESIS, hypothesis or {}))


def packed(layout: tuple[tuple[str, str], ...], fields: Mapping[str, float]) -> bytes:
    code = "<" + "".join(code for _, code in layout)
    return struct.pack(code, *(fields.get(name, 0) for name, _ in layout))
