"""Names and identifiers: what people choose, and what we make."""

from __future__ import annotations

import hashlib
import secrets
from typing import Literal, get_args

NAME = r"^[a-z0-9][a-z0-9._-]{0,47}\Z"
"""A fleet, a user (courier) or a route id."""
ROUTE = r"^[a-z0-9][a-z0-9._-]{0,47}@[1-9][0-9]{0,8}\Z"
"""A route with its version, `lap@1`."""
TAG = r"^[a-z0-9][a-z0-9._-]{0,31}\Z"
"""What a task asks for and a courier has: `bike`, `cold-chain`."""
MOST_TAGS = 16
Role = Literal["courier", "manager", "admin", "gateway"]
ROLES: tuple[str, ...] = get_args(Role)
PEOPLE = tuple(role for role in ROLES if role != "gateway")
"""A gateway is another system that uploads for the fleet's couriers; it may do nothing else."""
LAST_SECOND = 253_402_300_799
"""The end of the year 9999: a time beyond it is a mistake, milliseconds say."""

_LETTERS = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base 32: nothing that reads like another
_TIME_LETTERS, _CHANCE_LETTERS = 9, 7


def new_id(prefix: str, now: float) -> str:
    """`tk_01kb3…`: 45 bits of milliseconds, then 35 of chance, so that ids sort by creation.

    now: Unix seconds. Whoever stores it does so on the condition that it is new.
    """
    return f"{prefix}_{_time(now)}{''.join(secrets.choice(_LETTERS) for _ in range(_CHANCE_LETTERS))}"


def least_id(prefix: str, at: float) -> str:
    """What every id that is made at `at` [Unix s] or later sorts behind, and every earlier one before."""
    return f"{prefix}_{_time(at)}"


def id_of(prefix: str, at: float, what: str) -> str:
    """The id of what there is once at `at` [Unix s], such as a schedule's task: the same each time."""
    digest = int.from_bytes(hashlib.sha256(what.encode()).digest())
    return f"{prefix}_{_time(at)}{''.join(_LETTERS[(digest >> 5 * i) & 31] for i in range(_CHANCE_LETTERS))}"


def _time(now: float) -> str:
    ms = round(now * 1000)
    return "".join(_LETTERS[(ms >> 5 * i) & 31] for i in reversed(range(_TIME_LETTERS)))
