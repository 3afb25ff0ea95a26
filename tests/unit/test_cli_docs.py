"""docs/cli.md lists every verb and every option, and none that there is not."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

import pytest

from cli.main import VERBS, parser

PAGE = (Path(__file__).parents[2] / "docs" / "cli.md").read_text()
SECTIONS = dict(re.findall(r"^## milepost (\S+)\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL))


def options(verb: str) -> dict[str, argparse.Action]:
    verbs = next(a for a in parser()._actions if isinstance(a, argparse._SubParsersAction))
    return options_of(verbs.choices[verb])


def options_of(one: argparse.ArgumentParser) -> dict[str, argparse.Action]:
    """Its own, and those of the commands below it."""
    found: dict[str, argparse.Action] = {}
    for action in one._actions:
        for below in action.choices.values() if isinstance(action, argparse._SubParsersAction) else ():
            found |= options_of(below)
        found |= {name: action for name in action.option_strings if name not in ("-h", "--help")}
    return found


def test_the_page_lists_the_verbs_that_there_are() -> None:
    assert list(SECTIONS) == list(VERBS)


@pytest.mark.parametrize("verb", VERBS)
def test_a_section_lists_the_options_that_there_are(verb: str) -> None:
    documented = re.findall(r"^- `(--[a-z-]+)", SECTIONS[verb], re.MULTILINE)
    assert sorted(documented) == sorted(options(verb))


@pytest.mark.parametrize("verb", VERBS)
def test_an_option_is_written_as_the_help_writes_it(verb: str) -> None:
    for name, action in options(verb).items():
        values = "{" + ",".join(action.choices) + "}" if action.choices else action.metavar or ""
        more = f" [{values} ...]" if action.nargs == "+" else ""
        assert f"- `{f'{name} {values}{more}'.strip()}`:" in SECTIONS[verb]
        assert action.help
