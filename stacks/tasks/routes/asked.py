"""What a request asks for, from its path, query, headers and body."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

import msgspec

from geo.drawn import files
from geo.drawn.drawing import Drawing
from geo.said import say
from stacks.tasks.paging import one_of
from stacks.tasks.routes.shapes import Drawn, NewDraft, NewRoute, Revision, completed, drawing_of, read_of
from telemetry.api import Request
from telemetry.body import read_shape
from telemetry.expand import body_of
from telemetry.fields import none_of, wrong
from telemetry.names import NAME
from telemetry.problem import NotFound

STATES = ("draft", "published", "retired")


class Asked(NamedTuple):
    """revision: of the draft that the admin has seen; None: there was none."""

    drawing: Drawing
    revision: int | None


def read_route(request: Request) -> tuple[str, Drawing]:
    """The id and the drawing. Raises BadRequest, TooLarge."""
    new = read_shape(body_of(request, files.MAX_BYTES), NewRoute)
    return new.id, drawing_of(new)


def read_draft(request: Request) -> Asked:
    """Of JSON, or of a file by its content type or the query's `format`. Raises BadRequest, TooLarge."""
    body, form = body_of(request, files.MAX_BYTES), _form(request)
    if form is None:
        new = read_shape(body, NewDraft)
        return Asked(drawing_of(new), read_revision(request, new.revision))
    query = {name: request.query[name] for name in ("name", "datum", "time_zone") if name in request.query}
    said = read_shape(msgspec.json.encode(query), Drawn)
    return Asked(completed(read_of(body, form, "body"), said), read_revision(request, None))


def read_revision(request: Request, said: int | None = None) -> int | None:
    """Of the header If-Match, else as the body says. Raises BadRequest."""
    header = request.headers.get("if-match")
    if header is None:
        return said
    found = re.fullmatch(r'(?:W/)?"?([1-9][0-9]{0,9})"?', header.strip())
    if not found:
        form = say("if-match-form", 'must be the revision of the draft, as its ETag has it, such as "3"')
        raise wrong("if-match", form)
    if said not in {None, int(found[1])}:
        other = say(
            "revision-other",
            "is {revision}, and the header If-Match says {header}",
            revision=str(said),
            header=header,
        )
        raise wrong("revision", other)
    return int(found[1])


def read_publication(request: Request) -> int:
    """Which revision to publish. Raises BadRequest."""
    said = read_shape(request.body() or b"{}", Revision).revision
    revision = read_revision(request, said)
    if revision is None:
        missing = say("revision-missing", "is missing: say which revision of the draft you have looked at")
        raise wrong("revision", missing)
    return revision


def route_id(path: Mapping[str, str]) -> str:
    """Raises NotFound."""
    if not re.match(NAME, path["route"]):
        raise NotFound(
            say(
                "no-route-id",
                "{route} is no id of a route: drafts are of lap, not of lap@1.",
                route=path["route"],
            )
        )
    return path["route"]


def _form(request: Request) -> files.Format | None:
    """None for JSON of our own."""
    said = request.query.get("format")
    if said is not None:
        if said not in files.FORMATS:
            raise none_of("format", files.FORMATS)
        return said  # type: ignore[return-value]
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    known = next((form for form, types in files.TYPES.items() if kind == types), None)
    if known is None and kind not in {"", "application/json"}:
        strange = say(
            "content-type-unread",
            "{kind!r} is not read; send {known}, or say ?format=gpx",
            kind=kind,
            known=["application/json", *files.TYPES.values()],
        )
        raise wrong("content-type", strange)
    return known


def read_state(query: Mapping[str, str]) -> str:
    """Raises BadRequest."""
    return one_of(query, "state", STATES) or "published"
