"""Match states made by hand, where a test needs one that no short ride leads to."""

from __future__ import annotations

import struct

from geo.state import FORMAT, HEAD, MatchState


def state(**fields: float) -> MatchState:
    """Without hypotheses. fields: of geo.state.HEAD, in its packed units; 0 where none is given."""
    values = (fields.get(name, FORMAT if name == "format" else 0) for name, _ in HEAD)
    return MatchState.unpack(struct.pack("<" + "".join(code for _, code in HEAD), *values))
