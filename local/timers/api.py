"""The part of EventBridge Scheduler's API that functions call: set a schedule, look at it, take it back.

Source: Amazon EventBridge Scheduler API reference. The signature is not checked, but must be there: a web
page cannot add that header to a request for another origin.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from urllib.parse import unquote

import orjson
from aiohttp import web

from local.timers.schedules import Schedule, Taken, Unknown
from local.timers.timers import Timers

PATH = "/_aws/scheduler"
_SCHEDULE = f"{PATH}/schedules/"


async def manage(timers: Timers, request: web.BaseRequest) -> web.Response:
    if not request.headers.get("authorization", "").startswith("AWS4-HMAC-SHA256"):
        return _error(HTTPStatus.FORBIDDEN, "AccessDeniedException", "Missing Authentication Token")
    name = unquote(request.path.removeprefix(_SCHEDULE))
    if not request.path.startswith(_SCHEDULE) or request.method not in ("POST", "GET", "DELETE"):
        said = "The laptop runtime knows CreateSchedule, GetSchedule and DeleteSchedule only."
        return _error(HTTPStatus.NOT_IMPLEMENTED, "NotImplementedException", said)
    try:
        return _json(await _act(timers, request, name))
    except Taken as error:
        return _error(HTTPStatus.CONFLICT, "ConflictException", str(error))
    except Unknown as error:
        return _error(HTTPStatus.NOT_FOUND, "ResourceNotFoundException", str(error))
    except (ValueError, KeyError, TypeError) as error:
        return _error(HTTPStatus.BAD_REQUEST, "ValidationException", f"Invalid request: {error}")


async def _act(timers: Timers, request: web.BaseRequest, name: str) -> dict[str, Any]:
    group = request.query.get("groupName", "default")
    match request.method:
        case "POST":
            schedule = timers.add(name, orjson.loads(await request.content.read()))
            return {"ScheduleArn": f"arn:local:scheduler:::schedule/{schedule.group}/{name}"}
        case "GET":
            return _shown(timers.get(group, name))
        case _:
            timers.remove(group, name)
            return {}


def _shown(schedule: Schedule) -> dict[str, Any]:
    return {
        "Name": schedule.name,
        "GroupName": schedule.group,
        "ScheduleExpression": schedule.expression,
        "ScheduleExpressionTimezone": schedule.zone,
        "State": "ENABLED",
        "ActionAfterCompletion": "DELETE" if schedule.once else "NONE",
    }


def _json(body: dict[str, Any]) -> web.Response:
    return web.Response(body=orjson.dumps(body), content_type="application/json")


def _error(status: HTTPStatus, kind: str, message: str) -> web.Response:
    body = orjson.dumps({"Message": message})
    headers = {"x-amzn-errortype": kind}
    return web.Response(status=status, body=body, content_type="application/json", headers=headers)
