"""Write each function folder's requirements.txt from uv.lock; with --check, say which are out of date."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def folders() -> dict[str, Path]:
    """Dependency group → folder: `ingest-receive` is ingest/receive."""
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text())["dependency-groups"]
    found = {group: ROOT.joinpath(*group.split("-", 1)) for group in groups}
    return {group: folder for group, folder in found.items() if "-" in group and folder.is_dir()}


def pinned(group: str) -> str:
    """The group's packages with versions, as uv.lock has them."""
    uv = Path(sys.executable).with_name("uv")
    flags = [
        "--frozen",
        "--only-group",
        group,
        "--no-hashes",
        "--no-annotate",
        "--no-header",
        "--no-emit-project",
    ]
    done = subprocess.run([uv, "export", "-q", *flags], cwd=ROOT, check=True, capture_output=True, text=True)
    return f"# From uv.lock by `make requirements`; the group is {group} in pyproject.toml.\n{done.stdout}"


def main() -> int:
    check, stale = "--check" in sys.argv, []
    for group, folder in folders().items():
        file, text = folder / "requirements.txt", pinned(group)
        if file.exists() and file.read_text() == text:
            continue
        stale.append(str(file.relative_to(ROOT)))
        if not check:
            file.write_text(text)
    if stale:
        print(f"{'out of date, run `make requirements`' if check else 'written'}: {', '.join(stale)}")
    return int(check and bool(stale))


if __name__ == "__main__":
    raise SystemExit(main())
