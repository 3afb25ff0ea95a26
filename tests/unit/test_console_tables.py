"""What the console knows of the server's tables is what they are."""

from __future__ import annotations

import re
from pathlib import Path

from stacks.accounts.devices.setup import APPS
from stacks.tasks.notify.events import EVENTS
from telemetry.alerts import KINDS, THRESHOLDS
from telemetry.names import ROLES
from tools.reasons import reasons

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


def test_every_reason_is_said_in_chinese_from_its_values() -> None:
    source = (SOURCE / "i18n/reasons.ts").read_text().partition("TYPES")[0]
    table = dict(re.findall(r'^  "?([a-z][a-z0-9-]*)"?:\s*"(.+)",$', source, re.MULTILINE))
    known = {it.code: set(it.holes) for it in reasons()}
    assert set(table) == set(known)
    for code, sentence in table.items():
        assert re.search(r"[\u4e00-\u9fff]", sentence), code
        assert set(re.findall(r"\{(\w+)", sentence)) <= known[code], code
