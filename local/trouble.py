"""What stops the runtime, as one sentence for the person who typed `make run`."""

from __future__ import annotations


class Trouble(Exception):
    """Its text says what is wrong, where, and what to do; it is printed without a traceback."""
