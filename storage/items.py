"""Plain values as DynamoDB items and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_write = TypeSerializer().serialize
_read = TypeDeserializer().deserialize


def pack(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Typed attributes of strings, whole numbers, lists and maps; None is left out."""
    return {name: _write(value) for name, value in fields.items() if value is not None}


def unpack(item: Mapping[str, Any]) -> dict[str, Any]:
    """Numbers come as Decimal."""
    return {name: _read(value) for name, value in item.items()}


def whole(value: Any) -> int | None:
    """A number attribute that may be absent."""
    return None if value is None else int(value)


def condition_failed(error: ClientError) -> bool:
    """Was the condition of a write not met, or was the item in another's transaction just then?"""
    return error.response["Error"]["Code"] in {
        "ConditionalCheckFailedException",
        "TransactionConflictException",
    }


def transact(dynamodb: DynamoDBClient, parts: Sequence[Any]) -> bool:
    """All of `parts` or, where something is not as it was read or was just then somebody else's, nothing."""
    try:
        dynamodb.transact_write_items(TransactItems=parts)
    except ClientError as error:
        if transaction_lost(error):
            return False
        raise
    return True


def transaction_lost(error: ClientError) -> bool:
    """Was a transaction given up for nothing worse than a condition, another's transaction or a throttle?"""
    if error.response["Error"]["Code"] != "TransactionCanceledException":
        return False
    codes = {reason.get("Code", "None") for reason in error.response.get("CancellationReasons", [])}
    return codes <= {
        "None", "ConditionalCheckFailed", "TransactionConflict",
        "ThrottlingError", "ProvisionedThroughputExceeded",
    }  # fmt: skip
