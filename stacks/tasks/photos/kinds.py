"""What a photo may be, and whether a file is that.

Sources: JPEG, ISO/IEC 10918-1 (SOI marker); PNG, W3C 5.2; WebP container, RFC 9649; HEIF, ISO/IEC 23008-12
(brands of the file type box, ISO/IEC 14496-12).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

LARGEST = 10_000_000
"""Bytes of one photo."""
_HEIF = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}

KINDS: Mapping[str, Callable[[bytes], bool]] = {
    "image/jpeg": lambda head: head.startswith(b"\xff\xd8\xff"),
    "image/png": lambda head: head.startswith(b"\x89PNG\r\n\x1a\n"),
    "image/webp": lambda head: head.startswith(b"RIFF") and head[8:12] == b"WEBP",
    "image/heic": lambda head: head[4:8] == b"ftyp" and head[8:12] in _HEIF,
}
"""By content type: whether a file begins like one."""
