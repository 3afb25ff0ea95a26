"""The console's files and configuration; and the same project in another partition."""

from __future__ import annotations

import http.client
from collections.abc import Iterator

import pytest

from tests.local.runtime.conftest import Running, copy_project, start, stop, until

TILES = "https://tiles.example/{z}/{x}/{y}.png"


@pytest.fixture(scope="module")
def china(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    root = copy_project(tmp_path_factory.mktemp("run") / "project")
    dist = root / "console" / "dist"
    (dist / "assets").mkdir(parents=True)
    (dist / "index.html").write_text("<!doctype html>")
    (dist / "assets" / "app.js").write_text("1")
    (root / "console" / "secret.txt").write_text("no")
    running = start(root, REGION="cn-north-1", PARTITION="aws-cn", TILES=TILES, ATTRIBUTION="© them")
    assert running.process.poll() is None, running.log.read_text()
    yield running
    stop(running)


def test_config_says_where_everything_is(china: Running) -> None:
    port = china.base.rpartition(":")[2]
    assert china.ask("/config.json").json == {
        "apis": dict.fromkeys(("pipeline", "accounts", "tasks"), china.base),
        "live": f"ws://127.0.0.1:{port}/v1/live",
        "fleet": "demo",
        "map": {"tiles": TILES, "style": None, "attribution": "© them"},
    }


@pytest.mark.parametrize(
    ("path", "content_type"),
    [("/", "text/html"), ("/index.html", "text/html"), ("/assets/app.js", "text/javascript")],
)
def test_files_come_with_their_type_under_a_strict_policy(
    china: Running, path: str, content_type: str
) -> None:
    reply = china.ask(path)
    assert reply.status == 200
    assert reply.headers["content-type"] == f"{content_type}; charset=utf-8"
    policy = dict(part.split(" ", 1) for part in reply.headers["content-security-policy"].split("; "))
    assert policy["default-src"] == "'none'"
    files = f"{china.state['aws_endpoint']}/milepost-dev-pipeline-files/"
    assert policy["img-src"] == f"'self' data: {files} https://tiles.example"
    live = china.base.replace("http", "ws")
    assert policy["connect-src"] == f"'self' {live} {files} https://tiles.example"
    assert not [word for word in policy.values() if "unsafe" in word]
    assert china.ask(path, "HEAD").body == b""


@pytest.mark.parametrize(
    "path", ["/../secret.txt", "/%2e%2e/secret.txt", "/assets/../../secret.txt", "/assets"]
)
def test_nothing_beside_the_console_is_served(china: Running, path: str) -> None:
    connection = http.client.HTTPConnection(china.base.removeprefix("http://"), timeout=10)
    connection.request("GET", path)  # as it stands: urllib would tidy the dots away
    assert connection.getresponse().status == 404
    connection.close()


def test_without_a_console_it_is_said_how_to_build_it(project: Running) -> None:
    reply = project.ask("/")
    assert reply.status == 404
    assert "make console" in reply.json["detail"]


def test_the_project_runs_in_china_as_it_is(china: Running) -> None:
    region = china.ask("/open/x?do=env").json["AWS_REGION"]
    assert region == "cn-north-1"
    route = china.ask("/second", Authorization="me").json["route"]
    assert route.startswith("arn:aws-cn:execute-api:cn-north-1:")
    record = {"Data": b"hello", "PartitionKey": "k"}
    china.client("kinesis").put_records(StreamName="milepost-dev-pipeline-Stream", Records=[record])
    until(lambda: china.lines("seen.jsonl"))
    assert china.lines("seen.jsonl")[0]["records"][0]["eventSourceARN"].startswith(
        "arn:aws-cn:kinesis:cn-north-1:"
    )
