"""What the console knows of the server's tables is what they are."""

from __future__ import annotations

import re
from pathlib import Path

from stacks.accounts.devices.setup import APPS
from stacks.tasks.notify.events import EVENTS
from telemetry.alerts import KINDS, THRESHOLDS
from telemetry.names import ROLES

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "console" / "src"


def constant(file: str, name: str) -> str:
    """What stands between its brackets."""
    found = re.search(
        rf"const {name} = ([\[{{].*?\n?[\]}}]) as const", (SOURCE / file).read_text(), re.DOTALL
    )
    assert found, f"{file} has no constant {name}"
    return found[1]


def strings(file: str, name: str) -> list[str]:
    return re.findall(r'"([^"]+)"', constant(file, name))


def test_kinds_and_roles() -> None:
    assert strings("core/alerts.ts", "KINDS") == list(KINDS)
    assert set(strings("people/people.ts", "ROLES")) == set(ROLES)


def test_thresholds() -> None:
    row = r'(\w+): \{ first: ([\d_]+), unit: "(.+?)", low: ([\d_]+), high: ([\d_]+) \}'
    rows = re.findall(row, constant("fleet/rules.ts", "THRESHOLDS"))
    told = {name: (int(first), unit, int(low), int(high)) for name, first, unit, low, high in rows}
    assert told == {name: it[:4] for name, it in THRESHOLDS.items()}


def test_types_of_events() -> None:
    assert set(strings("fleet/hooks.ts", "EVENTS")) == set(EVENTS)


def test_apps_in_the_order_of_their_document() -> None:
    apps = strings("people/people.ts", "APPS")
    assert set(apps) == set(APPS)
    table = re.findall(r"^\| \[.+?\]\(#([\w-]+)\)", (ROOT / "docs" / "apps.md").read_text(), re.MULTILINE)
    assert [app.replace("traccar", "traccar-client") for app in apps] == table
