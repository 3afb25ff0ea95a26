"""What the tasks API takes. Times in Unix seconds."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

from telemetry.names import LAST_SECOND, MOST_TAGS, ROUTE, TAG

Second = Annotated[float, msgspec.Meta(ge=0, le=LAST_SECOND)]
Tag = Annotated[str, msgspec.Meta(pattern=TAG)]


class NewBonus(msgspec.Struct, forbid_unknown_fields=True):
    amount: str
    currency: str
    rules: dict[str, Any] = {}


class Job(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What a task is, without its times."""

    route: Annotated[str, msgspec.Meta(pattern=ROUTE)]
    bonus: NewBonus
    title: Annotated[str, msgspec.Meta(max_length=100)] = ""
    quantity: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 1
    tags: Annotated[list[Tag], msgspec.Meta(max_length=MOST_TAGS)] = []
    photos: Annotated[int, msgspec.Meta(ge=0, le=10)] = 0
    notes: Annotated[str, msgspec.Meta(max_length=2000)] = ""


class NewTask(Job, forbid_unknown_fields=True, kw_only=True):
    """Route, bonus and deadline are needed; without more, anybody may claim it from now on."""

    deadline: Second
    opens: Second | None = None
    closes: Second | None = None
    start_from: Second | None = None
    start_until: Second | None = None
