"""Imports are followed by reading, through the project's own packages only."""

from __future__ import annotations

from pathlib import Path

import pytest

from local.trouble import Trouble
from tools.imports import closure


@pytest.fixture
def project(tmp_path):
    """write({"a/b.py": "import x"}) → the project's root; folders become packages."""

    def write(files: dict[str, str]) -> Path:
        for name, text in files.items():
            file = tmp_path / name
            file.parent.mkdir(parents=True, exist_ok=True)
            for folder in (*file.relative_to(tmp_path).parents,)[:-1]:
                (tmp_path / folder / "__init__.py").touch()
            file.write_text(text)
        return tmp_path

    return write


def names(root: Path, module: str) -> set[str]:
    return {file.relative_to(root).as_posix() for file in closure(root, module).files}


def test_modules_come_with_the_packages_around_them(project) -> None:
    root = project(
        {"app/step/handler.py": "from lib import a\nimport lib.deep.b", "lib/a.py": "", "lib/deep/b.py": ""}
    )
    assert names(root, "app.step.handler") == {
        "app/__init__.py", "app/step/__init__.py", "app/step/handler.py",
        "lib/__init__.py", "lib/a.py", "lib/deep/__init__.py", "lib/deep/b.py",
    }  # fmt: skip


def test_what_is_not_imported_stays_behind(project) -> None:
    root = project({"app/handler.py": "from lib.a import thing", "lib/a.py": "thing = 1", "lib/other.py": ""})
    assert "lib/other.py" not in names(root, "app.handler")


def test_imports_inside_functions_count_and_those_for_the_type_checker_do_not(project) -> None:
    text = """
from typing import TYPE_CHECKING
if TYPE_CHECKING:
    import lib.types
    import stubs
else:
    import lib.real
def late():
    import lib.late
"""
    root = project({"app/handler.py": text, "lib/types.py": "", "lib/real.py": "", "lib/late.py": ""})
    found = names(root, "app.handler")
    assert {"lib/real.py", "lib/late.py"} <= found
    assert "lib/types.py" not in found
    assert closure(root, "app.handler").packages == {}


def test_packages_are_told_with_the_file_and_line_that_want_them(project) -> None:
    root = project(
        {"app/handler.py": "import json\nimport lib.a", "lib/a.py": "\n\nfrom google.protobuf import message"}
    )
    assert closure(root, "app.handler").packages == {"google.protobuf": (root / "lib/a.py", 3)}


def test_circles_end(project) -> None:
    root = project({"app/handler.py": "import lib.a", "lib/a.py": "import lib.b", "lib/b.py": "import lib.a"})
    assert {"lib/a.py", "lib/b.py"} <= names(root, "app.handler")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("\nimport lib.gone", r"app/handler\.py:2 imports lib\.gone, which is not there"),
        ("\n\nimport (", r"app/handler\.py:3 is not Python"),
        ("from . import step", r"app/handler\.py:1: write the import in full"),
        ("from .step import go", r"app/handler\.py:1: write the import in full"),
    ],
)
def test_what_cannot_be_followed_is_named(project, text, said) -> None:
    root = project({"app/handler.py": text, "lib/a.py": ""})
    with pytest.raises(Trouble, match=said):
        closure(root, "app.handler")


def test_a_handler_that_is_not_there_is_named(project) -> None:
    with pytest.raises(Trouble, match=r"no module app\.handler"):
        closure(project({"lib/a.py": ""}), "app.handler")
