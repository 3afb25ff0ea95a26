"""Drafts: changed by whoever has seen the newest revision, looked at, and published."""

from __future__ import annotations

from datetime import UTC, datetime

import orjson

from geo.drawn import geojson
from geo.drawn.drawing import Drawing
from geo.preview.limits import Pace
from geo.preview.preview import Preview, preview
from stacks.tasks.routes.publish import Routes
from stacks.tasks.routes.shown import warning
from storage.catalog import Catalog, Route
from storage.drafts import Draft, DraftStore, Drawings, Head
from telemetry.problem import Conflict, NotFound, Unavailable

_ATTEMPTS = 3


class Drafting:
    def __init__(
        self, drafts: DraftStore, drawings: Drawings, routes: Routes, catalog: Catalog, pace: Pace
    ) -> None:
        self._drafts = drafts
        self._drawings = drawings
        self._routes = routes
        self._catalog = catalog
        self.pace = pace

    def put(
        self, fleet: str, route_id: str, drawing: Drawing, seen: int | None, by: str, now: float
    ) -> tuple[Draft, Preview]:
        """drawing: in WGS-84; seen: the revision that it is made from, None where there was no draft. What
        stands already is left as it is. Raises Conflict when another admin was faster.
        """
        look = preview(drawing, self.pace)
        length_m = look.route.length_m if look.route else None
        digest = self._drawings.keep(fleet, route_id, orjson.dumps(geojson.feature(drawing)))
        new = Draft(fleet, route_id, 0, drawing.name or route_id, length_m, round(now * 1000), by, digest)
        standing = self._drafts.head(fleet, route_id).draft
        if standing and standing.digest == digest:
            return standing, look
        put = self._drafts.put(new, seen)
        if put is None:
            raise _overtaken(route_id, seen, self._drafts.head(fleet, route_id))
        return put, look

    def get(self, fleet: str, route_id: str) -> tuple[Draft, Drawing, Preview]:
        """Raises NotFound."""
        draft = self._drafts.head(fleet, route_id).draft
        if draft is None:
            raise NotFound(f"There is no draft of {route_id}; GET /v1/routes?state=draft lists them.")
        drawing = geojson.read(self._drawings.drawing(draft))
        return draft, drawing, preview(drawing, self.pace)

    def all(self, fleet: str) -> list[Draft]:
        return self._drafts.all(fleet)

    def delete(self, fleet: str, route_id: str, seen: int | None) -> None:
        """Nothing happens where there is none. Raises Conflict when it is not the revision seen."""
        head = self._drafts.head(fleet, route_id)
        if head.draft and not (seen and self._drafts.delete(fleet, route_id, seen)):
            raise _overtaken(route_id, seen, self._drafts.head(fleet, route_id))

    def publish(self, fleet: str, route_id: str, seen: int, now: float) -> Route:
        """The draft becomes the next version; once, however often it is asked for. Raises NotFound, or
        Conflict when it is another revision, or cannot be a route: then with what is wrong and where.
        """
        for _ in range(_ATTEMPTS):
            head = self._drafts.head(fleet, route_id)
            if head.published_revision == seen and head.published_version:
                return self._version(fleet, route_id, head.published_version)
            draft, drawing, look = self.get(fleet, route_id)
            if draft.revision != seen:
                raise _overtaken(route_id, seen, head)
            if not look.publishable:
                raise _broken(route_id, look)
            route = self._routes.prepare(fleet, route_id, drawing, now)
            if self._drafts.publish(draft, route):
                return route
        raise Unavailable(f"The draft of {route_id} is busy; publish it again.")

    def _version(self, fleet: str, route_id: str, version: int) -> Route:
        route = self._catalog.get(fleet, f"{route_id}@{version}")
        if route is None:
            raise NotFound(f"There is no route {route_id}@{version}; GET /v1/routes lists them.")
        return route


def _overtaken(route_id: str, seen: int | None, head: Head) -> Conflict:
    if head.draft is None:
        return Conflict(
            f"The draft of {route_id} is there no more: it was deleted or published. Without If-Match, and"
            " without `revision`, PUT makes a new one.",
            extra={"revision": None},
        )
    now = head.draft
    when = datetime.fromtimestamp(now.changed_ms / 1000, UTC).isoformat(timespec="seconds")
    yours = "you name none" if seen is None else f"you name {seen}"
    return Conflict(
        f"The draft of {route_id} is at revision {now.revision}, changed by {now.changed_by} at {when}, and"
        f' {yours}. Look at it with GET, and send your change again with If-Match: "{now.revision}".',
        extra={"revision": now.revision},
    )


def _broken(route_id: str, look: Preview) -> Conflict:
    blocking = [finding for finding in look.findings if finding.blocks]
    many = "1 thing is" if len(blocking) == 1 else f"{len(blocking)} things are"
    parts = {"stop-refused": "stops", "no-route": "line.coordinates"}
    errors = [
        {"field": "line" if it.index is None else f"{parts[it.code]}[{it.index}]", "reason": it.detail}
        for it in blocking
    ]
    return Conflict(
        f"{route_id} cannot be published yet: {many} to be mended. {blocking[0].detail}.",
        errors,
        {"warnings": [warning(it) for it in blocking]},
    )
