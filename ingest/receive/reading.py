"""What a format found in a body: good pings, and bad ones with their reasons."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import orjson

from telemetry.ping import BadPing, Ping, read_ping


@dataclass(frozen=True, slots=True)
class Refusal:
    """One thing not taken: its place in the upload, the field at fault, why, and its original bytes."""

    index: int
    field: str
    reason: str
    original: bytes


@dataclass
class Reading:
    """form: what the refused originals are, so that they can be read again (cli/redrive/again.py)."""

    form: str
    pings: list[Ping] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)


class TooDeep(ValueError):
    """Lists within lists beyond what can be written out again; no phone sends that."""


def read_all(form: str, raws: Iterable[Any], originals: Iterable[Any], now: float) -> Reading:
    """Read pings given as our own objects; `originals`, of this form, are what to keep of the refused ones.

    Raises TooDeep.
    """
    reading = Reading(form)
    for index, (raw, original) in enumerate(zip(raws, originals, strict=True)):
        try:
            reading.pings.append(read_ping(raw, now))
        except BadPing as bad:
            reading.refused.append(Refusal(index, bad.field, bad.reason, _json(original)))
    return reading


def _json(original: Any) -> bytes:
    try:
        return orjson.dumps(original)
    except TypeError as error:
        raise TooDeep("nested too deeply") from error
