"""Queues feed functions, with real workers and the real emulator's visibility, counts and dead letters."""

from __future__ import annotations

import json

from tests.local.runtime.conftest import Running, until

ACCOUNT = "000000000000"


def queue(project: Running, name: str) -> str:
    return f"{project.state['aws_endpoint']}/{ACCOUNT}/milepost-dev-pipeline-{name}"


def send(project: Running, *bodies: str) -> None:
    entries = [{"Id": str(i), "MessageBody": body} for i, body in enumerate(bodies)]
    project.client("sqs").send_message_batch(QueueUrl=queue(project, "Jobs"), Entries=entries)


def given(project: Running, body: str) -> list[dict]:
    return [record for batch in project.lines("jobs.jsonl") for record in batch if record["body"] == body]


def left(project: Running, name: str) -> int:
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    said = project.client("sqs").get_queue_attributes(QueueUrl=queue(project, name), AttributeNames=names)
    return sum(int(count) for count in said["Attributes"].values())


def dead(project: Running) -> set[str]:
    said = project.client("sqs").receive_message(
        QueueUrl=queue(project, "DeadJobs"), MaxNumberOfMessages=10, VisibilityTimeout=0
    )
    return {message["Body"] for message in said.get("Messages", ())}


def test_messages_come_as_aws_sends_them_and_are_deleted(project: Running) -> None:
    send(project, *(f"job-{i}" for i in range(10)))
    until(lambda: all(given(project, f"job-{i}") for i in range(10)))
    (record,) = given(project, "job-3")
    assert record["eventSource"] == "aws:sqs"
    assert record["eventSourceARN"] == f"arn:aws:sqs:us-east-1:{ACCOUNT}:milepost-dev-pipeline-Jobs"
    assert record["attributes"]["ApproximateReceiveCount"] == "1"
    assert int(record["attributes"]["SentTimestamp"]) > 1_700_000_000_000
    assert {"messageId", "receiptHandle", "md5OfBody", "messageAttributes", "awsRegion"} <= set(record)
    assert max(map(len, project.lines("jobs.jsonl"))) <= 5
    until(lambda: left(project, "Jobs") == 0)


def test_only_the_reported_message_comes_again_and_then_is_a_dead_letter(project: Running) -> None:
    send(project, "fine", "bad")
    until(lambda: "bad" in dead(project), 20)
    counts = [record["attributes"]["ApproximateReceiveCount"] for record in given(project, "bad")]
    assert counts == ["1", "2", "3"]
    assert len(given(project, "fine")) == 1
    assert left(project, "Jobs") == 0


def test_a_failed_function_gets_its_messages_again(project: Running) -> None:
    send(project, "raise")
    until(lambda: "raise" in dead(project), 20)
    assert len(given(project, "raise")) == 3


def put(project: Running, *keys: str) -> None:
    for key in keys:
        project.client("s3").put_object(Bucket="milepost-dev-pipeline-files", Key=key, Body=b"123")


def told_of(project: Running, key: str) -> list[dict]:
    """Every message that named the object."""
    bodies = (json.loads(r["body"]) for b in project.lines("jobs.jsonl") for r in b if r["body"][0] == "{")
    return [one for body in bodies for one in body.get("Records", ()) if one["s3"]["object"]["key"] == key]


def test_an_object_that_is_put_is_told_to_the_queue_and_no_other(project: Running) -> None:
    put(project, "in/other.txt", "out/one.job", "in/one.job")
    until(lambda: told_of(project, "in/one.job"))
    (record,) = told_of(project, "in/one.job")
    assert (record["eventSource"], record["eventName"]) == ("aws:s3", "ObjectCreated:Put")
    assert record["s3"]["bucket"]["name"] == "milepost-dev-pipeline-files"
    assert record["s3"]["object"]["size"] == 3
    assert not told_of(project, "in/other.txt")
    assert not told_of(project, "out/one.job")
    tests = [r for batch in project.lines("jobs.jsonl") for r in batch if "s3:TestEvent" in r["body"]]
    assert len(tests) == 1  # as S3 sends it once it is told of a queue


def test_an_object_whose_message_fails_is_told_again_and_then_a_dead_letter(project: Running) -> None:
    put(project, "in/bad.job")
    until(lambda: any("in/bad.job" in body for body in dead(project)), 20)
    assert len(told_of(project, "in/bad.job")) == 3
