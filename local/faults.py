"""Where a fault harness reaches into the runtime: `runtime(settings, log, faults)`.

An ordinary run has `NONE`, which puts nothing between the parts. What needs no place here: a shard is split
or merged by calling the emulator (SplitShard, MergeShards), AWS calls are delayed or refused by a proxy whose
address `variables` gives the workers, and a worker is killed by its id (`Pool.kill`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from local.sources.streams import Stream
from local.worker.answer import Invoke


def _as_it_is(part: Any) -> Any:
    return part


def _none(function: str, worker: int) -> Mapping[str, str]:  # noqa: ARG001
    return {}


@dataclass(frozen=True, slots=True)
class Faults:
    deliver: Callable[[Invoke], Invoke] = _as_it_is
    """Put around every delivery of an event source: it may wait, deliver twice or an old event again, or
    raise NotReached (throttled; or, while the function runs on, its answer lost: it is delivered again)."""
    stream: Callable[[Stream], Stream] = _as_it_is
    """Put around every stream that is read: it may raise AwsError (ExpiredIteratorException)."""
    variables: Callable[[str, int], Mapping[str, str]] = _none
    """Further environment variables of a worker, by its function's name and its id."""
    zombie_s: float = 0.0
    """How long a worker whose invocation has timed out runs on [s], at most until its handler comes back; its
    answer is not heard. AWS kills it, as 0 does, but what it had sent may land long after."""


NONE = Faults()
