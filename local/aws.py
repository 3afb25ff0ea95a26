"""Calls to the emulator's JSON services: unsigned, over kept connections, without boto3's CPU time."""

from __future__ import annotations

from typing import Any

import aiohttp
import orjson

_SIGNING_NAMES = {
    "DynamoDB_20120810": ("dynamodb", "1.0"),
    "DynamoDBStreams_20120810": ("dynamodb", "1.0"),
    "Kinesis_20131202": ("kinesis", "1.1"),
    "AmazonSQS": ("sqs", "1.0"),
    "AmazonSSM": ("ssm", "1.1"),
}
TIMEOUT = aiohttp.ClientTimeout(total=10)


class AwsError(Exception):
    """An answer that is not 2xx; `code` is AWS's, such as ExpiredIteratorException."""

    def __init__(self, action: str, code: str, message: str) -> None:
        super().__init__(f"{action}: {code}: {message}")
        self.code = code


class Aws:
    def __init__(self, session: aiohttp.ClientSession, endpoint: str, region: str, account: str) -> None:
        self.endpoint, self.region = endpoint, region
        self._session, self._account = session, account

    async def call(self, target: str, payload: dict[str, Any]) -> Any:
        """`target` is service and action, such as `Kinesis_20131202.GetRecords`.

        Raises AwsError for a refusal, aiohttp.ClientError or TimeoutError when nothing answered.
        """
        service, protocol = _SIGNING_NAMES[target.partition(".")[0]]
        headers = {
            "x-amz-target": target,
            "content-type": f"application/x-amz-json-{protocol}",
            "authorization": self._authorization(service),
        }
        post = self._session.post(self.endpoint, data=orjson.dumps(payload), headers=headers, timeout=TIMEOUT)
        async with post as response:
            body = orjson.loads(await response.read() or b"{}")
        if response.status >= 300:
            code = str(body.get("__type", response.status)).rpartition("#")[2]
            raise AwsError(target, code, str(body.get("message") or body.get("Message") or body))
        return body

    async def queue_arn(self, url: str) -> str:
        """As the emulator names it: in one partition, whichever the stack's is."""
        asked = {"QueueUrl": url, "AttributeNames": ["QueueArn"]}
        return str((await self.call("AmazonSQS.GetQueueAttributes", asked))["Attributes"]["QueueArn"])

    async def put_bucket(self, name: str, what: str = "", body: bytes = b"") -> None:
        """Makes the bucket, or sets `what` of it, such as `notification`, to this XML."""
        headers = {"authorization": self._authorization("s3")}
        url = f"{self.endpoint}/{name}{what and '?' + what}"
        async with self._session.put(url, data=body, headers=headers, timeout=TIMEOUT) as response:
            if response.status >= 300:
                raise AwsError(f"PutBucket {what}", str(response.status), await response.text())

    def _authorization(self, service: str) -> str:
        """The emulator takes account and region from the credential's scope and checks no signature."""
        scope = f"{self._account}/20250101/{self.region}/{service}/aws4_request"
        return f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0"
