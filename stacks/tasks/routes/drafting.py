"""PUT, GET and DELETE /v1/routes/{route}/draft, POST /v1/routes/{route}/publish."""

from __future__ import annotations

from stacks.tasks.routes import asked, shown
from stacks.tasks.routes.wiring import Wiring
from storage.catalog import Route
from telemetry.api import Request, Response, reply


def put_draft(wired: Wiring, request: Request) -> Response:
    caller = request.caller().require("admin")
    route_id, new = asked.route_id(request.path), asked.read_draft(request)
    draft, look = wired.drafts.put(
        caller.fleet, route_id, new.drawing, new.revision, caller.user, request.clock()
    )
    said = shown.draft(draft) | {"preview": shown.preview(look, new.drawing, wired.drafts.pace)}
    return tagged(reply(200, said), draft.revision)


def draft(wired: Wiring, request: Request) -> Response:
    caller = request.caller().require("manager", "admin")
    found, drawing, look = wired.drafts.get(caller.fleet, asked.route_id(request.path))
    feature = shown.drawn(found, drawing, look, wired.drafts.pace)
    return tagged(reply(200, feature, "application/geo+json"), found.revision)


def delete_draft(wired: Wiring, request: Request) -> Response:
    caller = request.caller().require("admin")
    wired.drafts.delete(caller.fleet, asked.route_id(request.path), asked.read_revision(request))
    return reply(204)


def publish(wired: Wiring, request: Request) -> Response:
    caller = request.caller().require("admin")
    route_id, revision = asked.route_id(request.path), asked.read_publication(request)
    return published(wired.drafts.publish(caller.fleet, route_id, revision, request.clock()))


def published(route: Route) -> Response:
    return reply(201, shown.whole(route) | {"id": route.id, "version": route.version})


def tagged(response: Response, revision: int) -> Response:
    response["headers"]["etag"] = f'"{revision}"'
    return response
