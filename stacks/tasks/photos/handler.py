"""Photos of trips. The files go straight to the bucket and come from there; nobody can list them but here."""

from __future__ import annotations

import os
import re
from functools import cache
from typing import Any

from aws_lambda_powertools import Logger

from geo.said import say
from stacks.tasks.moves import Actor
from stacks.tasks.photos import wiring
from stacks.tasks.photos.photos import Photos
from stacks.tasks.photos.shapes import NewPhoto
from storage.photos import LINK_S, THERE, UPLOAD_S, Photo
from storage.tasks import Trip
from telemetry.api import Caller, Request, Response, answer, reply
from telemetry.body import read_body
from telemetry.names import PEOPLE
from telemetry.problem import NotFound

log = Logger(service="tasks-photos")


def slot(photos: Photos, request: Request) -> Response:
    caller, now, trip = request.caller().require("courier"), request.clock(), request.path["trip"]
    new = read_body(request, NewPhoto)
    photo, upload = photos.slot(caller.fleet, trip, actor(caller), new.content_type, new.size, now)
    told = {"method": "PUT", "url": upload.url, "headers": dict(upload.headers)}
    return reply(201, {"trip": trip, "photo": photo, "upload": told, "expires_at": int(now) + UPLOAD_S})


def confirm(photos: Photos, request: Request) -> Response:
    caller, trip, photo = request.caller().require("courier"), request.path["trip"], request.path["photo"]
    if not re.fullmatch(r"ph_[0-9a-z]{16}", photo):
        raise NotFound(
            say(
                "photo-not-found",
                "There is no photo {photo}; POST /v1/trips/{trip}/photos names each.",
                photo=photo,
                trip=trip,
            )
        )
    after, found = photos.confirm(caller.fleet, trip, photo, actor(caller), request.clock())
    return reply(200, _shown(found) | {"trip": trip, "needed": after.photos})


def all_of(photos: Photos, request: Request) -> Response:
    caller, now = request.caller().require(*PEOPLE), request.clock()
    trip, found = photos.all(caller.fleet, request.path["trip"], actor(caller))
    rows = [_shown(photo) | {"url": url} for photo, url in found]
    return reply(200, _count(trip) | {"photos": rows, "expires_at": int(now) + LINK_S})


def _count(trip: Trip) -> dict[str, Any]:
    return {"trip": trip.trip, "needed": trip.photos, "there": int(trip.more.get(THERE, 0))}


def _shown(it: Photo) -> dict[str, Any]:
    return {"photo": it.photo, "content_type": it.content_type, "size": it.size, "at": it.at_ms / 1000}


def actor(caller: Caller) -> Actor:
    role: Any = caller.role
    return Actor(caller.user, role)


ENDPOINTS = {
    "POST /v1/trips/{trip}/photos": slot,
    "GET /v1/trips/{trip}/photos": all_of,
    "POST /v1/trips/{trip}/photos/{photo}/confirm": confirm,
}
wire = cache(lambda: wiring.build(os.environ, log))


@log.inject_lambda_context
def handler(event: dict[str, Any], _context: Any) -> Response:
    return answer(lambda request: ENDPOINTS[request.route](wire(), request), event, log)
