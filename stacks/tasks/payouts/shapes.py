"""What the endpoints of approval take."""

from __future__ import annotations

from typing import Annotated

import msgspec


class Agreed(msgspec.Struct, forbid_unknown_fields=True):
    """revision: of the record that was looked at."""

    revision: Annotated[int, msgspec.Meta(ge=1)] | None = None
    note: Annotated[str, msgspec.Meta(max_length=500)] = ""


class TakenBack(msgspec.Struct, forbid_unknown_fields=True):
    note: Annotated[str, msgspec.Meta(min_length=1, max_length=500)]
