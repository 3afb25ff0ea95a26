"""Loaded by every worker of a harness run, through PYTHONPATH: records that crash or hang, planted defects.

Nothing of this is in the product: a worker without this folder on its path knows neither.
"""

from __future__ import annotations

import base64
import importlib
import os
import sys
import time
from typing import Any

sys.path.append(os.environ["HARNESS_ROOT"])  # last: a function sees its own dependencies first
from deadly import CRASHES, HANGS  # beside this file, on the same path


def _poisoned(handler: Any) -> Any:
    def poisoned(event: Any, context: Any) -> Any:
        for record in event.get("Records", ()):
            data = base64.b64decode(record.get("kinesis", {}).get("data", ""))
            if data.startswith(CRASHES):
                os._exit(3)
            if data.startswith(HANGS):
                time.sleep(3600)
        return handler(event, context)

    return poisoned


def _imported(name: str, *rest: Any) -> Any:
    module = _import(name, *rest)
    if name.endswith(".handler") and not hasattr(module, "_harness"):
        module._harness = True
        if planted := os.environ.get("HARNESS_PLANTED"):
            _import("tests.faults.planted").plant(planted)
        if name == "processors.track.handler":
            module.handler = _poisoned(module.handler)
    return module


_import, importlib.import_module = importlib.import_module, _imported
