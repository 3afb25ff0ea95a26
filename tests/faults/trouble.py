"""What befalls the stream: shards split and merge, records come that are no uploads, some are given up."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from storage.aggregation import pack, take_apart
from storage.stream import Plain
from telemetry.ping import Ping
from telemetry.upload import CorruptUpload, Upload
from tests.faults.hooks.deadly import CRASHES, HANGS
from tests.faults.injected import Injected
from tests.faults.observe import failed
from tests.faults.senders import Bulk
from tests.faults.stage import Stage
from tests.faults.truth import FLEET, Truth

_TURNS = ("split", "undecodable", "crash", "merge", "corrupt", "hang")


class Trouble:
    def __init__(self, stage: Stage, bulk: Bulk, truth: Truth, injected: Injected) -> None:
        self._stage, self._bulk, self._truth, self._injected = stage, bulk, truth, injected
        self._copies: set[str] = set()

    async def follow(self, progress: Callable[[], float], times: int) -> None:
        """One thing after the other, `times` of each kind, spread over the run. progress: 0..1."""
        many = times * len(_TURNS)
        for n in range(many):
            while progress() < 0.85 * (n + 1) / many:  # noqa: ASYNC110 (senders count)
                await asyncio.sleep(0.05)
            await self._one(_TURNS[n % len(_TURNS)], n)

    async def _one(self, what: str, n: int) -> None:
        match what:
            case "split" | "merge":
                await self._reshard(what)
            case "undecodable":
                await self._poison("undecodable record", b"\x09chaos %d" % n)
            case "corrupt":
                (record,) = pack([Upload(FLEET, f"nobody-{n}", "app", 0, (Ping(1, 2, 3),))] * 3)
                data = record.data
                await self._poison("corrupt aggregate", data[:-20] + bytes([data[-20] ^ 1]) + data[-19:])
            case "crash" | "hang":
                kind = "crashing record" if what == "crash" else "hanging record"
                data = (CRASHES if what == "crash" else HANGS) + b" %d" % n
                self._truth.deadly.append(data)
                self._injected.add(kind)
                await self._bulk.records([Plain(f"{FLEET}/deadly-{n}", data)])

    async def _poison(self, kind: str, data: bytes) -> None:
        self._truth.poison.append(data)
        self._injected.add(kind)
        await self._bulk.records([Plain(f"{FLEET}/{len(self._truth.poison)}", data)])

    async def _reshard(self, what: str) -> None:
        stream, aws = self._bulk.stream, self._stage.aws
        listed = (await aws.call("Kinesis_20131202.ListShards", {"StreamName": stream}))["Shards"]
        still = [s for s in listed if "EndingSequenceNumber" not in s["SequenceNumberRange"]]
        still.sort(key=lambda s: int(s["HashKeyRange"]["StartingHashKey"]))
        if what == "split":
            low, high = (int(still[0]["HashKeyRange"][f"{e}HashKey"]) for e in ("Starting", "Ending"))
            self._injected.add("shard split")
            ask = {"ShardToSplit": still[0]["ShardId"], "NewStartingHashKey": str((low + high) // 2)}
            await aws.call("Kinesis_20131202.SplitShard", {"StreamName": stream, **ask})
        else:
            self._injected.add("shards merged")
            ask = {"ShardToMerge": still[0]["ShardId"], "AdjacentShardToMerge": still[1]["ShardId"]}
            await aws.call("Kinesis_20131202.MergeShards", {"StreamName": stream, **ask})

    async def given_up(self) -> list[bytes]:
        """Records that were given up, from their copies. Good ones are put again: they come late."""
        found = await asyncio.to_thread(failed, self._stage, self._copies)
        for record in found:
            self._injected.add("record given up")
            self._stage.delivered.open.discard(record.sequence)
            if not record.data.startswith((CRASHES, HANGS)):
                self._truth.disorder(_couriers(record.data))
                await self._bulk.records([Plain(record.key, record.data)])
        return [record.data for record in found]


def _couriers(data: bytes) -> set[str]:
    try:
        return {Upload.from_bytes(part).key for part in take_apart(data)}
    except CorruptUpload:
        return set()
