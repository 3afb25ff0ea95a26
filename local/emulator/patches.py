"""Where ministack 1.5.33 differs from AWS in a way that matters here.

tests/local/test_emulator_patches.py runs it without each patch and fails when the difference is gone.
"""

# ruff: noqa: SLF001 (patches reach inside)
from __future__ import annotations

import threading
import time
from collections.abc import Callable
from types import FunctionType, SimpleNamespace
from typing import Any

from telemetry.clock import Course

SWEEP_S = 5.0


def emit_partiql_changes(dynamodb: Any) -> None:
    """INSERT, UPDATE and DELETE by PartiQL write stream records on AWS as other writes do."""
    for verb in ("insert", "update", "delete"):
        name = f"_partiql_{verb}"
        setattr(dynamodb, name, _emitting(dynamodb, getattr(dynamodb, name), insert=verb == "insert"))


def _emitting(dynamodb: Any, write: Callable[..., Any], *, insert: bool) -> Callable[..., Any]:
    def key(table: Any, parsed: Any) -> tuple[Any, Any]:
        if not insert:
            pk, sk, _, _ = dynamodb._partiql_key_target(table, parsed)
            return pk, sk
        item = parsed.get("item", {})
        item = item["M"] if set(item) == {"M"} else item
        sort = table["sk_name"]
        pk = dynamodb._extract_key_val(item.get(table["pk_name"]))
        return pk, dynamodb._extract_key_val(item.get(sort)) if sort else "__no_sort__"

    def written(table: Any, parsed: Any, *rest: Any) -> Any:
        pk, sk = key(table, parsed)
        old = table["items"].get(pk, {}).get(sk)
        answer = write(table, parsed, *rest)
        new = table["items"].get(pk, {}).get(sk)
        if answer[0] == 200 and (old or new):
            event = "REMOVE" if new is None else "INSERT" if old is None else "MODIFY"
            dynamodb._emit_stream_event(table["TableName"], event, old, new)
        return answer

    return written


def expire_by(dynamodb: Any, course: Course) -> None:
    """Items' TTL follows the laptop's clock, where that runs faster than the machine's."""
    shim = SimpleNamespace(
        time=lambda: course.now_s(time.time()), sleep=lambda s: time.sleep(max(s / course.times, 0.5))
    )
    reaper = FunctionType(dynamodb._ttl_reaper.__code__, {**vars(dynamodb), "time": shim})
    threading.Thread(target=reaper, daemon=True).start()


def sweep_kinesis_seldom(kinesis: Any, clock: Callable[[], float] = time.monotonic) -> None:
    """Expired records and iterators are looked for every few seconds, not in every call.

    Each look walks all that is kept, so that calls would slow down with use.
    """
    kinesis._expire_iterators = _seldom(kinesis._expire_iterators, clock, lambda: "")
    kinesis._expire_records = _seldom(kinesis._expire_records, clock, lambda stream: stream["StreamARN"])


def _seldom(
    act: Callable[..., None], clock: Callable[[], float], key: Callable[..., str]
) -> Callable[..., None]:
    due: dict[str, float] = {}

    def seldom(*args: Any) -> None:
        now, name = clock(), key(*args)
        if now >= due.get(name, 0.0):
            due[name] = now + SWEEP_S
            act(*args)

    return seldom
