"""Where the AWS clients end here: botocore's request as it would be sent, and the answer to it.

Everything above is the real client, its serialising, signing and parsing included, so that their CPU is
measured and any code that calls AWS is counted, however it is written.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlsplit

import boto3
import botocore.session
import orjson
from botocore.awsrequest import AWSPreparedRequest, AWSResponse

from cli.cost.cloud.answers import answered, register
from cli.cost.cloud.dynamodb import DynamoDB, Refused
from cli.cost.cloud.meter import Meter, NotModelled
from cli.cost.cloud.streams import Kinesis

CEDED_S = 0.0001  # long enough for another thread to be given the next call


@dataclass
class Cloud:
    """The AWS services that the pipeline calls. `objects` are those of S3's `bucket`, `parameters` SSM's,
    by name.
    """

    meter: Meter
    dynamodb: DynamoDB
    kinesis: Kinesis
    bucket: str
    objects: dict[str, bytes] = field(default_factory=dict)
    parameters: dict[str, str] = field(default_factory=dict)

    def call(self, service: str, operation: str, request: AWSPreparedRequest) -> bytes:
        """The answer's body. Raises Refused, NotModelled."""
        body = request.body if isinstance(request.body, bytes) else b""
        if service == "dynamodb":
            return orjson.dumps(self.dynamodb.call(operation, orjson.loads(body)))
        match service, operation:
            case "kinesis", "PutRecords":
                return orjson.dumps(self.kinesis.put(orjson.loads(body)))
            case "ssm", "GetParameter":
                return self._parameter(orjson.loads(body))
            case "s3", "GetObject":
                self.meter.add("s3.gets")
                path = unquote(urlsplit(request.url).path).lstrip("/")
                return self.objects[path.removeprefix(f"{self.bucket}/")]
            case "s3", "PutObject":
                self.meter.add("s3.puts")
                return b""
            case "apigatewaymanagementapi", "PostToConnection":
                self.meter.add("websocket.messages", max(-(-len(body) // FRAME_BYTES), 1))
                self.meter.add("websocket.bytes", len(body))
                return b""
        raise NotModelled(f"{service}'s {operation}")

    def _parameter(self, asked: dict[str, Any]) -> bytes:
        self.meter.add("kms.requests", bool(asked.get("WithDecryption")))
        parameter = {"Name": asked["Name"], "Value": self.parameters[asked["Name"]], "Type": "SecureString"}
        return orjson.dumps({"Parameter": parameter})


FRAME_BYTES = 32 * 1024  # a WebSocket message is billed by these


@dataclass
class Seam:
    """Installed once in a process; `cloud` may be another one for each run.

    `own_s`: CPU that the stand-in itself took, not the code's. `calls`: by thread, the calls since they
    were last taken, as (service, operation). `trouble`: what went wrong in the stand-in itself.
    """

    cloud: Cloud
    own_s: float = 0.0
    calls: dict[int, list[tuple[str, str]]] = field(default_factory=dict)
    trouble: Exception | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def install(self, region: str) -> None:
        """Makes every boto3 client made from now on answer from here."""
        session = botocore.session.get_session()
        session.set_credentials("counted", "counted")
        session.set_config_variable("region", region)
        register(session, self._answer)
        boto3.setup_default_session(botocore_session=session)

    def take_calls(self) -> dict[int, list[tuple[str, str]]]:
        taken, self.calls = self.calls, {}
        return taken

    def _answer(self, request: AWSPreparedRequest, **told: Any) -> AWSResponse:
        """Raises NotModelled."""
        began = time.thread_time()
        _, service, operation = told["event_name"].split(".")
        status = 200
        with self._lock:
            self.calls.setdefault(threading.get_ident(), []).append((service, operation))
            try:
                body = self.cloud.call(service, operation, request)
            except Refused as refused:
                status = 400
                body = orjson.dumps({"__type": f"#{refused.code}"} | refused.body)
            except Exception as error:  # what calls may take it for a fault of AWS and carry on
                self.trouble = error
                raise
            answer = answered(request, status, body)
            self.own_s += time.thread_time() - began
        if threading.current_thread() is not threading.main_thread():
            time.sleep(CEDED_S)  # a pool shares its calls out as it does where each one waits
        return answer
