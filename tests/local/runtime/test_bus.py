"""EventBridge as a function's boto3 meets it on the laptop."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local.runtime.conftest import Running, until
from tests.local.runtime.test_timers import letters


@pytest.fixture(scope="module")
def events(project: Running) -> Iterator[Any]:
    client = project.client("events")
    yield client
    client.close()


def put(events: Any, kind: str, detail: Any, source: str = "project", bus: str = "project-dev") -> Any:
    entry = {"EventBusName": bus, "Source": source, "DetailType": kind, "Detail": json.dumps(detail)}
    return events.put_events(Entries=[entry])


def heard(project: Running, name: str) -> list[Any]:
    """What came of the event of this name: at the queue's function, and at the function itself."""
    jobs = [json.loads(record["body"]) for batch in project.lines("jobs.jsonl") for record in batch
            if record["body"].startswith("{")]  # fmt: skip
    return [job for job in jobs if job.get("detail", {}).get("name") == name]


def test_an_event_reaches_a_queue_whose_rule_fits(project: Running, events: Any) -> None:
    for kind, size, name in (("job.small", 1, "small"), ("other", 9, "other"), ("job.big", 9, "big")):
        assert put(events, kind, {"size": size, "name": name})["FailedEntryCount"] == 0
    (event,) = until(lambda: heard(project, "big"))
    assert (event["detail-type"], event["source"], event["region"]) == ("job.big", "project", "us-east-1")
    assert event["detail"] == {"size": 9, "name": "big"}
    assert heard(project, "small") == heard(project, "other") == []


def test_an_event_for_a_queue_that_is_not_there_goes_to_the_dead_letters(project, events) -> None:
    put(events, "lost", {"name": "lost-event"}, source="nobody")
    (event,) = until(lambda: letters(project, "lost-event"))
    assert event["detail"] == {"name": "lost-event"}


def test_what_cannot_be_taken_is_said_by_entry_or_by_call(project: Running, events: Any) -> None:
    told = put(events, "job.big", {}, bus="nobodys")
    assert (told["FailedEntryCount"], told["Entries"][0]["ErrorCode"]) == (1, "InvalidArgument")
    with pytest.raises(ClientError, match="ValidationException"):
        events.put_events(Entries=[{"Source": "project", "DetailType": "x", "Detail": "{}"}] * 11)
    with pytest.raises(ClientError, match="NotImplementedException"):
        events.list_rules()
    assert project.ask("/_aws/events", "POST", b"{}").status == 403
