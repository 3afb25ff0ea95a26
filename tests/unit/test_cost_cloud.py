"""The metered AWS through the real client: what each call answers, and what it is billed."""

from __future__ import annotations

import boto3
import pytest
from botocore.exceptions import ClientError

from cli.cost.cloud.dynamodb import DynamoDB
from cli.cost.cloud.meter import Meter, NotModelled
from cli.cost.cloud.seam import Cloud, Seam
from cli.cost.cloud.streams import Kinesis
from cli.cost.cloud.table import Index, Table
from storage.aws import client

BIG = b"x" * 1500


@pytest.fixture
def seam(monkeypatch) -> Seam:
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    meter = Meter()
    tables = {
        "plain": Table("plain", ("id",), (), streamed=True, meter=meter),
        "sorted": Table("sorted", ("id", "at"), (), streamed=False, meter=meter),
        "indexed": Table(
            "indexed",
            ("id",),
            (Index("by-fleet", ("fleet", "id"), frozenset({"fleet", "id"})), Index("all", ("fleet",), None)),
            streamed=False,
            meter=meter,
        ),
    }
    made = Seam(Cloud(meter, DynamoDB(tables), Kinesis(meter), "bucket"))
    made.install("us-east-1")
    return made


@pytest.fixture
def dynamodb(seam):
    return client("dynamodb")


def spent(seam: Seam, table: str) -> dict[str, float]:
    """What was counted of the table since the last time, without its sizes."""
    counts = seam.cloud.meter.counts
    found = {
        name.split(".")[1]: counts[name]
        for name in list(counts)
        if name.endswith("." + table) and "stored" not in name
    }
    counts.clear()
    return found


def put(dynamodb, id_: str, *, table: str = "plain", **more):
    return dynamodb.put_item(TableName=table, Item={"id": {"S": id_}} | more)


def code(call) -> str:
    with pytest.raises(ClientError) as caught:
        call()
    return caught.value.response["Error"]["Code"]


def test_a_put_is_billed_by_the_larger_of_before_and_after(seam, dynamodb) -> None:
    put(dynamodb, "a")
    assert spent(seam, "plain") == {"write_units": 1, "writes": 1}
    put(dynamodb, "a", blob={"B": BIG})
    assert spent(seam, "plain") == {"write_units": 2, "writes": 1}
    put(dynamodb, "a")
    assert spent(seam, "plain") == {"write_units": 2, "writes": 1}
    dynamodb.delete_item(TableName="plain", Key={"id": {"S": "none"}})
    assert spent(seam, "plain") == {"write_units": 1, "writes": 1}


def test_a_failed_condition_is_billed_by_what_stands_there(seam, dynamodb) -> None:
    put(dynamodb, "a", blob={"B": BIG}, version={"N": "7"})
    spent(seam, "plain")

    def lose():
        dynamodb.put_item(
            TableName="plain",
            Item={"id": {"S": "a"}},
            ConditionExpression="version = :v AND attribute_exists(#i)",
            ExpressionAttributeNames={"#i": "id"},
            ExpressionAttributeValues={":v": {"N": "8"}},
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
        )

    with pytest.raises(ClientError) as caught:
        lose()
    assert caught.value.response["Error"]["Code"] == "ConditionalCheckFailedException"
    assert caught.value.response["Item"]["blob"]["B"] == BIG
    assert spent(seam, "plain") == {"write_units": 2, "failed_conditions": 1}


def test_bytes_come_back_as_they_went_and_are_weighed_raw(seam, dynamodb) -> None:
    put(dynamodb, "a", blob={"B": b"\x00\xff" * 10})
    assert seam.cloud.meter.sizes["plain"] == [2 + 1 + 4 + 20]
    found = dynamodb.get_item(TableName="plain", Key={"id": {"S": "a"}})["Item"]
    assert found["blob"]["B"] == b"\x00\xff" * 10
    assert seam.cloud.meter.counts["dynamodb.read_units.plain"] == 0.5


def test_a_batch_is_read_item_by_item_present_or_not(seam, dynamodb) -> None:
    put(dynamodb, "a")
    keys = [{"id": {"S": name}} for name in "ab"]
    answer = dynamodb.batch_get_item(RequestItems={"plain": {"Keys": keys, "ConsistentRead": True}})
    assert [item["id"]["S"] for item in answer["Responses"]["plain"]] == ["a"]
    assert spent(seam, "plain")["read_units"] == 2


def test_a_scan_is_read_as_a_whole_and_an_empty_one_is_half_a_unit(seam, dynamodb) -> None:
    pages = dynamodb.get_paginator("scan").paginate(TableName="plain")
    assert [page["Items"] for page in pages] == [[]]
    assert spent(seam, "plain") == {"read_units": 0.5, "reads": 1}
    for name in "ab":
        put(dynamodb, name, blob={"B": BIG})
    spent(seam, "plain")
    assert len(dynamodb.scan(TableName="plain")["Items"]) == 2
    assert spent(seam, "plain")["read_units"] == 0.5
    with pytest.raises(NotModelled):
        dynamodb.scan(TableName="plain", Limit=1)


def test_a_query_is_read_as_a_whole_in_order(seam, dynamodb) -> None:
    for at in (3, 1, 2):
        put(dynamodb, "a", table="sorted", at={"N": str(at)}, blob={"B": BIG})
    put(dynamodb, "b", table="sorted", at={"N": "1"})
    spent(seam, "sorted")
    answer = dynamodb.query(
        TableName="sorted",
        KeyConditionExpression="id = :id AND #at <= :at",
        ExpressionAttributeNames={"#at": "at"},
        ExpressionAttributeValues={":id": {"S": "a"}, ":at": {"N": "10"}},
        ScanIndexForward=False,
        ConsistentRead=True,
        Limit=2,
    )
    assert [item["at"]["N"] for item in answer["Items"]] == ["3", "2"]
    assert spent(seam, "sorted")["read_units"] == 1


def test_an_index_is_written_only_when_its_copy_changes(seam, dynamodb) -> None:
    def fleet(name: str | None, **more):
        put(dynamodb, "a", table="indexed", **({"fleet": {"S": name}} if name else {}), **more)
        return spent(seam, "indexed")

    assert fleet(None) == {"write_units": 1, "writes": 1}
    assert fleet("x") == {"write_units": 1 + 1 + 1, "writes": 1, "index_writes": 2}
    # Only the index that holds every attribute has changed.
    assert fleet("x", n={"N": "1"}) == {"write_units": 1 + 1, "writes": 1, "index_writes": 1}
    assert fleet("x", n={"N": "1"}) == {"write_units": 1, "writes": 1}
    # Another key is a removal and a put in each.
    assert fleet("y", n={"N": "1"}) == {"write_units": 1 + 2 + 2, "writes": 1, "index_writes": 2}


def test_an_update_sets_and_removes(seam, dynamodb) -> None:
    put(dynamodb, "a", gone={"S": "x"})
    dynamodb.update_item(
        TableName="plain",
        Key={"id": {"S": "a"}},
        UpdateExpression="SET #n = :n, m = :m REMOVE gone",
        ConditionExpression="attribute_not_exists(#n) OR #n IN (:n)",
        ExpressionAttributeNames={"#n": "n"},
        ExpressionAttributeValues={":n": {"N": "1"}, ":m": {"S": "m"}},
    )
    assert seam.cloud.dynamodb.tables["plain"].items["a",] == {
        "id": {"S": "a"},
        "n": {"N": "1"},
        "m": {"S": "m"},
    }


def test_partiql_writes_as_a_batch_with_an_error_for_each(seam, dynamodb) -> None:
    put(dynamodb, "a", version={"N": "1"})
    spent(seam, "plain")
    update = 'UPDATE "plain" SET "version" = ? SET tail = ? REMOVE gone WHERE id = ? AND version = ?'
    answer = dynamodb.batch_execute_statement(
        Statements=[
            {
                "Statement": update,
                "Parameters": [{"N": "2"}, {"B": BIG}, {"S": "a"}, {"N": "1"}],
            },
            {
                "Statement": update,
                "Parameters": [{"N": "9"}, {"B": BIG}, {"S": "a"}, {"N": "5"}],
                "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
            },
            {
                "Statement": "INSERT INTO \"plain\" VALUE {'id': ?, 'n': ?}",
                "Parameters": [{"S": "b"}, {"N": "1"}],
            },
            {"Statement": "INSERT INTO plain VALUE {'id': ?}", "Parameters": [{"S": "b"}]},
        ]
    )["Responses"]
    assert [one.get("Error", {}).get("Code") for one in answer] == [
        None,
        "ConditionalCheckFailed",
        None,
        "DuplicateItem",
    ]
    assert answer[1]["Error"]["Item"]["version"] == {"N": "2"}
    assert spent(seam, "plain") == {"write_units": 2 + 2 + 1 + 1, "writes": 2, "failed_conditions": 2}
    assert seam.cloud.dynamodb.tables["plain"].items["a",]["version"] == {"N": "2"}


def test_partiql_reads_and_deletes_by_key(seam, dynamodb) -> None:
    put(dynamodb, "a")
    where = {"Parameters": [{"S": "a"}]}
    found = dynamodb.execute_statement(Statement='SELECT * FROM "plain" WHERE id = ?', **where)
    assert found["Items"] == [{"id": {"S": "a"}}]
    dynamodb.execute_statement(Statement='DELETE FROM "plain" WHERE id = ?', **where)
    assert not seam.cloud.dynamodb.tables["plain"].items
    missing = 'UPDATE "plain" SET n = 1 WHERE id = ?'
    assert code(lambda: dynamodb.execute_statement(Statement=missing, **where)) == (
        "ConditionalCheckFailedException"
    )


def test_transactions_are_billed_twice(seam, dynamodb) -> None:
    dynamodb.transact_write_items(
        TransactItems=[{"Put": {"TableName": "plain", "Item": {"id": {"S": "a"}, "blob": {"B": BIG}}}}]
    )
    assert spent(seam, "plain") == {"write_units": 4, "writes": 1}


def test_every_change_is_on_the_stream_once(seam, dynamodb) -> None:
    put(dynamodb, "a")
    put(dynamodb, "a")  # no change, no record
    put(dynamodb, "a", n={"N": "1"})
    dynamodb.delete_item(TableName="plain", Key={"id": {"S": "a"}})
    records = seam.cloud.dynamodb.tables["plain"].take_stream(10)
    assert [record["eventName"] for record in records] == ["INSERT", "MODIFY", "REMOVE"]
    assert records[1]["dynamodb"]["NewImage"] == {"id": {"S": "a"}, "n": {"N": "1"}}


def test_kinesis_counts_for_both_modes(seam) -> None:
    records = [{"Data": b"x" * size, "PartitionKey": "k"} for size in (1, 1024, 1025, 25 * 1024 + 1)]
    client("kinesis").put_records(StreamName="s", Records=records)
    counts = seam.cloud.meter.counts
    assert counts["kinesis.records"] == 4
    assert counts["kinesis.bytes"] == 1 + 1024 + 1025 + 25 * 1024 + 1
    assert counts["kinesis.billed_bytes"] == (1 + 1 + 2 + 26) * 1024
    assert counts["kinesis.put_units"] == 1 + 1 + 1 + 2
    assert [len(seam.cloud.kinesis.take(3)), len(seam.cloud.kinesis.take(3))] == [3, 1]


def test_objects_parameters_and_messages(seam) -> None:
    seam.cloud.objects["routes/demo/lap@1"] = b"route"
    seam.cloud.parameters["/keys"] = "ring"
    body = client("s3").get_object(Bucket="bucket", Key="routes/demo/lap@1")["Body"].read()
    value = client("ssm").get_parameter(Name="/keys", WithDecryption=True)["Parameter"]["Value"]
    sockets = client("apigatewaymanagementapi", endpoint_url="https://x.example/v1")
    sockets.post_to_connection(ConnectionId="c", Data=b"x" * (32 * 1024 + 1))
    assert (body, value) == (b"route", "ring")
    counts = seam.cloud.meter.counts
    assert (counts["s3.gets"], counts["kms.requests"], counts["websocket.messages"]) == (1, 1, 2)


@pytest.mark.parametrize(
    "expression",
    ["contains(a, :v)", "a.b = :v", "a = ", "size(a) > :v", "a ; b"],
)
def test_what_is_not_modelled_is_said_and_not_passed_over(seam, dynamodb, expression) -> None:
    with pytest.raises(NotModelled, match="teach it"):
        dynamodb.put_item(
            TableName="plain",
            Item={"id": {"S": "a"}},
            ConditionExpression=expression,
            ExpressionAttributeValues={":v": {"S": "x"}},
        )
    assert isinstance(seam.trouble, NotModelled)


def test_a_call_that_is_not_modelled(seam) -> None:
    with pytest.raises(NotModelled, match="kinesis's ListStreams"):
        client("kinesis").list_streams()
