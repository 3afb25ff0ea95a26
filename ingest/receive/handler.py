"""POST /v1/uploads and the tracking apps' own paths: an upload in, durable in Kinesis before the answer."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools import Logger

from ingest.receive.formats import overland, own
from ingest.receive.receive import Sender
from ingest.receive.wiring import wire
from telemetry.api import Request, Response, answer, reply
from telemetry.problem import BadRequest, TooLarge, Unauthenticated

MAX_BODY = 1_000_000  # bytes; four times the largest upload that keeps to the limit of pings

log = Logger()


@log.inject_lambda_context
def handler(event: dict[str, Any], _context: Any) -> Response:
    act = {"POST /v1/uploads": _upload, "POST /v1/devices/{key}/overland": _overland}[event["routeKey"]]
    return answer(act, event, log)


def _upload(request: Request) -> Response:
    caller = request.caller().require("courier")
    if len(request.body()) > MAX_BODY:
        raise TooLarge(f"The body is over {MAX_BODY} bytes; split the upload into smaller ones.")
    device, reading = own.read(request.json(), request.clock())
    wire().receiver.take(Sender(caller.fleet, caller.user, device), reading)
    rejected = [{"index": r.index, "field": r.field, "reason": r.reason} for r in reading.refused]
    if not reading.pings:
        errors = [
            {"field": f"pings[{r.index}].{r.field}".rstrip("."), "reason": r.reason} for r in reading.refused
        ]
        raise BadRequest(
            "No ping of the upload can be taken; each has its reason.", errors, {"rejected": rejected}
        )
    return reply(200, {"accepted": len(reading.pings), "rejected": rejected})


def _overland(request: Request) -> Response:
    device = wire().devices.find(request.path["key"])
    if device is None:
        raise Unauthenticated("The device key in the address is not known; ask an admin for a new address.")
    reading = overland.read(request.body(), request.clock())
    wire().receiver.take(Sender(device.fleet, device.courier, device.device), reading)
    return reply(200, overland.REPLY)
