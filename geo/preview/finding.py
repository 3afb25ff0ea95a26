"""One thing that a preview has to say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Code = Literal[
    "no-route",
    "stop-refused",
    "overlap",
    "sharp-turn",
    "long-gap",
    "ends-near-start",
    "hours-unmet",
]
Unit = Literal["m", "degrees", "share"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What (`code`, and a sentence), where and how much; what blocks must be mended before publishing.

    index: the point of the line or the stop, from 0; along_m [m], lon, lat [degrees, WGS-84]: None where
    there is no place to name.
    """

    code: Code
    detail: str
    blocks: bool = False
    index: int | None = None
    along_m: float | None = None
    lon: float | None = None
    lat: float | None = None
    amount: float | None = None
    unit: Unit | None = None
