"""The laptop stack as a child process: for tests, benchmarks and anything else that wants one of its own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cli.mint import sign

ROOT = Path(__file__).resolve().parent.parent
START_S = 180.0  # the first start installs the functions' requirements


class NotStarted(Exception):
    """The stack ended or stayed silent; the message carries what it said last."""


@dataclass(frozen=True, slots=True)
class Child:
    base: str
    pid: int
    log: Path

    def token(self, role: str, user: str | None = None) -> str:
        """As `milepost token` prints it."""
        return sign(int(self.base.rpartition(":")[2]), role, user or role)


@contextmanager
def stack(**settings: object) -> Iterator[Child]:
    """Run the stack on a free port until the block ends; `settings` are its environment (POLL_MS=1000).

    Raises NotStarted.
    """
    port = free_port()
    env = os.environ | {"DEMO": "0", "PORT": str(port)} | {k: str(v) for k, v in settings.items()}
    log = Path(tempfile.mkstemp(prefix="milepost-", suffix=".log")[1])
    with log.open("wb") as sink:
        process = subprocess.Popen(
            [sys.executable, "-m", "local"], cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=sink, text=True
        )
        assert process.stdout is not None  # noqa: S101 - a pipe was asked for
        ready = threading.Event()
        reader = threading.Thread(target=_read, args=(process, log, ready), daemon=True)
        reader.start()
        try:
            if not ready.wait(START_S) or process.poll() is not None:
                raise NotStarted(log.read_text(errors="replace")[-2000:])
            yield Child(f"http://127.0.0.1:{port}", process.pid, log)
        finally:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            reader.join(5)
            process.stdout.close()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _read(process: subprocess.Popen[str], log: Path, ready: threading.Event) -> None:
    """Keep what the stack prints; the line READY, or its end, wakes who waits."""
    assert process.stdout is not None  # noqa: S101 - see above
    with log.open("a") as sink:
        for line in process.stdout:
            sink.write(line)
            sink.flush()
            if line.startswith("READY "):
                ready.set()
    ready.set()
