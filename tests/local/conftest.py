"""One laptop stack for the whole-flow tests, without the demo fleet."""

from __future__ import annotations

import pytest

from local.child import Child, stack


@pytest.fixture(scope="session")
def running() -> Child:
    with stack(POLL_MS=50) as child:
        yield child
