"""Starting, ending, and what is said when it cannot start."""

# ruff: noqa: S310 (our own server)
from __future__ import annotations

import asyncio
import os
import signal
import socket
import stat
import subprocess
import sys
import urllib.error
import urllib.request
from contextlib import suppress
from pathlib import Path

import pytest

from local.child import free_port
from local.logs import Log
from local.runtime import runtime
from local.settings import Settings
from local.trouble import Trouble
from tests.local.runtime.conftest import ROOT, Running, copy_project, start, stop, until

linux = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


def family(pid: int) -> set[int]:
    """A process and its descendants."""
    parents = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue
    found = {pid}
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    return found


def program(pid: int) -> str:
    with suppress(OSError):  # a worker may just have ended
        return Path(f"/proc/{pid}/cmdline").read_text()
    return ""


def listening(pids: set[int]) -> set[str]:
    """The addresses, as the kernel writes them, at which these processes listen."""
    sockets = set()
    for pid in pids:
        with suppress(OSError):  # a worker may just have ended
            for handle in Path(f"/proc/{pid}/fd").iterdir():
                sockets.add(str(handle.readlink()).removeprefix("socket:[").rstrip("]"))
    rows = [
        row.split()
        for table in ("tcp", "tcp6")
        for row in Path(f"/proc/net/{table}").read_text().splitlines()[1:]
    ]
    return {row[1].partition(":")[0] for row in rows if row[3] == "0A" and row[9] in sockets}


@pytest.fixture
def own(tmp_path: Path) -> Running:
    running = start(copy_project(tmp_path / "project"))
    yield running
    stop(running)


@linux
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_nothing_is_left_behind(own: Running, how: signal.Signals) -> None:
    assert own.ask("/open/x").status == 200
    children = family(own.process.pid) - {own.process.pid}
    assert len(children) >= 2
    assert listening(family(own.process.pid)) == {"0100007F"}
    file = own.root / ".milepost/run" / f"{own.base.rpartition(':')[2]}.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    emulator = own.state["aws_endpoint"]
    own.process.send_signal(how)
    own.process.wait(10)
    until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in children), 5)
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(emulator, timeout=1)
    if how != signal.SIGKILL:
        assert not file.exists()
        assert "runtime  " not in own.log.read_text()


def test_ready_stands_alone_at_the_start_of_a_line(own: Running) -> None:
    assert f"READY {own.base}" in own.log.read_text().splitlines()


@linux
def test_the_runtime_does_not_outlive_its_store(own: Running) -> None:
    (emulator,) = [pid for pid in family(own.process.pid) if "local.emulator.launch" in program(pid)]
    os.kill(emulator, signal.SIGKILL)
    assert own.process.wait(10) == 1
    assert "The AWS emulator (ministack) ended" in own.log.read_text()


def run(root: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "local", str(root)]
    env = os.environ | settings
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=60, check=False)


def one_sentence(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 1
    assert "READY" not in done.stdout
    said = done.stderr.strip()
    assert "\n" not in said, said
    return said


def test_a_port_in_use(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert one_sentence(run(copy_project(tmp_path / "p"), PORT=str(port))).startswith(
            f"Port {port} is in use;"
        )


def test_a_wrong_setting(tmp_path: Path) -> None:
    assert one_sentence(run(tmp_path, PORT="eighty")).startswith("PORT=eighty is not a whole number")


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("template.yaml", "Resources:", "Resources: [", "template.yaml:15:9 is not valid YAML"),
        ("template.yaml", "!Ref Table,", "!Ref Tabel,", "Tabel is neither a resource nor a parameter"),
        (
            "template.yaml",
            "Handler: api.handler.handler",
            "Handler: api.handel.handler",
            "no module api/handel.py",
        ),
        ("template.yaml", "    Runtime: python3.13\n", "", "is not a valid SAM template"),
        (
            "template.yaml",
            "BatchSize: 10\n",
            "BatchSize: 10\n            TumblingWindowInSeconds: 1\n",
            "does not know TumblingW",
        ),
        ("api/openapi.yaml", "paths:", "paths: {", "openapi.yaml:"),
        (
            "api/openapi.yaml",
            "[{ gate: [] }]",
            "[{ gaet: [] }]",
            "GET /shut: there is no security scheme gaet",
        ),
        ("stacks/second/template.yaml", "gate-arn", "gaet-arn", "no stack before this one publishes"),
        ("api/requirements.txt", "#", "no-such-package-anywhere==1.0\n#", "could not be installed"),
    ],
)
def test_a_broken_project_is_said_in_one_sentence(
    tmp_path: Path, file: str, old: str, new: str, said: str
) -> None:
    root = copy_project(tmp_path / "p")
    text = (root / file).read_text()
    assert old in text
    (root / file).write_text(text.replace(old, new, 1))
    settings = Settings(root=root, port=free_port())

    async def start() -> None:
        async with runtime(settings, Log(colour=False, write=lambda _: None)):
            raise AssertionError

    with pytest.raises(Trouble) as trouble:
        asyncio.run(start())
    sentence = str(trouble.value)
    assert said in sentence
    assert str(root) in sentence
    assert "\n" not in sentence
