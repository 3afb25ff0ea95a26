"""A copy of the small project beside this file, run by the laptop runtime as its own process."""

# ruff: noqa: S310 (our own server)
from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

from local.child import free_port

ROOT = Path(__file__).parents[3]
PROJECT = Path(__file__).parent / "project"
OWN = ("events", "scheduler")


@dataclass
class Reply:
    status: int
    headers: Any
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Running:
    root: Path
    base: str
    process: subprocess.Popen[str]
    log: Path

    def ask(self, path: str, method: str = "GET", body: bytes | None = None, **headers: str) -> Reply:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        request = urllib.request.Request(self.base + path, body, named, method=method)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return Reply(answer.status, answer.headers, answer.read())
        except urllib.error.HTTPError as error:
            return Reply(error.code, error.headers, error.read())

    @property
    def state(self) -> dict[str, Any]:
        return json.loads((self.root / ".milepost/run" / f"{self.base.rpartition(':')[2]}.json").read_text())

    def client(self, service: str, settings: Config | None = None) -> Any:
        """Of the emulator, or of what the runtime answers itself."""
        own = f"{self.base}/_aws/{service}" if service in OWN else None
        return boto3.client(
            service,
            endpoint_url=own or self.state["aws_endpoint"],
            region_name=self.state["region"],
            aws_access_key_id="000000000000",
            aws_secret_access_key="local",
            config=Config(retries={"total_max_attempts": 1}).merge(settings or Config()),
        )

    def lines(self, name: str) -> list[Any]:
        file = self.root / name
        return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


def until(holds: Callable[[], Any], within_s: float = 10.0) -> Any:
    """Poll real processes until something holds; the last value is given back."""
    deadline = time.monotonic() + within_s
    while not (value := holds()) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert value, "it did not come to pass in time"
    return value


def copy_project(folder: Path) -> Path:
    """The project, sharing the environments of earlier runs."""
    shutil.copytree(PROJECT, folder, ignore=shutil.ignore_patterns("__pycache__"))
    envs = ROOT / ".milepost" / "envs"
    envs.mkdir(parents=True, exist_ok=True)
    (folder / ".milepost").mkdir()
    (folder / ".milepost" / "envs").symlink_to(envs)
    return folder


def start(root: Path, **settings: str) -> Running:
    port = free_port()
    env = os.environ | {"PORT": str(port)} | settings
    log = root / "log.txt"
    with log.open("w") as sink:
        process = subprocess.Popen(
            [sys.executable, "-m", "local", str(root)], cwd=ROOT, env=env, stdout=sink, stderr=sink, text=True
        )
    running = Running(root, f"http://127.0.0.1:{port}", process, log)
    until(lambda: "READY " in log.read_text() or process.poll() is not None, 120)
    return running


def stop(running: Running) -> None:
    running.process.send_signal(signal.SIGINT)
    try:
        running.process.wait(15)
    finally:
        running.process.kill()


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    running = start(copy_project(tmp_path_factory.mktemp("run") / "project"))
    try:
        assert running.process.poll() is None, running.log.read_text()
        yield running
    finally:
        stop(running)
