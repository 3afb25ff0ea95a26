"""The environment variables of a worker: Lambda's, the template's, and little else."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass
from pathlib import Path

from local.faults import NONE, Faults
from local.functions import Function
from local.settings import ACCOUNT, HOST, SECRET
from telemetry.clock import Course


def told(course: Course) -> dict[str, str]:
    """What tells a child of the runtime how its clock runs; nothing where that is the machine's."""
    return {"MILEPOST_CLOCK": str(course)} if course.times != 1 else {}


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What every worker of a runtime is given."""

    root: Path
    runtime_client: Path
    aws_endpoint: str
    scheduler_endpoint: str
    bus_endpoint: str
    region: str
    course: Course
    faults: Faults = NONE


def variables(function: Function, around: Surroundings, port: int) -> dict[str, str]:
    """Nothing of the person's own environment but what finds programs and homes."""
    inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    major, minor, _ = platform.python_version_tuple()
    return {
        **inherited,
        "TZ": "UTC",
        "AWS_LAMBDA_RUNTIME_API": f"{HOST}:{port}",
        "AWS_LAMBDA_FUNCTION_NAME": function.name,
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory_mb),
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_EXECUTION_ENV": f"AWS_Lambda_python{major}.{minor}",
        "LAMBDA_TASK_ROOT": str(around.root),
        "_HANDLER": function.handler,
        "AWS_REGION": around.region,
        "AWS_DEFAULT_REGION": around.region,
        "AWS_ACCESS_KEY_ID": ACCOUNT,  # the emulator takes a number for the account
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_ENDPOINT_URL": around.aws_endpoint,
        "AWS_ENDPOINT_URL_SCHEDULER": around.scheduler_endpoint,
        "AWS_ENDPOINT_URL_EVENTBRIDGE": around.bus_endpoint,
        "AWS_EC2_METADATA_DISABLED": "true",
        **function.environment,
        **told(around.course),
        **around.faults.variables(function.name, port),
    }
