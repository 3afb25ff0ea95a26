"""DynamoDB's operations over tables in memory, each billed as AWS bills it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from cli.cost.cloud.expressions import Look, Words, condition, operand
from cli.cost.cloud.meter import NotModelled
from cli.cost.cloud.partiql import Statement, parse
from cli.cost.cloud.sizes import Item
from cli.cost.cloud.table import ConditionFailed, Table

Asked = Mapping[str, Any]
Answer = dict[str, Any]


class Refused(Exception):
    """An error that AWS answers with: its code and what else stands in the answer."""

    def __init__(self, code: str, message: str, more: Answer | None = None) -> None:
        super().__init__(message)
        self.code, self.body = code, {"message": message, **(more or {})}


@dataclass
class DynamoDB:
    tables: dict[str, Table]

    def call(self, operation: str, asked: Asked) -> Answer:
        """Raises Refused, NotModelled."""
        acts: dict[str, Callable[[Asked], Answer]] = {
            "GetItem": self._get,
            "BatchGetItem": self._batch_get,
            "Query": self._query,
            "Scan": self._scan,
            "PutItem": self._write,
            "UpdateItem": self._write,
            "DeleteItem": self._write,
            "TransactWriteItems": self._transact,
            "BatchWriteItem": self._batch_write,
            "ExecuteStatement": self._statement,
            "BatchExecuteStatement": self._statements,
        }
        if operation not in acts:
            raise NotModelled(f"DynamoDB's {operation}")
        return acts[operation](asked)

    def _get(self, asked: Asked) -> Answer:
        table = self.tables[asked["TableName"]]
        found = table.read([table.key(asked["Key"])], consistent=asked.get("ConsistentRead", False))
        return {"Item": found[0]} if found else {}

    def _batch_get(self, asked: Asked) -> Answer:
        found = {}
        for name, wanted in asked["RequestItems"].items():
            table = self.tables[name]
            keys = [table.key(key) for key in wanted["Keys"]]
            found[name] = table.read(keys, consistent=wanted.get("ConsistentRead", False))
        return {"Responses": found, "UnprocessedKeys": {}}

    def _query(self, asked: Asked) -> Answer:
        if "FilterExpression" in asked or "ExclusiveStartKey" in asked:
            raise NotModelled("a query with a filter or in pages")
        items = self.tables[asked["TableName"]].query(
            condition(_words(asked["KeyConditionExpression"], asked)),
            asked.get("IndexName"),
            consistent=asked.get("ConsistentRead", False),
            backwards=not asked.get("ScanIndexForward", True),
            limit=asked.get("Limit"),
        )
        return {"Items": items, "Count": len(items), "ScannedCount": len(items)}

    def _scan(self, asked: Asked) -> Answer:
        if set(asked) != {"TableName"}:
            raise NotModelled("a scan of anything but a whole table")
        table = self.tables[asked["TableName"]]
        items = table.query(lambda _: True, None, consistent=False, backwards=False, limit=None)
        return {"Items": items, "Count": len(items), "ScannedCount": len(items)}

    def _write(self, asked: Asked, *, transaction: bool = False) -> Answer:
        table = self.tables[asked["TableName"]]
        text = asked.get("ConditionExpression")
        test = condition(_words(text, asked)) if text else None
        key = table.key(asked["Item"] if "Item" in asked else asked["Key"])
        try:
            old, new = table.write(key, _change(asked), test, transaction=transaction)
        except ConditionFailed as failed:
            shown = asked.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD" and failed.old
            raise Refused(
                "ConditionalCheckFailedException", str(failed), {"Item": failed.old} if shown else None
            ) from failed
        wanted = {"ALL_OLD": old, "ALL_NEW": new}.get(asked.get("ReturnValues", ""))
        return {"Attributes": wanted} if wanted else {}

    def _transact(self, asked: Asked) -> Answer:
        """Each part is billed twice; one that fails is not undone here, so the run stops at it."""
        for part in asked["TransactItems"]:
            ((kind, write),) = part.items()
            if kind == "ConditionCheck":
                raise NotModelled("a condition check in a transaction")
            try:
                self._write(write, transaction=True)
            except Refused as refused:
                raise NotModelled("a transaction that fails") from refused
        return {}

    def _batch_write(self, asked: Asked) -> Answer:
        for name, writes in asked["RequestItems"].items():
            for part in writes:
                ((_, write),) = part.items()
                self._write({"TableName": name, **write})
        return {"UnprocessedItems": {}}

    def _statement(self, asked: Asked) -> Answer:
        statement = parse(asked["Statement"], asked.get("Parameters", ()))
        try:
            item = self._execute(statement)
        except ConditionFailed as failed:
            raise Refused(*_failure(statement, "Exception")) from failed
        return {"Items": [item] if item else []}

    def _statements(self, asked: Asked) -> Answer:
        answers = []
        for one in asked["Statements"]:
            statement = parse(one["Statement"], one.get("Parameters", ()))
            answer: Answer = {"TableName": statement.table}
            try:
                item = self._execute(statement)
            except ConditionFailed as failed:
                code, message = _failure(statement, "")
                answer["Error"] = {"Code": code, "Message": message}
                if failed.old and one.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD":
                    answer["Error"]["Item"] = failed.old
            else:
                answer |= {"Item": item} if item else {}
            answers.append(answer)
        return {"Responses": answers}

    def _execute(self, statement: Statement) -> Item | None:
        """What a SELECT found. Raises ConditionFailed."""
        table = self.tables[statement.table]
        insert = statement.verb == "INSERT"
        key = table.key(statement.item if insert else statement.key)
        if statement.verb == "SELECT":
            return next(iter(table.read([key], consistent=True)), None)
        table.write(key, statement.change, (lambda old: not old) if insert else statement.test)
        return None


def _failure(statement: Statement, suffix: str) -> tuple[str, str]:
    if statement.verb == "INSERT":
        return "DuplicateItem" + suffix, "Duplicate primary key exists in table"
    return "ConditionalCheckFailed" + suffix, "The conditional request failed"


def _words(text: str, asked: Asked) -> Words:
    values = asked.get("ExpressionAttributeValues", {})
    return Words(text, asked.get("ExpressionAttributeNames", {}), lambda word: values[word])


def _change(asked: Asked) -> Callable[[Item | None], Item | None]:
    if "Item" in asked:
        return lambda _old: asked["Item"]
    if "UpdateExpression" not in asked:
        return lambda _old: None
    return _update(_words(asked["UpdateExpression"], asked), asked["Key"])


def _update(words: Words, key: Item) -> Callable[[Item | None], Item | None]:
    """SET to values, REMOVE; anything else raises NotModelled."""
    assign: dict[str, Look] = {}
    remove: set[str] = set()
    while words.peek():
        removes = words.take("SET", "REMOVE").upper() == "REMOVE"
        while True:
            name = words.name()
            if removes:
                remove.add(name)
            else:
                words.take("=")
                assign[name] = operand(words)
            if not words.skip(","):
                break

    def change(old: Item | None) -> Item:
        before = old or key
        new = {name: value for name, value in before.items() if name not in remove}
        return new | {name: value for name, look in assign.items() if (value := look(before)) is not None}

    return change
