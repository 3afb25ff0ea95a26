"""botocore's answers without a network: what `before-send` may give back instead of sending."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any, Protocol

from botocore.awsrequest import AWSPreparedRequest, AWSResponse, HeadersDict
from botocore.session import Session


class Answer(Protocol):
    def __call__(self, request: AWSPreparedRequest, **_: Any) -> AWSResponse: ...


def register(session: Session, answer: Answer) -> None:
    """Every client that the session makes from now on is answered by `answer`."""
    session.register("before-send", answer)  # type: ignore[arg-type]  # its stubs know no hook that answers


def answered(request: AWSPreparedRequest, status: int, body: bytes) -> AWSResponse:
    headers: Any = HeadersDict({"content-type": "application/x-amz-json-1.0"})
    return AWSResponse(request.url, status, headers, _Raw(body))


class _Raw(io.BytesIO):
    """A body as urllib3 gives it."""

    def stream(self, **_: Any) -> Iterator[bytes]:
        while data := self.read():
            yield data
