"""What a phone format is: a request in, a Reading out, and the answer that lets the app's queue move on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ingest.reading import Reading
from ingest.sent import Sent

Again = Callable[[bytes, float], Reading]


@dataclass(frozen=True, slots=True)
class Format:
    """One tracking app, in all its versions.

    name: the last part of its address, /v1/devices/{key}/<name>.
    read: what was sent, and now [Unix s]. It never raises: what is not understood is refused with its
        reason, so that the queue moves on; what is no position is left out.
    reply: the JSON that the app takes as success, with status 200.
    again: for each form in which `read` keeps what it refused, how such an original is read again.
    waits: whether an upload refused for coming too fast (429) stays on the phone and comes again; where the
        app drops it or stops sending, it is not refused.
    """

    name: str
    read: Callable[[Sent, float], Reading]
    reply: Any
    again: Mapping[str, Again]
    waits: bool = True
