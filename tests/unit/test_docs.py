"""The pages say what is there: links, files, verbs, routes, messages and bytes."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path
from typing import Any

import pytest

from telemetry.frames import FIELDS
from telemetry.live import SILENT_S
from tests.schemas import operations

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
DECISIONS = sorted(DOCS.glob("decisions/[0-9]*.md"))
PAGES = [*sorted(DOCS.rglob("*.md")), ROOT / "CHANGELOG.md", ROOT / "README.md"]

FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
PATH = re.compile(r"`([\w.-]+/[\w./-]*)`")  # with a slash, no wildcard and nothing to fill in
MADE = (".build/", ".cache/", ".venv/", "console/dist/")  # by the verbs; not in a fresh clone
MAX_DECISION_LINES = 60


def prose(page: Path) -> str:
    """Without what stands in fences."""
    return FENCE.sub("", page.read_text())


def fences(page: Path, kind: str) -> list[str]:
    return [text for name, text in FENCE.findall(page.read_text()) if name == kind]


def anchors(page: Path) -> set[str]:
    """Of the headings, as they are commonly made: lower case, words joined by dashes."""
    headings = re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


def named(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_links_lead_somewhere(page) -> None:
    for link in LINK.findall(prose(page)):
        if "://" in link:
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_files_that_are_named_exist(page) -> None:
    tops = {path.name for path in ROOT.iterdir()}
    for path in PATH.findall(prose(page)):
        if path.partition("/")[0] in tops and not path.startswith(MADE):
            assert (ROOT / path).exists(), path


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_verbs_that_are_named_exist(page) -> None:
    verbs = set(re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE))
    told = re.findall(r"(?:`|^|')make ((?:[a-z-]+ ?)+)", page.read_text(), re.MULTILINE)
    assert {verb for words in told for verb in words.split()} <= verbs


def test_every_route_is_told() -> None:
    told = set(re.findall(r"`([A-Z]+ /v1/[^`?]*)`", (DOCS / "api.md").read_text()))
    assert told == set(operations())


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_json_is_json(page) -> None:
    for text in fences(page, "json"):
        json.loads(text)


def messages() -> list[dict[str, Any]]:
    return [json.loads(text) for text in fences(DOCS / "live.md", "json")]


def test_the_live_stream_s_messages_have_the_fields_that_are_sent() -> None:
    shown = [message for message in messages() if "couriers" in message]
    assert {message["type"] for message in shown} == {"snapshot", "update"}
    for message in shown:
        assert tuple(message["couriers"]) == FIELDS
        assert len({len(column) for column in message["couriers"].values()}) == 1
    assert {message.get("silent_after_s", SILENT_S) for message in shown} == {SILENT_S}


def test_the_wire_format_s_bytes_are_the_golden_ones() -> None:
    (text,) = fences(DOCS / "data.md", "hex")
    told = bytes.fromhex("".join(re.split(r" {2,}", line)[0] for line in text.splitlines()))
    assert told == base64.b64decode((ROOT / "tests/golden/upload-v1.b64").read_text())


def test_every_decision_is_listed_and_short() -> None:
    listed = re.findall(r"\((\d{4}-[\w-]+\.md)\)", (DOCS / "decisions/README.md").read_text())
    assert listed == [page.name for page in DECISIONS]
    numbers = [page.name.partition("-")[0] for page in DECISIONS]
    assert sorted(set(numbers)) == numbers
    for number, page in zip(numbers, DECISIONS, strict=True):
        assert page.read_text().startswith(f"# {number} ")
        assert len(page.read_text().splitlines()) <= MAX_DECISION_LINES, page.name
