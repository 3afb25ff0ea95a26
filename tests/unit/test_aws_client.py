"""What the clients of AWS send with every call, seen at the lowest seam."""

from __future__ import annotations

import pytest
from botocore.awsrequest import AWSResponse

from storage.aws import client
from storage.devices import DynamoDevices

AWS = {"region_name": "us-east-1", "aws_access_key_id": "a", "aws_secret_access_key": "b"}


class Raw:
    def stream(self, **_):
        yield b"{}"


@pytest.fixture
def caught():
    """A client of DynamoDB whose requests end here, and these requests."""
    requests = []

    def send(request, **_):
        requests.append(request)
        return AWSResponse(request.url, 200, {}, Raw())

    dynamodb = client("dynamodb", **AWS)
    dynamodb.meta.events.register("before-send.dynamodb", send)
    return dynamodb, requests


def test_the_user_agent_is_ours_whole_and_names_who_asks(caught, monkeypatch) -> None:
    caught[0].list_tables()
    agent = caught[1][0].headers["User-Agent"].decode()
    assert agent.startswith("Boto3/")
    assert " milepost" in agent
    assert "md/" not in agent  # botocore's own parts, put together anew at each call
    monkeypatch.setenv("AWS_SDK_UA_APP_ID", "IngestReceive-7")
    assert " app/IngestReceive-7" in client("kinesis", **AWS).meta.config.user_agent


def test_a_key_made_a_moment_ago_is_seen(caught) -> None:
    assert DynamoDevices(caught[0], "devices").find("dk_1") is None
    assert b'"ConsistentRead": true' in caught[1][0].body
