"""The tables of template.yaml in moto, for the adapters' contracts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import boto3
import pytest
import yaml
from moto import mock_aws

TEMPLATE = Path(__file__).parents[2] / "template.yaml"


class _Loader(yaml.SafeLoader):
    """CloudFormation's short forms are read as their argument."""


_Loader.add_multi_constructor(
    "!", lambda loader, _, node: loader.construct_scalar(node) if isinstance(node, yaml.ScalarNode) else None
)


@pytest.fixture
def aws(monkeypatch):
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with mock_aws():
        yield


@pytest.fixture
def dynamodb(aws: None) -> Any:
    """A client with every table of the pipeline, named by its logical id."""
    client = boto3.client("dynamodb")
    for name, resource in yaml.load(TEMPLATE.read_text(), _Loader)["Resources"].items():  # noqa: S506 - our own file
        if resource["Type"] == "AWS::DynamoDB::Table":
            wanted = ("AttributeDefinitions", "KeySchema", "BillingMode", "GlobalSecondaryIndexes")
            properties = {key: resource["Properties"][key] for key in wanted if key in resource["Properties"]}
            client.create_table(TableName=name, **properties)
    return client
