"""Alerts and rules as the API, the live stream and events show them. Times in Unix seconds."""

from __future__ import annotations

from typing import Any

from stacks.tasks.shown import seconds
from storage.alerts import Alert
from telemetry.alerts import KINDS, THRESHOLDS, Rules


def alert(it: Alert) -> dict[str, Any]:
    return {
        "alert": it.alert,
        "kind": it.kind,
        "state": it.state,
        "trip": it.trip,
        "task": it.task,
        "title": it.title,
        "route": it.route,
        "courier": it.courier,
        "raised_at": it.raised_ms / 1000,
        "closed_at": seconds(it.closed_ms),
        "acknowledged_at": seconds(it.acknowledged_ms),
        "acknowledged_by": it.acknowledged_by,
        "facts": dict(it.facts),
    }


def rules(it: Rules) -> dict[str, Any]:
    kinds = [kind for kind in KINDS if kind in it.kinds]
    return {"kinds": kinds} | {name: getattr(it, name) for name in THRESHOLDS}
