"""The tables of template.yaml in moto, for the adapters' contracts."""

from __future__ import annotations

from typing import Any

import boto3
import pytest

from tests.tables import make_table, moto, resources

TEMPLATE = "template.yaml"


@pytest.fixture
def aws(monkeypatch):
    with moto(monkeypatch, "us-east-1"):
        yield


@pytest.fixture
def dynamodb(aws: None) -> Any:
    """A client with every table of the pipeline, named by its logical id."""
    client = boto3.client("dynamodb")
    for name, resource in resources(TEMPLATE).items():
        if resource["Type"] == "AWS::DynamoDB::Table":
            make_table(client, TEMPLATE, name)
    return client
