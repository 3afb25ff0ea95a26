"""What the endpoints of trips take. Bodies may be left out where nothing in them is needed."""

from __future__ import annotations

from typing import Annotated, TypeVar

import msgspec

from telemetry.api import Request
from telemetry.body import read_body
from telemetry.names import LAST_SECOND, NAME

Note = Annotated[str, msgspec.Meta(max_length=500)]


class Moment(msgspec.Struct, forbid_unknown_fields=True):
    """at: Unix seconds; a phone that was offline says when it was."""

    at: Annotated[float, msgspec.Meta(ge=0, le=LAST_SECOND)] | None = None
    note: Note = ""


class Remark(msgspec.Struct, forbid_unknown_fields=True):
    note: Note = ""


class Successor(msgspec.Struct, forbid_unknown_fields=True):
    courier: Annotated[str, msgspec.Meta(pattern=NAME)]
    note: Note = ""


Shape = TypeVar("Shape", bound=Moment | Remark)


def read(request: Request, shape: type[Shape]) -> Shape:
    """Raises BadRequest."""
    return read_body(request, shape) if request.body().strip() else shape()
