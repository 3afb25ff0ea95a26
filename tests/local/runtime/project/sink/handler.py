"""Writes each batch down; fails as the records say."""

import base64
import json
import os
from pathlib import Path

SEEN = Path("seen.jsonl")


def handler(event, context):
    records = event["Records"]
    data = [base64.b64decode(r["kinesis"]["data"]).decode() for r in records if "kinesis" in r]
    with SEEN.open("a") as file:
        file.write(json.dumps({"records": records, "data": data}) + "\n")
    if "crash" in data:
        os._exit(1)
    if "raise" in data:
        raise ValueError("asked to")
    failed = [r["kinesis"]["sequenceNumber"] for r, said in zip(records, data, strict=False) if said == "bad"]
    return {"batchItemFailures": [{"itemIdentifier": sequence} for sequence in failed]}
