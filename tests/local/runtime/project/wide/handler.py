"""Writes down each batch as it comes and when it is done; fails, hangs and dawdles as the records say."""

import base64
import json
import os
import time
from pathlib import Path

SEEN = Path("wide.jsonl")


def handler(event, context):
    data = [base64.b64decode(record["kinesis"]["data"]).decode() for record in event["Records"]]
    write("begun", data)
    if "hang" in data:
        time.sleep(3600)
    if "late" in data:
        time.sleep(1.5)
    if "poison" in data:
        raise ValueError("asked to")
    write("done", data)


def write(what, data):
    with SEEN.open("a") as file:
        file.write(json.dumps({"what": what, "data": data, "worker": os.environ.get("WORKER")}) + "\n")
