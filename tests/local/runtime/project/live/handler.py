"""Lets in who has the ticket, and sends back what it is told through the management API."""

# ruff: noqa: S310 (our own server)
import json
import os
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import quote

SEEN = Path("live.jsonl")


def handler(event, context):
    with SEEN.open("a") as file:
        file.write(json.dumps(event) + "\n")
    at = event["requestContext"]
    match at["routeKey"]:
        case "$connect":
            ticket = (event.get("queryStringParameters") or {}).get("ticket")
            return {"statusCode": 200 if ticket == "good" else 403, "body": "no such ticket"}
        case "echo":
            body = json.loads(event["body"])
            if body.get("fail"):
                raise ValueError("asked to")
            send(at["connectionId"], json.dumps({"echo": body["text"]}).encode())
    return {"statusCode": 200}


def send(connection, data):
    url = f"{os.environ['LIVE_ENDPOINT']}/@connections/{quote(connection, safe='')}"
    headers = {"Authorization": "AWS4-HMAC-SHA256 Credential=x"}
    with urllib.request.urlopen(
        urllib.request.Request(url, data, headers, method="POST"), timeout=5
    ) as answer:
        assert answer.status == 200
