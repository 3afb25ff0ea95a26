"""`make build` on a small project: exact folders, nothing done twice, and what is missing is named."""

from __future__ import annotations

import sys
import zipfile
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from local.trouble import Trouble
from tools.build import Built, build

PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
TAG = f"cpython-{sys.version_info.major}{sys.version_info.minor}"

TEMPLATE = """
Globals: {{ Function: {{ Runtime: python{python} }} }}
Resources:
  AppOne:
    Type: AWS::Serverless::Function
    Properties: {{ CodeUri: .build/AppOne/, Handler: app.one.handler.handler }}
  AppTwo:
    Type: AWS::Serverless::Function
    Properties: {{ CodeUri: .build/AppTwo/, Handler: app.two.handler.handler }}
"""
FILES = {
    "app/__init__.py": "",
    "app/one/__init__.py": "",
    "app/one/handler.py": "import lib.maths\nimport tiny\n",
    "app/one/table.json": "{}",
    "app/two/__init__.py": "",
    "app/two/handler.py": "import tiny\n",
    "lib/__init__.py": "",
    "lib/maths.py": "",
    "lib/unused.py": "",
}


def wheel(folder: Path, tag: str = "py3-none-any") -> Path:
    """A package `tiny`, for platforms of this tag."""
    path = folder / f"tiny-1.0-{tag}.whl"
    about = f"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: {tag}\n"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("tiny/__init__.py", "")
        file.writestr("tiny/tests/test_tiny.py", "")
        file.writestr("tiny-1.0.data/scripts/tiny", "#!python\n")
        file.writestr("tiny-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\n")
        file.writestr("tiny-1.0.dist-info/WHEEL", about)
        file.writestr("tiny-1.0.dist-info/RECORD", "")
    return path


@pytest.fixture
def project(tmp_path):
    """make("a") → the root of a project; each has two functions and a package from a wheel of its own."""

    def make(name: str, tag: str = "py3-none-any") -> Path:
        root, tiny = tmp_path / name, wheel(tmp_path, tag)
        needs = {
            f"app/{one}/requirements.txt": f"# {one}\ntiny @ {tiny.as_uri()}\n" for one in ("one", "two")
        }
        for path, text in (FILES | needs | {"template.yaml": TEMPLATE.format(python=PYTHON)}).items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text)
        return root

    return make


def run(root: Path, arch: str = "x86_64") -> dict[str, Built]:
    return build(root, arch, Console(file=StringIO()))


def tree(folder: Path) -> dict[str, tuple[bytes, int, int]]:
    """Content, mode and time by path."""
    return {
        path.relative_to(folder).as_posix(): (path.read_bytes(), path.stat().st_mode, path.stat().st_mtime_ns)
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_a_folder_holds_what_is_needed_and_nothing_else(project) -> None:
    root = project("a")
    run(root)
    sources = {
        "app/__init__.py",
        "app/one/__init__.py",
        "app/one/handler.py",
        "lib/__init__.py",
        "lib/maths.py",
    }
    sources |= {"tiny/__init__.py"}
    compiled = {f"{Path(s).parent}/__pycache__/{Path(s).stem}.{TAG}.pyc" for s in sources}
    others = {"app/one/table.json", "tiny-1.0.dist-info/METADATA", "tiny-1.0.dist-info/WHEEL"}
    assert set(tree(root / ".build/AppOne")) == sources | compiled | others


def test_equal_sources_make_equal_folders(project) -> None:
    first, second = project("a"), project("b")
    run(first)
    run(second)
    for logical in ("AppOne", "AppTwo"):
        assert tree(first / ".build" / logical) == tree(second / ".build" / logical)


def test_only_what_changed_is_built_again(project) -> None:
    root = project("a")
    run(root)
    before = {name: (root / ".build" / name).stat().st_ino for name in ("AppOne", "AppTwo")}
    run(root)
    assert {name: (root / ".build" / name).stat().st_ino for name in before} == before
    (root / "lib/maths.py").write_text("half = 0.5\n")
    run(root)
    assert (root / ".build/AppOne").stat().st_ino != before["AppOne"]
    assert (root / ".build/AppTwo").stat().st_ino == before["AppTwo"]
    assert (root / ".build/AppOne/lib/maths.py").read_text() == "half = 0.5\n"


def test_a_build_that_failed_half_way_is_not_taken_for_the_one_before(project) -> None:
    root = project("a")
    run(root)
    (root / "lib/maths.py").write_text("half = 0.5\n")
    (root / "app/two/handler.py").write_text("import numpy\n")
    with pytest.raises(Trouble, match="numpy"):
        run(root)
    for path in ("lib/maths.py", "app/two/handler.py"):
        (root / path).write_text(FILES[path])
    run(root)
    assert (root / ".build/AppOne/lib/maths.py").read_text() == FILES["lib/maths.py"]


def test_equal_requirements_are_installed_once(project) -> None:
    root = project("a")
    run(root)
    assert len([*(root / ".cache/packages").iterdir()]) == 1
    one, two = (root / ".build" / name / "tiny/__init__.py" for name in ("AppOne", "AppTwo"))
    assert one.samefile(two)


def test_a_function_that_is_no_longer_deployed_goes(project) -> None:
    root = project("a")
    run(root)
    (root / "template.yaml").write_text(TEMPLATE.format(python=PYTHON).partition("  AppTwo:")[0])
    assert set(run(root)) == {"AppOne"}
    assert not (root / ".build/AppTwo").exists()


def test_a_package_that_no_requirement_brings_is_named_with_its_file(project) -> None:
    root = project("a")
    (root / "lib/maths.py").write_text("import math\nimport numpy\n")
    with pytest.raises(
        Trouble, match=r"lib/maths\.py:2 imports numpy, .* app/one/requirements\.txt .*AppOne"
    ):
        run(root)


def test_another_architecture_is_another_folder(project) -> None:
    root = project("a")
    x86, arm = run(root), run(root, "arm64")
    assert x86["AppOne"].key != arm["AppOne"].key
    with pytest.raises(Trouble, match="ARCH is sparc; it must be one of x86_64, arm64"):
        run(root, "sparc")


@pytest.mark.parametrize(("arch", "machine"), [("x86_64", "x86_64"), ("arm64", "aarch64")])
def test_packages_are_those_that_run_on_lambda(project, arch, machine) -> None:
    """Amazon Linux 2023 has glibc 2.34: what needs a newer one, or another processor, is refused."""
    assert set(run(project("a", f"py3-none-manylinux_2_28_{machine}"), arch)) == {"AppOne", "AppTwo"}
    other = {"x86_64": "aarch64", "aarch64": "x86_64"}[machine]
    for tag in (f"manylinux_2_35_{machine}", f"manylinux_2_28_{other}"):
        with pytest.raises(Trouble, match="could not be installed"):
            run(project(tag, f"py3-none-{tag}"), arch)


@pytest.mark.parametrize(
    ("was", "becomes", "said"),
    [
        (
            "AppOne:",
            "AppEins:",
            r"template\.yaml: Resources\.AppEins: its handler lies in app/one, so call it AppOne",
        ),
        (
            ".build/AppOne/",
            "app/one/",
            r"Resources\.AppOne: CodeUri must be the built folder, \.build/AppOne/",
        ),
        ("app.one.handler.handler", "app.none.handler.handler", r"no module app/none/handler\.py"),
        (f"python{PYTHON}", "nodejs22.x", r"Runtime must be such as python3\.13, not nodejs22\.x"),
    ],
)
def test_a_template_that_does_not_fit_its_folders_is_refused(project, was, becomes, said) -> None:
    root = project("a")
    (root / "template.yaml").write_text(TEMPLATE.format(python=PYTHON).replace(was, becomes, 1))
    with pytest.raises(Trouble, match=said):
        run(root)
