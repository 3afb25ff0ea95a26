"""Answers with its event, or does what the query asks for."""

import json
import os
import time

WORD = "first"


def handler(event, context):  # noqa: C901, PLR0911 (one a case)
    asked = event.get("queryStringParameters") or {}
    match asked.get("do"):
        case "raise":
            raise ValueError("asked to")
        case "crash":
            os._exit(3)
        case "sleep":
            time.sleep(float(asked["s"]))
        case "bare":
            return {"just": "this"}
        case "text":
            return "plain"
        case "malformed":
            return {"statusCode": "none"}
        case "picture":
            return {
                "statusCode": 200,
                "headers": {"Content-Type": "image/png"},
                "body": "iVBORw==",
                "isBase64Encoded": True,
            }
        case "cookies":
            return {"statusCode": 204, "cookies": ["a=1; Secure", "b=2"], "headers": {"X-Told": "yes"}}
        case "word":
            return {"statusCode": 200, "body": WORD}
        case "env":
            return {"statusCode": 200, "body": json.dumps(dict(os.environ))}
        case "log":
            print(json.dumps({"level": "WARNING", "message": "seen", "count": 3, "token": asked["token"]}))  # noqa: T201
    said = {"event": event, "left_ms": context.get_remaining_time_in_millis(), "pid": os.getpid()}
    return {"statusCode": 200, "headers": {"content-type": "application/json"}, "body": json.dumps(said)}
