"""The command's own behaviour: verbs, exits, and what it says when it cannot do its work."""

from __future__ import annotations

import argparse
import json

import pytest

from cli import common, run_state
from cli.main import main, parser
from cli.replay import options
from cli.replay.pace import Pace


def test_no_stack_on_the_port_is_a_sentence_on_stderr_and_nothing_on_stdout(capsys, monkeypatch) -> None:
    monkeypatch.setenv("PORT", "1")
    assert main(["token", "--role", "manager"]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert "No Milepost stack runs on port 1; start one with `make run PORT=1`" in said.err


@pytest.mark.parametrize("text", ["x", "0", "70000", "-1", "8080.5"])
def test_a_bad_port_is_named(text, capsys, monkeypatch) -> None:
    monkeypatch.setenv("PORT", text)
    assert main(["token", "--role", "admin"]) == 1
    assert f"PORT={text} is no port" in capsys.readouterr().err


@pytest.mark.parametrize("argv", [[], ["ride"], ["token"], ["token", "--role", "boss"]])
def test_a_wrong_call_ends_with_2(argv) -> None:
    with pytest.raises(SystemExit) as ended:
        main(argv)
    assert ended.value.code == 2


def test_a_run_state_is_read_as_the_runtime_writes_it(tmp_path) -> None:
    state = {
        "base": "http://127.0.0.1:8080",
        "aws_endpoint": "http://127.0.0.1:4566",
        "region": "us-east-1",
        "stage": "dev",
        "signing_keys": "/milepost/dev/signing-keys",
        "fleet": "demo",
    }
    (tmp_path / "8080.json").write_text(json.dumps(state))
    assert run_state.read(8080, tmp_path).signing_keys == "/milepost/dev/signing-keys"
    (tmp_path / "8081.json").write_text("{")
    with pytest.raises(run_state.NotRunning, match="is not what `make run` writes"):
        run_state.read(8081, tmp_path)


@pytest.mark.parametrize(
    ("base", "port"), [("http://127.0.0.1:81", 81), ("http://a", 80), ("https://a", 443)]
)
def test_the_port_of_an_address(base, port) -> None:
    assert run_state.port_of(base) == port


def test_the_base_loses_its_slash_and_must_be_an_address() -> None:
    assert common.base_of(argparse.Namespace(base="http://a:1/")) == "http://a:1"
    with pytest.raises(common.Failed, match="is no address"):
        common.base_of(argparse.Namespace(base="a:1"))


@pytest.mark.parametrize(("text", "seconds"), [("90", 90), ("90s", 90), ("1.5m", 90), ("2h", 7200)])
def test_durations(text, seconds) -> None:
    assert options._duration(text) == seconds


@pytest.mark.parametrize("text", ["", "0", "0m", "-1s", "1d", "m", "1e3", "inf"])
def test_what_is_no_duration(text) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="no duration"):
        options._duration(text)


@pytest.mark.parametrize("text", ["0x", "0.5x", "10", "x", "nanx", "infx", "fast", ""])
def test_what_is_no_pace(text) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="no pace"):
        options._pace(text)


@pytest.mark.parametrize("text", ["0", "-1", "nan", "inf", "x", ""])
def test_what_is_no_positive_number(text) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="no number above 0"):
        options._positive(text)


def test_a_replay_never_ends_in_the_future() -> None:
    assert Pace.parse("1x").start(1000.0, 600.0) == 1000.0
    assert Pace.parse("10x").start(1000.0, 600.0) == 460.0  # 540 s ahead of its 60 s on the wall
    assert Pace.parse("max").start(1000.0, 600.0) == 400.0


def test_help_of_all_verbs_imports_none(capsys) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    assert ended.value.code == 0
    said = capsys.readouterr().out
    assert all(verb in said for verb in ("token", "replay", "seed", "demo"))
    assert "--role" not in parser(()).format_help()


def test_replay_elsewhere_asks_for_a_token(capsys, monkeypatch) -> None:
    monkeypatch.delenv("MILEPOST_TOKEN", raising=False)
    assert main(["replay", "--base", "https://milepost.example"]) == 1
    assert "set MILEPOST_TOKEN to a token of an admin there" in capsys.readouterr().err


def test_replay_says_that_nobody_answers(capsys, monkeypatch) -> None:
    monkeypatch.setenv("MILEPOST_TOKEN", "token")
    assert main(["replay", "--base", "http://127.0.0.1:1"]) == 1
    assert "http://127.0.0.1:1 does not answer" in capsys.readouterr().err


def test_an_interval_is_no_shorter_than_times_can_tell_apart() -> None:
    assert options._interval("0.1") == 0.1
    with pytest.raises(argparse.ArgumentTypeError, match=r"below 0\.1 seconds"):
        options._interval("0.05")
