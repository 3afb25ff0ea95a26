"""The items of alerts in the tasks table: `al_…` an alert, `watch/<trip>` what the sweep remembers of a trip,
`rules` a fleet's rules.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

import msgspec
import orjson

from storage.alerts.model import Alert, Watch
from storage.items import unpack
from storage.tasks.model import Trip
from storage.tasks.rows import WATCH, listed, plain, trip_of, watch_key, watched
from telemetry.alerts import KINDS, THRESHOLDS, Rules

ALERT, RULES = "al_", "rules"
CLOSED_S = 180 * 86_400
"""How long a closed alert is kept [s]: as long as the trip's history."""

Row = dict[str, Any]
_FIELDS = [it.name for it in fields(Alert) if it.name not in {"fleet", "alert", "kind", "facts"}]


def alert_row(alert: Alert) -> Row:
    row: Row = {"fleet": alert.fleet, "item": alert.alert, "kind": "alert", "about": alert.kind}
    row |= {name: getattr(alert, name) for name in _FIELDS}
    row |= {"facts": orjson.dumps(alert.facts).decode(), "listed": listed(alert.fleet, "alert", alert.state)}
    return {name: value for name, value in row.items() if value is not None}


def alert_of(row: Mapping[str, Any]) -> Alert:
    """Raises whatever it meets in a row that is damaged, as all that read one."""
    found = {name: plain(row[name]) for name in _FIELDS if name in row}
    found |= {"fleet": row["fleet"], "alert": row["item"], "kind": row["about"]}
    return msgspec.convert(found | {"facts": orjson.loads(row["facts"])}, Alert)


def alert_of_image(image: Mapping[str, Any]) -> Alert:
    """From the typed NewImage or OldImage of the table's stream, of an item whose `kind` is alert."""
    return alert_of(unpack(image))


def watch_row(watch: Watch) -> Row:
    """Found in the index of the open trips for as long as it is not over."""
    row: Row = {"fleet": watch.fleet, "item": watch_key(watch.trip), "kind": "watch"}
    row |= {"open": dict(watch.open), "told": sorted(watch.told), "rev": watch.rev}
    return row if watch.over else row | {"watched": watched(watch.trip)}


def watch_of(row: Mapping[str, Any]) -> Watch:
    """A kind that has gone is kept: its alert is to be closed."""
    trip, open_ = row["item"].removeprefix(WATCH), msgspec.convert(row["open"], dict[str, str])
    told = msgspec.convert(row.get("told", [*open_, "arrived"]), frozenset[str])  # older rows did not say
    kinds: Any = open_, told
    return Watch(row["fleet"], trip, kinds[0], "watched" not in row, int(row["rev"]), kinds[1])


def watched_of(row: Mapping[str, Any]) -> Trip | Watch:
    """A row of the watch index."""
    return watch_of(row) if row["item"].startswith(WATCH) else trip_of(row)


def rules_row(fleet: str, rules: Rules) -> Row:
    row: Row = {"fleet": fleet, "item": RULES, "kind": "rules"}
    return row | {"kinds": sorted(rules.kinds)} | {name: getattr(rules, name) for name in THRESHOLDS}


def rules_of(row: Mapping[str, Any]) -> Rules:
    """A threshold that came later than the row has its default; a kind that has gone is left out."""
    kinds = frozenset(kind for kind in KINDS if kind in row["kinds"])
    return Rules(kinds, **{name: int(row[name]) for name in THRESHOLDS if name in row})
