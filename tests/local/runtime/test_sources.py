"""Streams feed functions, with real workers and the real emulator."""

# ruff: noqa: S608 (our own table)
from __future__ import annotations

import json

from tests.local.runtime.conftest import Running, until

STREAM = "milepost-dev-pipeline-Stream"
TABLE = "milepost-dev-pipeline-Table"


def put(project: Running, *data: str, key: str = "k") -> None:
    records = [{"Data": item.encode(), "PartitionKey": key} for item in data]
    project.client("kinesis").put_records(StreamName=STREAM, Records=records)


def batches(project: Running, word: str) -> list[list[str]]:
    return [
        line["data"] for line in project.lines("seen.jsonl") if any(word in item for item in line["data"])
    ]


def failures(project: Running) -> list[dict]:
    queue = f"{project.state['aws_endpoint']}/000000000000/milepost-dev-pipeline-Failed"
    said = project.client("sqs").receive_message(QueueUrl=queue, MaxNumberOfMessages=10)
    return [json.loads(message["Body"]) for message in said.get("Messages", [])]


def test_records_come_in_order_as_aws_sends_them(project: Running) -> None:
    put(project, *(f"order-{i}" for i in range(25)))
    until(lambda: sum(map(len, batches(project, "order"))) == 25)
    given = batches(project, "order")
    assert [item for batch in given for item in batch] == [f"order-{i}" for i in range(25)]
    assert max(map(len, given)) <= 10
    record = next(line for line in project.lines("seen.jsonl") if line["data"])["records"][0]
    assert record["eventSource"] == "aws:kinesis"
    assert record["eventID"] == f"shardId-000000000000:{record['kinesis']['sequenceNumber']}"
    assert record["eventSourceARN"].endswith(f":stream/{STREAM}")
    assert isinstance(record["kinesis"]["approximateArrivalTimestamp"], float)


def test_a_reported_record_is_retried_alone_then_given_up(project: Running) -> None:
    put(project, "part-1", "part-2", "bad", "part-3", "part-4")
    until(lambda: any(batch[-1:] == ["part-4"] for batch in batches(project, "part")))
    sent = until(lambda: failures(project))
    assert sent[0]["requestContext"]["condition"] == "RetryAttemptsExhausted"
    assert sent[0]["KinesisBatchInfo"]["batchSize"] == 1
    first = batches(project, "part-1")
    assert len(first) == 1  # what came before the failed record is not sent again


def test_a_crash_is_retried_and_split(project: Running) -> None:
    put(project, "torn-1", "crash", "torn-2")
    until(lambda: ["torn-2"] in batches(project, "torn"))
    assert until(lambda: failures(project))[0]["KinesisBatchInfo"]["batchSize"] == 1
    assert ["torn-1"] in batches(project, "torn")


def changes(project: Running) -> list[dict]:
    return [r for line in project.lines("seen.jsonl") for r in line["records"] if "dynamodb" in r]


def test_changes_of_a_table_come_filtered_and_also_from_partiql(project: Running) -> None:
    table = project.client("dynamodb")
    table.put_item(TableName=TABLE, Item={"id": {"S": "a"}, "n": {"N": "1"}})
    table.delete_item(TableName=TABLE, Key={"id": {"S": "a"}})
    table.execute_statement(Statement=f"INSERT INTO \"{TABLE}\" VALUE {{'id': 'b', 'n': 2}}")
    table.batch_execute_statement(Statements=[{"Statement": f"UPDATE \"{TABLE}\" SET n = 3 WHERE id = 'b'"}])
    until(lambda: len(changes(project)) >= 3)
    told = [(r["eventName"], r["dynamodb"]["NewImage"]) for r in changes(project)]
    assert told == [
        ("INSERT", {"id": {"S": "a"}, "n": {"N": "1"}}),
        ("INSERT", {"id": {"S": "b"}, "n": {"N": "2"}}),
        ("MODIFY", {"id": {"S": "b"}, "n": {"N": "3"}}),
    ]
    assert changes(project)[2]["dynamodb"]["OldImage"]["n"] == {"N": "2"}
    assert changes(project)[0]["eventSourceARN"].startswith(
        f"arn:aws:dynamodb:us-east-1:000000000000:table/{TABLE}/"
    )
