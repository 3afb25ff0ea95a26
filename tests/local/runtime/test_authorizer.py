"""The real authorizer function, its cache, and its refusals."""

from __future__ import annotations

import pytest

from tests.local.runtime.conftest import Running


def told(project: Running, token: str, path: str = "/shut"):
    said = project.ask(path, Authorization=token).json
    return said["event"]["requestContext"]["authorizer"]["lambda"] if "event" in said else said


def test_without_the_header_nobody_is_asked(project: Running) -> None:
    reply = project.ask("/shut")
    assert reply.status == 401
    assert reply.json["message"] == "Unauthorized"
    assert "the header Authorization" in reply.json["detail"]


def test_a_verdict_is_kept_by_token_and_api(project: Running) -> None:
    first = told(project, "alice")
    assert first["route"].endswith("/$default/GET/shut")
    assert told(project, "alice") == first
    assert told(project, "bob")["asked"] == first["asked"] + 1
    other_api = told(project, "alice", "/second")
    assert other_api["asked"] == first["asked"] + 2
    assert told(project, "alice", "/second") == other_api


@pytest.mark.parametrize(("token", "status"), [("no", 403), ("raise", 500), ("odd", 500)])
def test_refusals(project: Running, token: str, status: int) -> None:
    reply = project.ask("/shut", Authorization=token)
    assert reply.status == status
    assert reply.json["status"] == status
