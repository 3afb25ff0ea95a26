"""Laptop stacks for the tests, without the demo fleet; and what goes with them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest

from cli import run_state
from local.child import Child, stack
from telemetry.clock import Course
from tests.local.receiver import Receiver

GRACE_S = 300
"""From a trip's end until it is settled, on the fast clock: five seconds."""


@pytest.fixture(scope="session")
def running() -> Iterator[Child]:
    with stack(POLL_MS=50) as child:
        yield child


@pytest.fixture(scope="session")
def fast() -> Iterator[Child]:
    """Its clock runs sixty times as fast; webhooks may lead to this machine."""
    with stack(CLOCK="60x", PARAMETERS=f"GraceSeconds={GRACE_S} PrivateWebhooks=allow") as child:
        yield child


@pytest.fixture(scope="session")
def clock(fast: Child) -> Callable[[], float]:
    """The time there, Unix seconds."""
    course = Course.parse(run_state.read(run_state.port_of(fast.base)).clock)
    return lambda: course.now_s(time.time())


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    with Receiver.serving() as receiver:
        yield receiver
