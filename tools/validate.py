"""`sam validate --lint` on every template, for a region of each partition, as `sam deploy` would read it.

SAM's command lives in an environment of its own below .cache/, so that its packages never meet ours; the
first run downloads it, later ones need no network. `--lint` asks AWS nothing. docs/deploy.md says what
it does not see.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import track

from local.environments import uv
from local.template.stacks import sources
from local.trouble import Trouble

ROOT = Path(__file__).resolve().parent.parent
SAM, VERSION = "aws-sam-cli", "1.170.0"
REGIONS = ("us-east-1", "cn-north-1")
_AT_ONCE = 2  # each takes a core for some seconds
_LIMIT_S = 600


@dataclass(frozen=True, slots=True)
class Finding:
    template: Path
    region: str
    valid: bool
    said: str


def sam(cache: Path) -> Path:
    """The command, installed where there is none. Raises Trouble."""
    home = cache / f"{SAM}-{VERSION}"
    command = home / SAM / "bin" / "sam"
    if command.exists():
        return command
    env = os.environ | {"UV_TOOL_DIR": str(home), "UV_TOOL_BIN_DIR": str(home / "bin")}
    install = [uv(), "tool", "install", "--quiet", "--python", sys.executable, f"{SAM}=={VERSION}"]
    done = _run(install, env)
    if done.returncode:
        said = " ".join(done.stderr.split())[-600:]
        raise Trouble(f"{SAM} {VERSION} could not be installed; it is needed once: {said}")
    return command


def validate(command: Path, template: Path, region: str, cache: Path) -> Finding:
    ask: list[str | Path] = [command, "validate", "--lint", "--template-file", template, "--region", region]
    done = _run(ask, _environment(region, cache / "sam"))
    return Finding(template, region, done.returncode == 0, (done.stdout + done.stderr).strip())


def _run(command: Sequence[str | Path], env: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(command, env=env, capture_output=True, text=True, timeout=_LIMIT_S, check=False)
    except subprocess.TimeoutExpired:
        raise Trouble(f"{' '.join(map(str, command))} took more than {_LIMIT_S} s.") from None


def _environment(region: str, home: Path) -> dict[str, str]:
    """Nobody's account: what SAM wants to know of one is made up. home: for what SAM keeps of itself."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "SAM_"))}
    return kept | {
        "AWS_ACCESS_KEY_ID": "none",
        "AWS_SECRET_ACCESS_KEY": "none",
        "AWS_DEFAULT_REGION": region,
        "AWS_EC2_METADATA_DISABLED": "true",
        "SAM_CLI_TELEMETRY": "0",
        "__SAM_CLI_APP_DIR": str(home),
    }


def _findings(root: Path) -> Iterator[Finding]:
    cache = root / ".cache"
    command = sam(cache)
    asked = [(template, region) for _, template in sources(root) for region in REGIONS]
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        found = pool.map(lambda ask: validate(command, ask[0], ask[1], cache), asked)
        yield from track(found, "sam validate --lint", total=len(asked), transient=True)


def main() -> int:
    console = Console(highlight=False)
    try:
        findings = list(_findings(ROOT))
    except Trouble as trouble:
        print(trouble, file=sys.stderr)
        return 1
    for finding in findings:
        verdict = "[green]valid[/]" if finding.valid else "[red]not valid[/]"
        console.print(f"{finding.template.relative_to(ROOT)} for {finding.region}: {verdict}")
        if not finding.valid:
            console.print(finding.said, markup=False)
    return int(not all(finding.valid for finding in findings))


if __name__ == "__main__":
    raise SystemExit(main())
