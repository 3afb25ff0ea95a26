"""A worker of track as it starts, in an interpreter of its own: importing decides here."""

from __future__ import annotations

import subprocess
import sys

STORES = ("LIVE_TABLE", "WINDOWS_TABLE", "HISTORY_TABLE", "TRIPS_TABLE", "DATA_BUCKET")
ENV = dict.fromkeys(STORES, "some") | {
    "LIVE_WRITES": "batch", "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_ACCESS_KEY_ID": "none", "AWS_SECRET_ACCESS_KEY": "none",
}  # fmt: skip
START = """
import gc, sys
from processors.track import handler
print(gc.isenabled(), gc.get_freeze_count() > 0)
handler.wire(handler.log)
print(gc.isenabled(), gc.get_freeze_count() > 0)
print("numpy" in sys.modules)
"""


def test_it_starts_without_numpy_and_with_the_collector_at_rest() -> None:
    done = subprocess.run([sys.executable, "-c", START], env=ENV, check=True, capture_output=True, text=True)
    assert done.stdout.split("\n") == ["False False", "True True", "False", ""]
