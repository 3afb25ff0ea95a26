"""The tables of template.yaml in moto, for the adapters' contracts."""

from __future__ import annotations

from functools import cache
from typing import Any

import boto3
import pytest
from moto import mock_aws

from tests.tables import make_table, resources

TEMPLATE = "template.yaml"


@cache
def _session() -> boto3.Session:
    """It reads what botocore knows of a service once, and not for each client."""
    return boto3.Session()


@pytest.fixture
def aws(monkeypatch):
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with mock_aws():
        monkeypatch.setattr(boto3, "DEFAULT_SESSION", _session())
        yield


@pytest.fixture
def dynamodb(aws: None) -> Any:
    """A client with every table of the pipeline, named by its logical id."""
    client = boto3.client("dynamodb")
    for name, resource in resources(TEMPLATE).items():
        if resource["Type"] == "AWS::DynamoDB::Table":
            make_table(client, TEMPLATE, name)
    return client
