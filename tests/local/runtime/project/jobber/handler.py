"""Writes each batch of messages down; fails as they say."""

import json
from pathlib import Path

SEEN = Path("jobs.jsonl")


def handler(event, context):
    records = event["Records"]
    with SEEN.open("a") as file:
        file.write(json.dumps(records) + "\n")
    if any(record["body"] == "raise" for record in records):
        raise ValueError("asked to")
    failed = [
        record["messageId"] for record in records if record["body"] == "bad" or "/bad.job" in record["body"]
    ]
    return {"batchItemFailures": [{"itemIdentifier": name} for name in failed]}
