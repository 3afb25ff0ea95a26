"""awslambdaric's `runtime_client` in Python, for where its C part has no wheel (not Linux).

Source: AWS, "Using the Lambda runtime API".
"""

import http.client
import os

_BASE = "/2018-06-01/runtime/invocation"
_connection = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])


def initialize_client(_user_agent: str) -> None:
    """Nothing to prepare: the connection opens with the first call."""


def next() -> tuple[bytes, dict[str, str]]:  # noqa: A001 (the name that awslambdaric calls)
    _connection.request("GET", f"{_BASE}/next")
    response = _connection.getresponse()
    return response.read(), dict(response.getheaders())


def post_invocation_result(
    request_id: str, content: bytes, content_type: str = "application/json", _invocation_id: str | None = None
) -> None:
    _post(f"{_BASE}/{request_id}/response", content, {"Content-Type": content_type})


def post_error(request_id: str, error: str, _xray_cause: str, _invocation_id: str | None = None) -> None:
    _post(f"{_BASE}/{request_id}/error", error.encode(), {"Content-Type": "application/json"})


def _post(path: str, content: bytes, headers: dict[str, str]) -> None:
    _connection.request("POST", path, content, headers)
    _connection.getresponse().read()
