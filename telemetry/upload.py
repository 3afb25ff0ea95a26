"""An upload on the stream: one Kinesis record.

Version 1: u8 1, fleet, courier, device (each u8 length and UTF-8), i64 received_ms, one block of pings.
Version 2: the same, where any of the pings has flags.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass

from telemetry import columns
from telemetry.ping import Ping

_PLAIN, _FLAGGED = bytes([1]), bytes([2])


class CorruptUpload(ValueError):
    """The bytes are not an upload of a version that this code reads."""


@dataclass(frozen=True, slots=True)
class Upload:
    """What one request carried; pings in order of time."""

    fleet: str
    courier: str
    device: str
    received_ms: int
    pings: Sequence[Ping]

    @property
    def key(self) -> str:
        """The courier's key in stream and tables."""
        return courier_key(self.fleet, self.courier)

    def to_bytes(self) -> bytes:
        names = b"".join(pack_text(name) for name in (self.fleet, self.courier, self.device))
        block = columns.encode(self.pings)
        version = _FLAGGED if columns.flagged(block) else _PLAIN
        return version + names + struct.pack("<q", self.received_ms) + block

    @classmethod
    def from_bytes(cls, data: bytes) -> Upload:
        """Raises CorruptUpload."""
        if data[:1] not in (_PLAIN, _FLAGGED):
            raise CorruptUpload(f"upload has format {data[:1].hex() or 'empty'}, this code reads 01 and 02")
        try:
            fleet, at = unpack_text(data, 1)
            courier, at = unpack_text(data, at)
            device, at = unpack_text(data, at)
            (received_ms,) = struct.unpack_from("<q", data, at)
            pings, end = columns.decode(data, at + 8)
        except (struct.error, IndexError, ValueError) as error:
            raise CorruptUpload(f"not an upload: {error}") from error
        if end != len(data):
            raise CorruptUpload(f"{len(data) - end} bytes too many behind the pings")
        return cls(fleet, courier, device, received_ms, pings)


def courier_key(fleet: str, courier: str) -> str:
    return f"{fleet}/{courier}"


def pack_text(text: str) -> bytes:
    raw = text.encode()
    return bytes([len(raw)]) + raw


def unpack_text(data: bytes, at: int) -> tuple[str, int]:
    """Raises IndexError or UnicodeDecodeError."""
    end = at + 1 + data[at]
    if end > len(data):
        raise IndexError("text runs past the end")
    return data[at + 1 : end].decode(), end
