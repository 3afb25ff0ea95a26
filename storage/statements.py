"""Many conditional writes of live items in one call: BatchExecuteStatement, 25 statements at most.

An update names the key and the version that it expects; an insert is refused where there is an item. Each
statement succeeds or fails alone. Sources: Amazon DynamoDB, "PartiQL update statements", "PartiQL insert
statements" and the API reference's BatchStatementError. docs/decisions/0020 has the figures.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from botocore.exceptions import ClientError

from storage.aws import backoff

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

MOST = 25
_LOST = {"ConditionalCheckFailed", "DuplicateItem", "TransactionConflict"}
_PASSING = {
    "InternalServerError", "ProvisionedThroughputExceeded", "RequestLimitExceeded", "ThrottlingError",
}  # fmt: skip


class Conditional(NamedTuple):
    """A whole item to be put where `version` is the stored one; None: where there is no item."""

    item: Mapping[str, Any]
    version: int | None


class Lost(NamedTuple):
    """Somebody else wrote the item first. old: what stands there, where DynamoDB says so."""

    old: Mapping[str, Any] | None


def put_all(
    dynamodb: DynamoDBClient, table: str, key: str, attributes: Sequence[str], puts: Sequence[Conditional]
) -> list[Lost | Exception | None]:
    """What became of each put: None where it was written. attributes: all that an item may have, beside its
    key; those that a put does not have are removed. Statements that are throttled are tried again.
    """
    outcomes: list[Lost | Exception | None] = [None] * len(puts)
    pending = list(range(len(puts)))
    for _ in backoff():
        statements: Any = [_statement(table, key, attributes, puts[i]) for i in pending]
        answers = dynamodb.batch_execute_statement(Statements=statements)["Responses"]
        outcomes_now = [_outcome(answer) for answer in answers]
        for i, outcome in zip(pending, outcomes_now, strict=True):
            outcomes[i] = outcome
        pending = [i for i, answer in zip(pending, answers, strict=True) if _throttled(answer)]
        if not pending:
            break
    return outcomes


def _statement(table: str, key: str, attributes: Sequence[str], put: Conditional) -> dict[str, Any]:
    item = put.item
    if put.version is None:
        fields = ", ".join(f"'{name}': ?" for name in item)
        return {"Statement": f'INSERT INTO "{table}" VALUE {{{fields}}}', "Parameters": list(item.values())}
    there = [name for name in attributes if name in item]
    gone = [name for name in attributes if name not in item]
    change = " ".join([f'SET "{name}" = ?' for name in there] + [f'REMOVE "{name}"' for name in gone])
    return {
        "Statement": f'UPDATE "{table}" {change} WHERE "{key}" = ? AND "version" = ?',
        "Parameters": [*(item[name] for name in there), item[key], {"N": str(put.version)}],
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }


def _outcome(answer: Mapping[str, Any]) -> Lost | Exception | None:
    error = answer.get("Error")
    if error is None:
        return None
    if error["Code"] in _LOST:
        return Lost(error.get("Item"))
    said: Any = {"Error": {"Code": error["Code"], "Message": error.get("Message", "")}}
    return ClientError(said, "BatchExecuteStatement")


def _throttled(answer: Mapping[str, Any]) -> bool:
    return answer.get("Error", {}).get("Code") in _PASSING
