"""Routes for a fleet: from a file, a reference, or the places that come with this."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orjson

from cli.replay.api import Api, LonLat
from cli.replay.credential import Credential
from cli.replay.places import PLACES
from geo.drawing import compile_route
from geo.route import CompiledRoute
from telemetry.names import ROUTE

SAME_M = 0.01


class BadRoute(ValueError):
    """The file holds no route: the message says which and why."""


async def places(api: Api, admin: Credential) -> list[tuple[str, CompiledRoute]]:
    """The three built-in routes, published where they are not yet."""
    return [await ensure(api, admin, place.id, place.name, place.line) for place in PLACES]


async def chosen(api: Api, admin: Credential, text: str) -> tuple[str, CompiledRoute]:
    """text: a published `id@version`, or a GeoJSON file to publish. Raises BadRoute, Refused."""
    if re.match(ROUTE, text):
        return text, compile_route(await api.line(admin, text), datum="wgs84")
    file = Path(text)
    return await ensure(api, admin, as_id(file.name.split(".")[0]), file.stem[:100], read_line(file))


async def ensure(
    api: Api, admin: Credential, route_id: str, name: str, line: Sequence[LonLat]
) -> tuple[str, CompiledRoute]:
    """A published version of the route that is as long as `line`, published now where there is none.

    Raises RouteRefused, Refused.
    """
    compiled = compile_route(line, datum="wgs84")  # as RFC 7946 has it, and the API unless told otherwise
    for route in await api.routes(admin):
        same_id = route["route"].rpartition("@")[0] == route_id
        if same_id and route["name"] == name and abs(route["length_m"] - compiled.length_m) < SAME_M:
            return str(route["route"]), compiled
    return await api.publish(admin, route_id, name, line), compiled


def as_id(text: str) -> str:
    """`text` as the id of a route."""
    return re.sub(r"[^a-z0-9._-]+", "-", text.lower()).lstrip("._-")[:48] or "route"


def read_line(file: Path) -> list[LonLat]:
    """The line of a GeoJSON LineString, a Feature of one or a collection of one. Raises BadRoute."""
    try:
        found: Any = orjson.loads(file.read_bytes())
        if found["type"] == "FeatureCollection":
            (found,) = found["features"]
        if found["type"] == "Feature":
            found = found["geometry"]
        if found["type"] != "LineString":
            raise BadRoute(f"{file}: holds a {found['type']}; a route is a LineString")
        return [(float(lon), float(lat)) for lon, lat, *_ in found["coordinates"]]
    except OSError as error:
        raise BadRoute(f"{file}: {error.strerror}; give a GeoJSON file or a published id@version") from error
    except (orjson.JSONDecodeError, LookupError, TypeError, ValueError) as error:
        if isinstance(error, BadRoute):
            raise
        raise BadRoute(f"{file}: is not a GeoJSON LineString ({error})") from error
