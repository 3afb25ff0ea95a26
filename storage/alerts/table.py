"""Alerts in DynamoDB."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from storage.alerts import rows
from storage.alerts.model import Alert, AlertState, Watched
from storage.alerts.store import Change
from storage.aws import backoff, batch_get
from storage.damage import Damaged, OnDamage, readable, refuse, sound
from storage.items import condition_failed, pack, transact, unpack
from storage.queries import every, full_page
from storage.tasks.model import Trip
from storage.tasks.rows import WATCH, listed, trip_of
from storage.tasks.table import STATE_INDEX, WATCH_INDEX
from telemetry.alerts import Rules

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class DynamoAlerts:
    """damaged: what becomes of a row that cannot be read where many are; `watched` says which they are."""

    def __init__(self, dynamodb: DynamoDBClient, table: str, damaged: OnDamage = refuse) -> None:
        self._dynamodb = dynamodb
        self._table = table
        self._damaged = damaged

    def watched(self, shard: int) -> Watched:
        query = {
            "TableName": self._table,
            "IndexName": WATCH_INDEX,
            "KeyConditionExpression": "watched = :shard",
            "ExpressionAttributeValues": pack({":shard": str(shard)}),
        }
        found = Watched({}, {}, {})

        def damaged(row: Damaged) -> None:
            found.damaged[row.fleet, row.item.removeprefix(WATCH)] = row

        for it in readable(every(self._dynamodb, query), rows.watched_of, damaged):
            if isinstance(it, Trip):
                found.trips[it.fleet, it.trip] = it
            else:
                found.watches[it.fleet, it.trip] = it
        # A trip that has ended is not among the open ones; what is still open of it is known by its watch.
        ended = found.watches.keys() - found.trips.keys() - found.damaged.keys()
        found.trips.update(self._trips(ended, damaged))
        return found

    def trips(self, keys: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Trip]:
        return self._trips(keys, self._damaged)

    def _trips(self, keys: Iterable[tuple[str, str]], damaged: OnDamage) -> dict[tuple[str, str], Trip]:
        return {(trip.fleet, trip.trip): trip for trip in readable(self._rows(keys), trip_of, damaged)}

    def change(self, change: Change) -> bool:
        before, after = change.before, change.after
        new = before.rev == 0
        watch: dict[str, Any] = {"TableName": self._table, "Item": pack(rows.watch_row(after))}
        watch["ConditionExpression"] = "attribute_not_exists(rev)" if new else "rev = :read"
        if not new:
            watch["ExpressionAttributeValues"] = pack({":read": before.rev})
        parts = [{"Put": watch}, *(self._raised(alert) for alert in change.raised)]
        parts += [self._closed(before.fleet, alert, change.at_ms) for alert in change.closed]
        return transact(self._dynamodb, parts)

    def page(self, fleet: str, state: AlertState, after: str | None, limit: int) -> list[Alert]:
        value = listed(fleet, "alert", state)
        query: dict[str, Any] = {
            "TableName": self._table,
            "IndexName": STATE_INDEX,
            "KeyConditionExpression": "listed = :listed",
            "ExpressionAttributeValues": pack({":listed": value}),
            "ScanIndexForward": False,
        }
        if after:
            query["ExclusiveStartKey"] = pack({"fleet": fleet, "item": after, "listed": value})
        return full_page(
            self._dynamodb, query, limit, lambda found: readable(found, rows.alert_of, self._damaged)
        )

    def acknowledge(self, fleet: str, alert: str, by: str, at_ms: int) -> Alert | None:
        if not alert.startswith(rows.ALERT):
            return None
        for _ in backoff():
            try:
                done = self._dynamodb.update_item(
                    TableName=self._table,
                    Key=pack({"fleet": fleet, "item": alert}),
                    UpdateExpression=(
                        "SET acknowledged_ms = if_not_exists(acknowledged_ms, :at), "
                        "acknowledged_by = if_not_exists(acknowledged_by, :by)"
                    ),
                    ConditionExpression="attribute_exists(raised_ms)",
                    ExpressionAttributeValues=pack({":at": at_ms, ":by": by}),
                    ReturnValues="ALL_NEW",
                )
            except ClientError as error:
                if not condition_failed(error):
                    raise
                if error.response["Error"]["Code"] == "ConditionalCheckFailedException":
                    return None
            else:
                return sound(unpack(done["Attributes"]), rows.alert_of)
        raise TimeoutError("the alert is in one transaction after the other")

    def rules(self, fleets: Iterable[str]) -> dict[str, Rules | None]:
        found: dict[str, Rules | None] = {}

        def damaged(row: Damaged) -> None:
            self._damaged(row)
            found[row.fleet] = None

        kept = self._rows((fleet, rows.RULES) for fleet in fleets)
        found.update(readable(kept, lambda row: (row["fleet"], rows.rules_of(row)), damaged))
        return found

    def put_rules(self, fleet: str, rules: Rules) -> None:
        self._dynamodb.put_item(TableName=self._table, Item=pack(rows.rules_row(fleet, rules)))

    def _rows(self, keys: Iterable[tuple[str, str]]) -> Iterator[dict[str, Any]]:
        wanted = [pack({"fleet": fleet, "item": item}) for fleet, item in keys]
        return map(unpack, batch_get(self._dynamodb, self._table, wanted, consistent=True))

    def _raised(self, alert: Alert) -> Any:
        put = {"TableName": self._table, "Item": pack(rows.alert_row(alert))}
        return {"Put": put | {"ConditionExpression": "attribute_not_exists(raised_ms)"}}

    def _closed(self, fleet: str, alert: str, at_ms: int) -> Any:
        told = {":at": at_ms, ":listed": listed(fleet, "alert", "closed")}
        told |= {":ttl": at_ms // 1000 + rows.CLOSED_S}
        return {
            "Update": {
                "TableName": self._table,
                "Key": pack({"fleet": fleet, "item": alert}),
                "UpdateExpression": "SET closed_ms = :at, listed = :listed, #ttl = :ttl",
                "ConditionExpression": "attribute_exists(raised_ms) AND attribute_not_exists(closed_ms)",
                "ExpressionAttributeNames": {"#ttl": "ttl"},
                "ExpressionAttributeValues": pack(told),
            }
        }
