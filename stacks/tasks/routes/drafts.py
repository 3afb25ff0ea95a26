"""Drafts: changed by whoever has seen the newest revision, looked at, and published."""

from __future__ import annotations

import orjson

from geo.drawn import geojson
from geo.drawn.drawing import Drawing
from geo.preview.limits import Pace
from geo.preview.preview import Preview, preview
from geo.said import say
from stacks.tasks.routes.publish import Routes, missing
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
            raise NotFound(
                say(
                    "draft-not-found",
                    "There is no draft of {route}; GET /v1/routes?state=draft lists them.",
                    route=route_id,
                )
            )
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
        raise Unavailable(
            say("draft-busy", "The draft of {route} is busy; publish it again.", route=route_id)
        )

    def _version(self, fleet: str, route_id: str, version: int) -> Route:
        route = self._catalog.get(fleet, f"{route_id}@{version}")
        if route is None:
            raise missing(f"{route_id}@{version}")
        return route


def _overtaken(route_id: str, seen: int | None, head: Head) -> Conflict:
    if head.draft is None:
        return Conflict(
            say(
                "draft-gone",
                "The draft of {route} is there no more: it was deleted or published. Without If-Match, and "
                "without `revision`, PUT makes a new one.",
                route=route_id,
            ),
            extra={"revision": None},
        )
    now = head.draft
    if seen is None:
        detail = say(
            "draft-there",
            "The draft of {route} is at revision {revision}, changed by {by} at {changed_at:moment}, and you "
            'name none. Look at it with GET, and send your change again with If-Match: "{revision}".',
            route=route_id,
            revision=now.revision,
            by=now.changed_by,
            changed_at=now.changed_ms / 1000,
        )
    else:
        detail = say(
            "draft-overtaken",
            "The draft of {route} is at revision {revision}, changed by {by} at {changed_at:moment}, and you "
            'name {seen}. Look at it with GET, and send your change again with If-Match: "{revision}".',
            route=route_id,
            revision=now.revision,
            by=now.changed_by,
            changed_at=now.changed_ms / 1000,
            seen=seen,
        )
    return Conflict(
        detail,
        extra={"revision": now.revision},
    )


def _broken(route_id: str, look: Preview) -> Conflict:
    blocking = [finding for finding in look.findings if finding.blocks]
    parts = {"stop-refused": "stops", "no-route": "line.coordinates"}
    errors = [
        {"field": "line" if it.index is None else f"{parts[it.code]}[{it.index}]", "reason": it.detail}
        for it in blocking
    ]
    return Conflict(
        say(
            "draft-unfit",
            "{route} cannot be published yet; to be mended: {n}. {first}.",
            route=route_id,
            n=len(blocking),
            first=blocking[0].detail,
        ),
        errors,
        {"warnings": [warning(it) for it in blocking]},
    )
