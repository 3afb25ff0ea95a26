"""An upload on the stream: one Kinesis record.

Version 1: u8 1, fleet, courier, device (each u8 length and UTF-8), i64 received_ms, one block of pings.
Version 2: the same with u8 battery [%, 255 unknown] before the block, where any of the pings has flags or
the battery is known.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass

from telemetry import columns
from telemetry.ping import Ping

_PLAIN, _MORE = bytes([1]), bytes([2])
_UNKNOWN = 255


class CorruptUpload(ValueError):
    """The bytes are not an upload of a version that this code reads."""


@dataclass(frozen=True, slots=True)
class Upload:
    """What one request carried; pings in order of time. battery: the phone's, 0..100 %; None: unknown."""

    fleet: str
    courier: str
    device: str
    received_ms: int
    pings: Sequence[Ping]
    battery: int | None = None

    @property
    def key(self) -> str:
        """The courier's key in stream and tables."""
        return courier_key(self.fleet, self.courier)

    def to_bytes(self) -> bytes:
        names = b"".join(pack_text(name) for name in (self.fleet, self.courier, self.device))
        block = columns.encode(self.pings)
        head = names + struct.pack("<q", self.received_ms)
        if self.battery is None and not columns.flagged(block):
            return _PLAIN + head + block
        return _MORE + head + bytes([_UNKNOWN if self.battery is None else self.battery]) + block

    @classmethod
    def from_bytes(cls, data: bytes) -> Upload:
        """Raises CorruptUpload."""
        if data[:1] not in (_PLAIN, _MORE):
            raise CorruptUpload(f"upload has format {data[:1].hex() or 'empty'}, this code reads 01 and 02")
        try:
            fleet, at = unpack_text(data, 1)
            courier, at = unpack_text(data, at)
            device, at = unpack_text(data, at)
            (received_ms,) = struct.unpack_from("<q", data, at)
            at += 8
            battery = None
            if data[:1] == _MORE:
                battery, at = _battery(data[at]), at + 1
            pings, end = columns.decode(data, at)
        except (struct.error, IndexError, ValueError) as error:
            raise CorruptUpload(f"not an upload: {error}") from error
        if end != len(data):
            raise CorruptUpload(f"{len(data) - end} bytes too many behind the pings")
        return cls(fleet, courier, device, received_ms, pings, battery)


def _battery(percent: int) -> int | None:
    """Raises ValueError."""
    if percent != _UNKNOWN and percent > 100:
        raise ValueError(f"a battery of {percent} %")
    return None if percent == _UNKNOWN else percent


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
