"""POST /v1/uploads/bulk: many couriers' pings in one request; …/files: a place in S3 for more than fits."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools import Logger

from ingest.bulk import asked
from ingest.bulk.request import read
from ingest.bulk.results import results
from ingest.bulk.wiring import wire
from storage.bulk_files import MOST_UNFINISHED
from storage.objects import NotKept
from storage.stream import StreamRefused
from telemetry.api import Request, Response, answer, reply
from telemetry.problem import BadRequest, NotFound, TooMany, Unavailable

DETAILS = 5_000
"""Refusals told one by one: the largest answer stays below 3 MB of the 6 that Lambda lets through."""
RETRY_S = 60.0
SENDERS = ("gateway", "admin")

log = Logger()


def upload(request: Request) -> Response:
    caller, now = request.caller().require(*SENDERS), request.clock()
    lines = read(request, now)
    try:
        wire().taker.take(caller.fleet, lines, round(now * 1000))
    except (NotKept, StreamRefused) as error:
        raise Unavailable("Not all of it was stored; send the same body again, all of it.") from error
    accepted, rejected = sum(len(it.pings) for it in lines), sum(it.refusals for it in lines)
    told = {"lines": list(results(lines, DETAILS))}
    if not accepted:
        raise BadRequest("No ping of any line can be taken; `lines` has the reasons.", (), told)
    return reply(200, {"accepted": accepted, "rejected": rejected} | told)


def place(request: Request) -> Response:
    caller, now = request.caller().require(*SENDERS), request.clock()
    found = wire().files.place(caller.fleet, asked.size(request), now)
    if found is None:
        raise TooMany(
            f"{MOST_UNFINISHED} files of the fleet are not done or may still be sent; ask again when one is "
            "done, or an address that is not used has expired, and put more lines into each.",
            RETRY_S,
        )
    return reply(201, asked.placed(found))


def standing(request: Request) -> Response:
    caller = request.caller().require(*SENDERS)
    name = asked.name(request)
    found = wire().files.standing(caller.fleet, name)
    if found is None:
        raise NotFound("There is no such file, or it has expired; POST /v1/uploads/bulk/files makes one.")
    return reply(200, asked.shown(name, found))


ENDPOINTS = {
    "POST /v1/uploads/bulk": upload,
    "POST /v1/uploads/bulk/files": place,
    "GET /v1/uploads/bulk/files/{file}": standing,
}


@log.inject_lambda_context
def handler(event: dict[str, Any], _context: Any) -> Response:
    return answer(ENDPOINTS[event["routeKey"]], event, log)
