"""One cold start in an interpreter of its own: `python -I -S cold.py FOLDER bare|GIVEN`, told as JSON.

Only what the built FOLDER holds is imported, and only here and there, because that is what is measured.
`bare`: boto3 and track's two clients. GIVEN: the handler to the end of the batch in that file. AWS answers
at botocore's `before-send`, so that all of botocore runs but the socket and TLS.
"""

from __future__ import annotations

import json
import sys
import time

TYPE_CHECKING = False  # typing's own costs what is measured
if TYPE_CHECKING:
    from typing import Any

MARKS: dict[str, float] = {}
"""CPU [s] since the process began, at the end of each stage."""
CALLS: dict[str, int] = {}


def main() -> None:
    folder, what = sys.argv[1:]
    sys.path.insert(0, folder)
    MARKS["interpreter"] = time.process_time()
    if what == "bare":
        bare()
    else:
        track(what)
    print(json.dumps({"marks": MARKS, "ended": time.monotonic(), "calls": CALLS}))


def bare() -> None:
    import boto3
    from botocore.config import Config

    MARKS["imports"] = time.process_time()
    # As storage/aws.py has it.
    config = Config(
        connect_timeout=1, read_timeout=5, retries={"mode": "standard", "total_max_attempts": 4},
        max_pool_connections=16, request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
    )  # fmt: skip
    boto3.client("dynamodb", config=config)
    boto3.client("s3", config=config)
    MARKS["clients"] = time.process_time()


def track(given: str) -> None:
    with open(given) as file:  # noqa: PTH123 - pathlib costs what is measured
        event, items, route = json.load(file)
    MARKS["interpreter"] = time.process_time()
    from processors.track import handler

    MARKS["imports"] = time.process_time()
    answered(items, bytes.fromhex(route))
    handler.wire(handler.log)
    MARKS["clients"] = time.process_time()
    failed = handler.handler(event, Context())["batchItemFailures"]
    MARKS["batch"] = time.process_time()
    assert not failed, failed  # noqa: S101 - a batch that fails measures nothing


class Context:
    """What Powertools asks of Lambda's."""

    function_name, memory_limit_in_mb, invoked_function_arn, aws_request_id = "track", 512, "arn", "1"


def answered(items: dict[str, Any], route: bytes) -> None:
    """Every client from here on gets the couriers' items, the route and success, and is counted."""
    import io

    import boto3
    from botocore.awsrequest import AWSResponse

    class Raw(io.BytesIO):
        def stream(self) -> Any:
            yield self.getvalue()

    def answer(request: Any, **_: Any) -> AWSResponse:
        asked = json.loads(request.body) if request.body else {}
        if "RequestItems" in asked:
            ((table, wanted),) = asked["RequestItems"].items()
            found = [items[key["courier"]["S"]] for key in wanted["Keys"]]
            name, said = "BatchGetItem", {"Responses": {table: found}, "UnprocessedKeys": {}}
        elif "Statements" in asked:
            name, said = "BatchExecuteStatement", {"Responses": [{}] * len(asked["Statements"])}
        else:
            name, said = request.method, {}
        CALLS[name] = CALLS.get(name, 0) + 1
        body = json.dumps(said).encode() if said else route
        return AWSResponse(request.url, 200, {"content-length": str(len(body))}, Raw(body))

    boto3.setup_default_session()
    boto3.DEFAULT_SESSION.events.register("before-send", answer)


if __name__ == "__main__":
    main()
