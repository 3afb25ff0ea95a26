"""Routes, log lines, environments' names and settings of the laptop runtime."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest

from local.environments import key
from local.gateway.api import HttpApi, Route
from local.gateway.routes import Routes
from local.logs import Log, readable, redact
from local.reload import concerns
from local.settings import Settings
from local.trouble import Trouble


def routes(*keys: str) -> Routes:
    made = [Route(*key.split(" "), function="f", authorizer=None) for key in keys]
    return Routes([HttpApi("one", tuple(made[::2])), HttpApi("two", tuple(made[1::2]))])


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("GET /a/b", "GET /a/b"),
        ("GET /a/x", "GET /a/{id}"),
        ("GET /x/b", "GET /{any}/b"),
        ("POST /a/b", "ANY /a/{rest+}"),
        ("GET /a/b/c", "ANY /a/{rest+}"),
        ("GET /a/", None),
        ("GET /z", None),
    ],
)
def test_the_best_route_wins(asked: str, found: str | None) -> None:
    table = routes("ANY /a/{rest+}", "GET /{any}/b", "GET /a/{id}", "GET /a/b")
    match = table.find(*asked.split(" "))
    assert (match.route.key if match else None) == found


def test_variables_are_named() -> None:
    match = routes("POST /v1/tasks/{task}/claim").find("POST", "/v1/tasks/tk_1/claim")
    assert match is not None
    assert match.variables == {"task": "tk_1"}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("GET /v1/devices/dk_abcdefgh12345678/overland", "GET /v1/devices/dk_…/overland"),
        ("Bearer eyJhbGciOiJI.eyJzdWIi.c2ln-_x", "Bearer <token>"),
        ("/v1/live?ticket=abcdefghijkl&x=1", "/v1/live?ticket=…&x=1"),
        ("task=tk_1 trip=tr_2", "task=tk_1 trip=tr_2"),
    ],
)
def test_credentials_are_struck_out(text: str, shown: str) -> None:
    assert redact(text) == shown


def test_a_structured_line_is_read_as_level_message_and_its_own_keys() -> None:
    line = orjson.dumps(
        {"level": "INFO", "location": "x:1", "message": "taken", "timestamp": "t", "service": "s", "pings": 6}
    ).decode()
    assert readable(line) == ("INFO", "INFO taken pings=6")
    trouble = orjson.dumps({"level": "ERROR", "message": "oh", "exception": "Traceback\n  x"}).decode()
    assert readable(trouble) == ("ERROR", "ERROR oh\nTraceback\n  x")
    assert readable("{not json") == ("", "{not json")
    assert readable("[ERROR] KeyError\rTraceback (most recent call last):") == ("ERROR", "[ERROR] KeyError")


def test_colour_is_for_terminals_only() -> None:
    plain: list[str] = []
    Log(colour=False, write=plain.append).say("ingest/receive", "hi", "ERROR")
    assert plain == ["ingest/receive         hi\n"]
    tinted: list[str] = []
    Log(colour=True, write=tinted.append).say("ingest/receive", "hi", "ERROR")
    assert "\x1b[31mhi\x1b[0m" in tinted[0]


def test_equal_requirements_share_an_environment() -> None:
    assert key(b"a==1\nb==2\n") == key(b"# generated\nb==2\n\na==1\n")
    assert key(b"a==1\n") != key(b"a==2\n")


@pytest.mark.parametrize(
    ("path", "restarted"),
    [
        ("ingest/receive/handler.py", True),
        ("ingest/receive/formats/own.py", True),
        ("ingest/receive/requirements.txt", True),
        ("ingest/shared.py", True),
        ("ingest/authorize/handler.py", False),
        ("telemetry/ping.py", True),
        ("processors/track/handler.py", False),
    ],
)
def test_an_edit_concerns_who_may_import_it(path: str, restarted: bool) -> None:
    root = Path("/project")
    receive = type(
        "F", (), {"folder": root / "ingest/receive", "requirements": root / "ingest/receive/requirements.txt"}
    )
    assert concerns(root, receive, root / path) is restarted


def test_settings_come_from_the_environment(tmp_path: Path) -> None:
    made = Settings.from_env({"PORT": "9000", "POLL_MS": "1000", "DEMO": "0"}, tmp_path, colour=False)
    assert (made.base, made.poll_s, made.demo) == ("http://127.0.0.1:9000", 1.0, False)
    assert Settings.from_env({}, tmp_path, colour=False) == Settings(tmp_path)
    with pytest.raises(Trouble, match="POLL_MS=soon"):
        Settings.from_env({"POLL_MS": "soon"}, tmp_path, colour=False)
