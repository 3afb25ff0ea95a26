"""How `make validate` calls SAM: nobody's account, and nothing of the caller's."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.validate import validate

TELLS = """#!/bin/sh
echo "$@"; env
exit {code}
"""


@pytest.fixture
def sam(tmp_path):
    """command(code) → a program in sam's place that tells how it was called."""

    def command(code: int) -> Path:
        file = tmp_path / "sam"
        file.write_text(TELLS.format(code=code))
        file.chmod(0o755)
        return file

    return command


def test_the_callers_account_is_kept_out(sam, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "production")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "secret")
    finding = validate(sam(0), Path("template.yaml"), "cn-north-1", tmp_path)
    said = finding.said.splitlines()
    assert said[0] == "validate --lint --template-file template.yaml --region cn-north-1"
    assert {"AWS_DEFAULT_REGION=cn-north-1", "SAM_CLI_TELEMETRY=0", "AWS_ACCESS_KEY_ID=none"} <= set(said)
    assert not any(line.startswith(("AWS_PROFILE", "AWS_SESSION_TOKEN")) for line in said)
    assert finding.valid


def test_what_sam_refuses_is_not_valid(sam, tmp_path) -> None:
    assert not validate(sam(1), Path("template.yaml"), "us-east-1", tmp_path).valid
