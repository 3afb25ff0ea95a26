"""What other commands (`milepost token`) need to find a running runtime: `.milepost/run/<port>.json`."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import orjson

from local.bus import api as bus
from local.resources import SIGNING_KEYS
from local.settings import FLEET, STAGE, Settings
from local.timers import api as scheduler
from telemetry.clock import Course


@contextmanager
def announced(settings: Settings, aws_endpoint: str, course: Course) -> Iterator[None]:
    """The file, readable by its owner only, for as long as the runtime runs."""
    file = settings.state / "run" / f"{settings.port}.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.unlink(missing_ok=True)
    state = {
        "base": settings.base,
        "aws_endpoint": aws_endpoint,
        "region": settings.region,
        "stage": STAGE,
        "signing_keys": SIGNING_KEYS,
        "fleet": FLEET,
        "clock": str(course),
        "scheduler_endpoint": f"{settings.base}{scheduler.PATH}",
        "bus_endpoint": f"{settings.base}{bus.PATH}",
    }
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as opened:
        opened.write(orjson.dumps(state, option=orjson.OPT_INDENT_2))
    try:
        yield
    finally:
        file.unlink(missing_ok=True)
