from __future__ import annotations

import msgspec


class NewPhoto(msgspec.Struct, forbid_unknown_fields=True):
    """size: bytes."""

    content_type: str
    size: int
