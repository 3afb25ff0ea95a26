"""Laptop stacks for the tests, without the demo fleet."""

from __future__ import annotations

import pytest

from local.child import Child, stack


@pytest.fixture(scope="session")
def running() -> Child:
    with stack(POLL_MS=50) as child:
        yield child


@pytest.fixture(scope="session")
def fast() -> Child:
    """Its clock runs sixty times as fast."""
    with stack(CLOCK="60x") as child:
        yield child
