"""Time comes from here and is passed in, so that tests and the laptop can set it."""

from __future__ import annotations

import time
from collections.abc import Callable

Clock = Callable[[], float]
"""Returns Unix seconds."""


def now_s() -> float:
    return time.time()
