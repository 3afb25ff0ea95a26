"""POST /v1/uploads and the tracking apps' own paths: an upload in, durable in Kinesis before the answer."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools import Logger

from geo.said import say
from ingest import own
from ingest.receive.formats import APPS
from ingest.receive.receive import Sender
from ingest.receive.wiring import wire
from ingest.sent import sent
from telemetry.api import Request, Response, answer, read_json, reply
from telemetry.problem import BadRequest, Unauthenticated

MAX_BODY = 1_000_000  # bytes, expanded; four times the largest upload that keeps to the limit of pings
MAX_APP_BODY = 6 * 1024 * 1024  # expanded; what the gateway lets through as it is: an app does not split

FORMATS = {
    "POST /v1/devices/{key}/background-geolocation": APPS["background-geolocation"],
    "GET /v1/devices/{key}/gpslogger": APPS["gpslogger"],
    "POST /v1/devices/{key}/gpslogger": APPS["gpslogger"],
    "POST /v1/devices/{key}/overland": APPS["overland"],
    "POST /v1/devices/{key}/owntracks": APPS["owntracks"],
    "POST /v1/devices/{key}/traccar": APPS["traccar"],
}

log = Logger()


@log.inject_lambda_context
def handler(event: dict[str, Any], _context: Any) -> Response:
    return answer(_upload if event["routeKey"] == "POST /v1/uploads" else _app, event, log)


def _upload(request: Request) -> Response:
    caller = request.caller().require("courier")
    wire(log).limits.ask(caller.fleet, f"courier/{caller.user}")
    device, reading = own.read(read_json(sent(request, MAX_BODY).body), request.clock())
    wire(log).receiver.take(Sender(caller.fleet, caller.user, device), reading)
    rejected = [{"index": r.index, "field": r.field, "reason": r.reason} for r in reading.refused]
    if not reading.pings:
        errors = [
            {"field": f"pings[{r.index}].{r.field}".rstrip("."), "reason": r.reason} for r in reading.refused
        ]
        raise BadRequest(
            say("no-ping-taken", "No ping of the upload can be taken; each has its reason."),
            errors,
            {"rejected": rejected},
        )
    return reply(200, {"accepted": len(reading.pings), "rejected": rejected})


def _app(request: Request) -> Response:
    wired, app = wire(log), FORMATS[request.route]
    device = wired.devices.find(request.path["key"])
    if device is None:
        raise Unauthenticated(
            say(
                "device-key-unknown",
                "The device key in the address is not known; ask an admin for a new address.",
            )
        )
    wired.limits.ask(device.fleet, device.device, waits=app.waits)
    reading = app.read(sent(request, MAX_APP_BODY), request.clock())
    wired.receiver.take(Sender(device.fleet, device.courier, device.device), reading)
    return reply(200, app.reply)
