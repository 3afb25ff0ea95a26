"""`make bench`: every measurement, or those named: `python -m benchmarks latency throughput`."""

from __future__ import annotations

import importlib
import platform
import sys
from datetime import UTC, datetime

ALL = (
    "codec", "formats", "bulk", "sizes", "processor", "batch", "receive", "coldstart", "writes", "request",
    "claims", "sweep", "live", "throughput", "matcher", "near", "preview",
)  # fmt: skip


def main() -> int:
    wanted = sys.argv[1:] or ALL
    if unknown := set(wanted) - set(ALL):
        print(f"there is no benchmark {', '.join(sorted(unknown))}; there are {', '.join(ALL)}")
        return 2
    print(
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, Python {platform.python_version()}, {platform.machine()}\n"
    )
    for name in wanted:
        importlib.import_module(f"benchmarks.{name}").run()
        print()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
