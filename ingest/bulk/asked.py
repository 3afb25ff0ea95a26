"""Files that are put: how large one will be, which one is meant, and how it is shown."""

from __future__ import annotations

import re
from typing import Any

from storage.bulk_files import MAX_FILE, NAME, Place, Standing
from telemetry.api import Request
from telemetry.problem import BadRequest, NotFound


def size(request: Request) -> int:
    """Bytes. Raises BadRequest."""
    said = request.json()
    value = said.get("size") if isinstance(said, dict) else None
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value <= MAX_FILE:
        reason = f"must be the file's bytes as they will be sent, 1 to {MAX_FILE}"
        raise BadRequest(f"size {reason}.", [{"field": "size", "reason": reason}])
    return value


def name(request: Request) -> str:
    """Raises NotFound for what is no file's name."""
    said = request.path["file"]
    if not re.match(NAME, said):
        raise NotFound("A file's name is as POST /v1/uploads/bulk/files answered, such as bf_….")
    return said


def placed(place: Place) -> dict[str, Any]:
    return {"file": place.name, "method": "PUT", "url": place.url, "headers": dict(place.headers)} | {
        "size": place.size,
        "expires_at": place.expires_at,
    }


def shown(name: str, standing: Standing) -> dict[str, Any]:
    said = {"file": name, "state": "received" if standing.received else "waiting"}
    if (summary := standing.summary) is None:
        return said
    return said | {
        "state": "done",
        "lines": summary.lines,
        "accepted": summary.accepted,
        "rejected": summary.rejected,
        "problem": summary.problem,
        "results": standing.results,
    }
