"""What web pages may do with the emulator: use signed addresses of files, as a bucket's CORS rules say.

All else that a page asks for is refused: everything that the stack keeps is behind this port, its signing
keys too, and needs no credential. ministack lets any page read any answer; it looks at CORS rules only in a
mode that wants every caller's signature (tests/local/runtime/test_emulator.py says when that has changed).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qs

VERIFIED = "AWS4-HMAC-SHA256"
"""The one kind of signature in an address that ministack verifies; it lets others pass."""
_CORS = "access-control-"
Answer = tuple[int, dict[str, str], bytes | str]


async def answer(
    s3: Any, responses: Any, method: str, path: str, query: str, headers: Mapping[str, str], body: bytes
) -> Answer:
    """Of a request with an Origin. s3, responses: ministack's; headers: names in lower case."""
    bucket, _, key = path.lstrip("/").partition("/")
    if method == "OPTIONS":
        preflight: Answer = s3.cors_preflight(bucket, key, headers)
        return preflight
    asked = parse_qs(query, keep_blank_values=True)
    if not key or not is_signed(asked):
        return 403, {"content-type": "text/plain"}, "Not for web pages: secrets of the stack are kept here."
    account, _, region, *_ = asked["X-Amz-Credential"][0].split("/")
    responses.set_request_account_id(account)
    responses.set_request_region(region)
    status, answered, content = await s3.handle_request(method, path, headers, body, asked)
    kept = {name: value for name, value in answered.items() if not name.lower().startswith(_CORS)}
    return status, kept | s3.cors_response_headers(bucket, method, headers), content


def is_signed(asked: Mapping[str, Sequence[str]]) -> bool:
    """Whether ministack will verify the address's signature."""
    credential = asked.get("X-Amz-Credential", [""])
    return (
        asked.get("X-Amz-Algorithm") == [VERIFIED]
        and any(asked.get("X-Amz-Signature", ()))
        and len(credential) == 1
        and credential[0].count("/") == 4
    )
