"""How DynamoDB weighs an item, and how many units a read or a write of it is billed as.

Sources: Amazon DynamoDB developer guide, "DynamoDB item sizes and formats" and "DynamoDB read and write
operations".
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

Item = Mapping[str, Mapping[str, Any]]
"""Typed, as on the wire: binary in base64."""

WRITE_UNIT = 1024
READ_UNIT = 4096
STORED_OVERHEAD = 100  # bytes an item, billed as storage only


def item_bytes(item: Item) -> int:
    """Names and values together."""
    return sum(len(name.encode()) + value_bytes(value) for name, value in item.items())


def value_bytes(typed: Mapping[str, Any]) -> int:
    ((kind, value),) = typed.items()
    weigh = _KINDS.get(kind)
    if weigh is None:
        raise ValueError(f"DynamoDB has no type {kind}")
    return weigh(value)


def number_bytes(text: str) -> int:
    """One byte for every two significant digits, begun pairs counted, and one more; a sign takes another.

    AWS says "approximately": this is the upper reading.
    """
    sign, digits, _ = Decimal(text).as_tuple()
    significant = "".join(map(str, digits)).strip("0")
    return math.ceil(len(significant) / 2) + 1 + sign


_KINDS: dict[str, Callable[[Any], int]] = {
    "S": lambda text: len(text.encode()),
    "B": lambda text: len(text) // 4 * 3 - text[-2:].count("="),
    "N": number_bytes,
    "NULL": lambda _: 1,
    "BOOL": lambda _: 1,
    "L": lambda parts: 3 + sum(1 + value_bytes(part) for part in parts),
    "M": lambda parts: 3 + sum(1 + len(name.encode()) + value_bytes(part) for name, part in parts.items()),
    "SS": lambda parts: sum(value_bytes({"S": part}) for part in parts),
    "NS": lambda parts: sum(map(number_bytes, parts)),
    "BS": lambda parts: sum(value_bytes({"B": part}) for part in parts),
}


def write_units(size: int, *, transaction: bool = False) -> int:
    """size [bytes]: of the larger of the item before and after; 0 where there is none, billed as one unit."""
    return max(math.ceil(size / WRITE_UNIT), 1) * (2 if transaction else 1)


def read_units(size: int, *, consistent: bool, transaction: bool = False) -> float:
    """size [bytes]: of the item, or of all items of a query together; nothing found is billed as well."""
    units = max(math.ceil(size / READ_UNIT), 1)
    return units * (2.0 if transaction else 1.0 if consistent else 0.5)
