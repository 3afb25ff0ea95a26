"""Round numbers for axes."""

from __future__ import annotations

import math
from datetime import UTC, datetime

MINUTE, HOUR, DAY = 60, 3600, 86_400
SPANS_S = (
    1,
    2,
    5,
    10,
    15,
    30,
    *(m * MINUTE for m in (1, 2, 5, 10, 15, 30)),
    *(h * HOUR for h in (1, 2, 3, 6, 12)),
)


def step(span: float, most: int) -> float:
    """The smallest of 1, 2 and 5 times a power of ten that divides `span` into `most` parts at most."""
    power = 10.0 ** math.floor(math.log10(span / most))
    return next(power * k for k in (1, 2, 5, 10, 20) if power * k * most >= span)


def step_s(span: float, most: int) -> float:
    """The same in seconds, as clocks have them."""
    return next((float(s) for s in SPANS_S if s * most >= span), DAY * max(step(span / DAY, most), 1.0))


def multiples(low: float, high: float, each: float) -> list[float]:
    first = math.ceil(low / each)
    return [each * i for i in range(first, first + math.floor((high - first * each) / each + 1e-9) + 1)]


def distance(metres: float, each: float) -> str:
    """In the unit that suits the step of the axis."""
    if each < 1000:
        return f"{metres:.{0 if each >= 1 else 1}f} m"
    return f"{metres / 1000:g} km"


def clock(t: float, each: float) -> str:
    """UTC. t: Unix seconds; told as they are where no calendar reaches."""
    try:
        at = datetime.fromtimestamp(t, UTC)
    except (OverflowError, OSError, ValueError):
        return f"{t:g} s"
    return at.strftime("%H:%M:%S" if each < MINUTE else "%H:%M" if each < DAY else "%Y-%m-%d")
