"""EventBridge Scheduler as a function's boto3 meets it on the laptop."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local.runtime.conftest import Running, until


@pytest.fixture(scope="module")
def scheduler(project: Running) -> Iterator[Any]:
    client = project.client("scheduler")
    yield client
    client.close()


def set_timer(scheduler: Any, name: str, payload: Any, function: str = "milepost-dev-pipeline-Sink") -> None:
    at = datetime.now(UTC) + timedelta(seconds=2)
    scheduler.create_schedule(
        Name=name,
        ScheduleExpression=f"at({at:%Y-%m-%dT%H:%M:%S})",
        FlexibleTimeWindow={"Mode": "OFF"},
        ActionAfterCompletion="DELETE",
        Target={
            "Arn": f"arn:aws:lambda:us-east-1:000000000000:function:{function}",
            "RoleArn": "arn:aws:iam::000000000000:role/timer",
            "Input": json.dumps(payload),
            "DeadLetterConfig": {"Arn": "arn:aws:sqs:us-east-1:000000000000:milepost-dev-pipeline-Failed"},
        },
    )


def refused(call: Any, **ask: Any) -> str:
    with pytest.raises(ClientError) as error:
        call(**ask)
    return error.value.response["Error"]["Code"]


def letters(project: Running, holds: str) -> list[Any]:
    with closing(project.client("sqs")) as sqs:
        url = sqs.get_queue_url(QueueName="milepost-dev-pipeline-Failed")["QueueUrl"]
        found = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=0)
    bodies = [json.loads(message["Body"]) for message in found.get("Messages", [])]
    return [body for body in bodies if holds in json.dumps(body)]


def test_a_timer_calls_its_function_once_and_is_gone(project: Running, scheduler: Any) -> None:
    set_timer(scheduler, "once", {"Records": [{"timer": "once"}]})
    assert scheduler.get_schedule(Name="once")["ActionAfterCompletion"] == "DELETE"
    assert refused(set_timer, scheduler=scheduler, name="once", payload={}) == "ConflictException"
    until(lambda: [s for s in project.lines("seen.jsonl") if s["records"] == [{"timer": "once"}]])
    assert refused(scheduler.get_schedule, Name="once") == "ResourceNotFoundException"


def test_a_function_that_fails_is_told_to_its_queue(project: Running, scheduler: Any) -> None:
    payload = {"Records": [{"kinesis": {"data": base64.b64encode(b"raise").decode(), "sequenceNumber": "1"}}]}
    set_timer(scheduler, "failing", payload)
    (told,) = until(lambda: letters(project, "RetriesExhausted"))
    assert told["requestPayload"] == payload
    assert told["responsePayload"]["errorType"] == "ValueError"
    assert told["requestContext"]["approximateInvokeCount"] == 1


def test_a_timer_for_nobody_goes_to_its_dead_letters(project: Running, scheduler: Any) -> None:
    set_timer(scheduler, "nobody", {"for": "nobody"}, function="no-such-function")
    assert until(lambda: letters(project, "nobody")) == [{"for": "nobody"}]


def test_a_timer_can_be_taken_back(scheduler: Any) -> None:
    set_timer(scheduler, "back", {})
    scheduler.delete_schedule(Name="back")
    assert refused(scheduler.delete_schedule, Name="back") == "ResourceNotFoundException"


def test_a_schedule_of_the_template_is_set(scheduler: Any) -> None:
    found = scheduler.get_schedule(Name="milepost-dev-pipeline-Daily")
    assert found["ScheduleExpression"] == "cron(30 3 ? * MON-FRI *)"


def test_what_is_not_understood_is_refused(scheduler: Any) -> None:
    target = {
        "Arn": "arn:aws:lambda:us-east-1:000000000000:function:x",
        "RoleArn": "arn:aws:iam::0:role/timer",
    }
    ask = {"Name": "odd", "FlexibleTimeWindow": {"Mode": "OFF"}, "Target": target}
    assert refused(scheduler.create_schedule, ScheduleExpression="tomorrow", **ask) == "ValidationException"
    ask["GroupName"] = "nobodys"
    at = "at(2030-01-01T00:00:00)"
    assert refused(scheduler.create_schedule, ScheduleExpression=at, **ask) == "ResourceNotFoundException"
    assert refused(scheduler.list_schedules) == "NotImplementedException"


def test_a_web_page_may_not_set_timers(project: Running) -> None:
    assert project.ask("/_aws/scheduler/schedules/x", "POST", b"{}").status == 403
