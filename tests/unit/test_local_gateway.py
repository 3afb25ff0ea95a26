"""Routes, log lines, environments' names and settings of the laptop runtime."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest

from local.environments import key
from local.functions import Function
from local.gateway.api import HttpApi, Route
from local.gateway.routes import Routes
from local.logs import Log, readable, redact
from local.reload import concerned
from local.settings import Settings
from local.template.stacks import load
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


FOLDERS = ("ingest/receive", "ingest/authorize", "stacks/accounts/session", "stacks/accounts/users")


@pytest.mark.parametrize(
    ("path", "restarted"),
    [
        ("ingest/receive/handler.py", {"ingest/receive"}),
        ("ingest/receive/formats/words.json", {"ingest/receive"}),
        ("ingest/receive/requirements.txt", {"ingest/receive"}),
        ("stacks/accounts/requirements.txt", {"stacks/accounts/session", "stacks/accounts/users"}),
        ("stacks/accounts/passwords.py", {"stacks/accounts/session"}),
        ("telemetry/ping.py", {"ingest/receive"}),
        ("telemetry/__init__.py", {"ingest/receive", "ingest/authorize"}),
        ("geo/match.py", set()),
    ],
)
def test_an_edit_restarts_who_imports_it(tmp_path: Path, path: str, restarted: set[str]) -> None:
    imports = {
        "ingest/receive": "import telemetry.ping",
        "ingest/authorize": "from telemetry import token",
        "stacks/accounts/session": "from stacks.accounts.passwords import check",
        "stacks/accounts/users": "",
    }
    files = {f"{folder}/handler.py": text for folder, text in imports.items()}
    for name in ("telemetry/ping", "telemetry/token", "stacks/accounts/passwords", "geo/match"):
        files[f"{name}.py"] = ""
    for name, text in files.items():
        folder = (tmp_path / name).parent
        folder.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
        for package in [folder, *folder.parents][: len(Path(name).parts) - 1]:
            (package / "__init__.py").touch()
    functions = [function(tmp_path, folder) for folder in FOLDERS]
    assert set(concerned(tmp_path, functions, {tmp_path / path})) == restarted


def function(root: Path, folder: str) -> Function:
    requirements = root / (folder if folder.startswith("ingest") else "stacks/accounts") / "requirements.txt"
    handler = f"{folder.replace('/', '.')}.handler.handler"
    return Function(folder, folder, "arn", handler, root / folder, requirements, 3, 128, None, {}, folder)


def test_while_a_file_cannot_be_read_every_function_may_import_it(tmp_path: Path) -> None:
    (tmp_path / "api").mkdir()
    (tmp_path / "api" / "__init__.py").touch()
    (tmp_path / "api" / "handler.py").write_text("def broken(:")
    assert concerned(tmp_path, [function(tmp_path, "api")], {tmp_path / "telemetry/ping.py"}) == ["api"]


def test_settings_come_from_the_environment(tmp_path: Path) -> None:
    made = Settings.from_env({"PORT": "9000", "POLL_MS": "1000", "DEMO": "0"}, tmp_path, colour=False)
    assert (made.base, made.poll_s, made.demo) == ("http://127.0.0.1:9000", 1.0, False)
    assert Settings.from_env({}, tmp_path, colour=False) == Settings(tmp_path)
    with pytest.raises(Trouble, match="POLL_MS=soon"):
        Settings.from_env({"POLL_MS": "soon"}, tmp_path, colour=False)
    given = Settings.from_env({"PARAMETERS": "A=1  Url=http://x?a=b"}, tmp_path, colour=False)
    assert given.parameters == {"A": "1", "Url": "http://x?a=b"}
    with pytest.raises(Trouble, match="GraceSeconds=60"):
        Settings.from_env({"PARAMETERS": "A"}, tmp_path, colour=False)


def test_a_parameter_that_no_template_has_is_named(tmp_path: Path) -> None:
    queue = "Resources: {Queue: {Type: AWS::SQS::Queue}}\n"
    (tmp_path / "template.yaml").write_text("Parameters: {A: {Type: String, Default: x}}\n" + queue)
    settings = Settings(tmp_path, parameters={"A": "1", "B": "2"})
    with pytest.raises(Trouble, match="no template has B"):
        load(settings, str)
