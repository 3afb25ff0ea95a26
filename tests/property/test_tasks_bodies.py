"""Whatever is sent, the answer is a success or a problem that names the field; never an error of ours."""

from __future__ import annotations

import copy
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.strategies import json_values
from tests.unit.test_tasks import LINE, START, T0, TASK, World

BODIES = {
    "POST /v1/routes": {
        "id": "lap",
        "name": "Lap",
        "line": {"type": "Feature", "geometry": LINE},
        "datum": "bd09",
        "stops": [{"name": "Pier 4", "lon": 121.4768, "lat": 31.2304, "radius_m": 40}],
    },
    "POST /v1/tasks": TASK | {"title": "Morning lap"},
    START: {"at": T0},
}


def leaves(node, path=()):
    """Every place of a body, the whole included."""
    yield path
    inner = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in inner:
        yield from leaves(value, (*path, key))


def replaced(body, path, value):
    if not path:
        return value
    changed = copy.deepcopy(body)
    at = changed
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = value
    return changed


@pytest.mark.parametrize("route", BODIES)
@given(data=st.data())
def test_a_body_with_anything_anywhere_is_answered(route, data) -> None:
    world = World()
    world.call("POST /v1/routes", {"id": "lap", "line": LINE}, "admin")
    task = world.claimed()
    path = data.draw(st.sampled_from(list(leaves(BODIES[route]))))
    body = json.dumps(replaced(BODIES[route], path, data.draw(json_values)))
    status, answer = world.call(route, body, "courier" if route == START else "admin", task=task)
    assert status in {200, 201, 400, 409}
    if status == 400:
        assert answer["errors"]
        assert all(error["field"] for error in answer["errors"])
