"""Where ministack 1.5.33 differs from AWS in a way that matters here.

tests/local/runtime/test_emulator.py runs it without each patch and fails when the difference is gone.
"""

# ruff: noqa: SLF001 (patches reach inside)
from __future__ import annotations

import json
import re
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


def narrow_queries(dynamodb: Any) -> None:
    """A query of a table by a prefix looks at the items that have it. The emulator parses the condition anew
    for each item of the partition: 50 us each, while nobody else is answered.
    """
    query = dynamodb._query

    def narrowed(data: Any) -> Any:
        tables = SimpleNamespace(get=lambda name: _with_prefix(dynamodb, dynamodb._tables.get(name), data))
        return FunctionType(query.__code__, {**vars(dynamodb), "_tables": tables})(data)

    dynamodb._query = narrowed


_PREFIX = re.compile(r"begins_with\s*\(\s*([#\w]+)\s*,\s*(:\w+)\s*\)")


def _with_prefix(dynamodb: Any, table: Any, data: Any) -> Any:
    """The table with those items alone that a query can find; as it is where the query is another."""
    names, values = data.get("ExpressionAttributeNames") or {}, data.get("ExpressionAttributeValues") or {}
    condition = data.get("KeyConditionExpression") or ""
    asked = _PREFIX.search(condition)
    if table is None or asked is None or data.get("IndexName"):
        return table
    prefix = values.get(asked[2], {}).get("S")
    owner = dynamodb._extract_pk_from_condition(condition, values, names, table["pk_name"])
    if names.get(asked[1], asked[1]) != table["sk_name"] or prefix is None or owner is None:
        return table
    found = {sk: it for sk, it in table["items"].get(owner, {}).items() if sk.startswith(prefix)}
    return {**table, "items": {owner: found}}


def sweep_kinesis_seldom(kinesis: Any, clock: Callable[[], float] = time.monotonic) -> None:
    """Expired records and iterators are looked for every few seconds, not in every call.

    Each look walks all that is kept, so that calls would slow down with use.
    """
    kinesis._expire_iterators = _seldom(kinesis._expire_iterators, clock, lambda: "")
    kinesis._expire_records = _seldom(kinesis._expire_records, clock, lambda stream: stream["StreamARN"])


def hold_iterators(kinesis: Any) -> None:
    """Records that expire go from the front of a shard; its iterators go on where they were."""
    expire = kinesis._expire_records

    def expired(stream: Any) -> None:
        before = {name: len(shard["records"]) for name, shard in stream["shards"].items()}
        expire(stream)
        gone = {name: count - len(stream["shards"][name]["records"]) for name, count in before.items()}
        if any(gone.values()):
            for at in kinesis._shard_iterators.values():
                if at["stream_arn"] == stream["StreamARN"]:
                    at["position"] = max(0, at["position"] - gone.get(at["shard_id"], 0))

    kinesis._expire_records = expired


def keep_closed_shards(kinesis: Any) -> None:
    """A shard that was split or merged stays, closed: its records are read to the end, then its children's.

    ministack drops it, and its records with it. UpdateShardCount drops all; it is refused here.
    """
    kinesis._split_shard = _closing(kinesis, kinesis._split_shard, "ShardToSplit")
    kinesis._merge_shards = _closing(kinesis, kinesis._merge_shards, "ShardToMerge", "AdjacentShardToMerge")
    kinesis._update_shard_count = lambda _: kinesis.error_response_json(
        "InvalidArgumentException", "Not on the laptop: call SplitShard or MergeShards.", 400
    )
    kinesis._shard_out = _with_end(kinesis._shard_out)
    kinesis._route_to_shard = _to_open_shards(kinesis._route_to_shard)
    kinesis._get_records = _ending(kinesis, kinesis._get_records)


_END = "ending_sequence_number"


def _closing(kinesis: Any, reshard: Callable[..., Any], *names: str) -> Callable[..., Any]:
    def resharded(data: Any) -> Any:
        _, stream = kinesis._resolve_stream(data)
        shards = stream["shards"] if stream else {}
        parents = {data[name]: shards[data[name]] for name in names if data.get(name) in shards}
        if closed := [shard for shard, parent in parents.items() if _END in parent]:
            return kinesis.error_response_json("InvalidArgumentException", f"Closed: {closed}", 400)
        end = kinesis._next_sequence_number()
        answer = reshard(data)
        if answer[0] == 200:
            for shard, parent in parents.items():
                shards[shard] = {**parent, _END: end}
        return answer

    return resharded


def _with_end(describe: Callable[..., Any]) -> Callable[..., Any]:
    def described(shard_id: str, shard: Any) -> Any:
        said = describe(shard_id, shard)
        if _END in shard:
            said["SequenceNumberRange"]["EndingSequenceNumber"] = shard[_END]
        return said

    return described


def _to_open_shards(route: Callable[..., str]) -> Callable[..., str]:
    def routed(hash_key: int, stream: Any) -> str:
        still = {name: shard for name, shard in stream["shards"].items() if _END not in shard}
        return route(hash_key, {"shards": still})

    return routed


def _ending(kinesis: Any, get: Callable[..., Any]) -> Callable[..., Any]:
    """At the end of a closed shard there is no next iterator; its children are named instead."""

    def got(data: Any) -> Any:
        status, headers, body = get(data)
        at = kinesis._shard_iterators.get(data.get("ShardIterator"), {})
        shards = kinesis._streams[at["stream"]]["shards"] if status == 200 else {}
        shard = shards.get(at.get("shard_id"), {})
        if _END not in shard:
            return status, headers, body
        said = json.loads(body)
        if at["position"] + len(said["Records"]) < len(shard["records"]):
            return status, headers, body
        del said["NextShardIterator"]
        said["ChildShards"] = [
            {
                "ShardId": name,
                "ParentShards": parents,
                "HashKeyRange": kinesis._shard_out(name, child)["HashKeyRange"],
            }
            for name, child in shards.items()
            if at["shard_id"] in (parents := _parents(child))
        ]
        return kinesis.json_response(said)

    return got


def _parents(shard: Any) -> list[str]:
    both = (shard["parent_shard_id"], shard["adjacent_parent_shard_id"])
    return [parent for parent in both if parent]


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
