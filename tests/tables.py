"""Tables as the templates define them, made in moto: so that a key the template lacks fails a test."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

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
