"""What a bucket tells queues of: as S3 is told, and never left out in silence."""

from __future__ import annotations

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from local.notifications import notify
from local.trouble import Trouble

RULE = {
    "Queue": "arn:aws-cn:sqs:cn-north-1:000000000000:jobs",
    "Event": "s3:ObjectCreated:*",
    "Filter": {"S3Key": {"Rules": [{"Name": "prefix", "Value": "a&b/"}]}},
}


class Emulator:
    endpoint = "http://emulator"

    def __init__(self) -> None:
        self.put: list[tuple[str, str, bytes]] = []

    async def queue_arn(self, url: str) -> str:
        return f"arn of {url}"

    async def put_bucket(self, name: str, what: str, body: bytes) -> None:
        self.put.append((name, what, body))


def told(wanted: Any) -> list[tuple[str, str, bytes]]:
    properties = {} if wanted is None else {"NotificationConfiguration": wanted}
    resolver = SimpleNamespace(properties=lambda _: properties, ref=lambda *_: "bucket")
    stack: Any = SimpleNamespace(source=Path("template.yaml"), resolver=resolver)
    aws: Any = Emulator()
    asyncio.run(notify(aws, stack, "Files"))
    return aws.put


def test_a_bucket_without_notifications_is_left_alone() -> None:
    assert told(None) == []


def test_a_rule_is_told_with_the_emulator_s_own_name_of_the_queue() -> None:
    ((name, what, body),) = told({"QueueConfigurations": [RULE]})
    assert (name, what) == ("bucket", "notification")
    assert b"<Queue>arn of http://emulator/000000000000/jobs</Queue>" in body
    assert b"<Name>prefix</Name><Value>a&amp;b/</Value>" in body


def test_what_the_laptop_does_not_know_is_said() -> None:
    with pytest.raises(Trouble, match=r"template.yaml: Resources.Files: .* EventBridgeConfiguration"):
        told({"EventBridgeConfiguration": {}})
