"""What can be wrong with a request, as one tree of errors and one document (RFC 9457).

Problem
├── BadRequest      400  the request itself: JSON, a field, a ping
├── Unauthenticated 401  no, bad or expired credential
├── Forbidden       403  a known caller who may not
├── NotFound        404
├── Conflict        409  somebody was first, or the state forbids it
├── NameTaken       412  it was to be made, and there is one already
├── TooLarge        413
├── KeyReused       422  an idempotency key that another request has
├── TooMany         429  faster than allowed: try again later
└── Unavailable     503  our fault and passing: try again
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from geo.said import parts


class Problem(Exception):
    """An answer other than success. `detail` says what, where and what to do next.

    errors: [{"field": "pings[3].lat", "reason": "…"}], one for each thing wrong. What of these texts was said
    with a code has code and given beside it in the document (geo/said.py).
    extra: further members of the document, such as `rejected`.
    headers: of the answer, beside its content type.
    """

    status: ClassVar[int] = 500
    slug: ClassVar[str] = "server-error"
    title: ClassVar[str] = "Something failed on our side"

    def __init__(
        self, detail: str, errors: Sequence[Mapping[str, str]] = (), extra: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.errors = list(errors)
        self.extra = dict(extra or {})
        self.headers: dict[str, str] = {}

    def document(self) -> dict[str, Any]:
        body: dict[str, Any] = {
            "type": f"urn:milepost:problem:{self.slug}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
        } | parts(self.detail)
        if self.errors:
            body["errors"] = [{**error, **parts(error["reason"])} for error in self.errors]
        return body | self.extra


class BadRequest(Problem):
    status, slug, title = 400, "bad-request", "The request is not understood"


class Unauthenticated(Problem):
    status, slug, title = 401, "unauthenticated", "Sign in first"


class Forbidden(Problem):
    status, slug, title = 403, "forbidden", "You may not do this"


class NotFound(Problem):
    status, slug, title = 404, "not-found", "There is no such thing"


class Conflict(Problem):
    status, slug, title = 409, "conflict", "This does not fit the present state"


class NameTaken(Problem):
    status, slug, title = 412, "name-taken", "There is one of this name already"


class TooLarge(Problem):
    status, slug, title = 413, "too-large", "The request is too large"


class KeyReused(Problem):
    status, slug, title = 422, "key-reused", "The key belongs to another request"


class TooMany(Problem):
    status, slug, title = 429, "too-many", "Too many requests"

    def __init__(self, detail: str, wait_s: float) -> None:
        """wait_s: when the same request may come again."""
        super().__init__(detail)
        self.headers = {"retry-after": str(max(math.ceil(wait_s), 1))}


class Unavailable(Problem):
    status, slug, title = 503, "unavailable", "Try again in a moment"
