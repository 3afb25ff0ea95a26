"""What the verbs share: addresses, and how a verb gets a token."""

from __future__ import annotations

import argparse
import os
from typing import Protocol


class Mint(Protocol):
    def __call__(self, port: int, role: str, user: str) -> str:
        """A token for the laptop stack on `port`. Raises NotRunning."""


class Failed(Exception):
    """The verb cannot do its work: the message says what, where and what to do."""


def port() -> int:
    """$PORT, 8080 where it is not set. Raises Failed."""
    text = os.environ.get("PORT") or "8080"
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 65_535):
        raise Failed(f"PORT={text} is no port; give a number from 1 to 65535, for example PORT=8080.")
    return int(text)


def add_base(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--base", metavar="URL", help="the stack's address; default: the laptop's, http://127.0.0.1:$PORT"
    )


def base_of(args: argparse.Namespace) -> str:
    """Without a slash at its end. Raises Failed."""
    base = str(args.base or f"http://127.0.0.1:{port()}").rstrip("/")
    if not base.startswith(("http://", "https://")):
        raise Failed(f"--base {base} is no address; for example --base http://127.0.0.1:8080.")
    return base
