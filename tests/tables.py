"""Tables as the templates define them, made in moto: so that a key the template lacks fails a test."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from local.template import document

ROOT = Path(__file__).parent.parent
_TAKEN = ("AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes", "BillingMode")


@cache
def resources(template: str) -> dict[str, Any]:
    """By logical id; nobody changes them."""
    return document.load(ROOT / template)["Resources"]


def make_table(dynamodb: Any, template: str, logical_id: str) -> str:
    """Create `logical_id` of `template`, such as stacks/tasks/template.yaml. Returns its name."""
    resource = resources(template)[logical_id]["Properties"]
    properties = {name: resource[name] for name in _TAKEN if name in resource}
    dynamodb.create_table(TableName=logical_id, **properties)
    return logical_id


@cache
def _session() -> boto3.Session:
    """It reads what botocore knows of a service once, and not for each client."""
    return boto3.Session()


@contextmanager
def moto(monkeypatch: pytest.MonkeyPatch, region: str) -> Iterator[None]:
    """An account in which nothing is yet; clients that boto3 makes meanwhile are of it."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", region)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with mock_aws():
        monkeypatch.setattr(boto3, "DEFAULT_SESSION", _session())
        yield


def table_of(request: pytest.FixtureRequest, template: str, logical_id: str) -> tuple[Any, str]:
    """A client of moto's DynamoDB, and its table's name, for a fixture that may also give a fake."""
    request.getfixturevalue("aws")
    dynamodb = boto3.client("dynamodb")
    return dynamodb, make_table(dynamodb, template, logical_id)
