"""Pings on the wire: fixed-width columns (ours) against delta varints, in Python and through protobuf's C."""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable, Sequence
from itertools import accumulate, pairwise
from typing import Any, NamedTuple

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

from benchmarks.figures import line
from telemetry import columns
from telemetry.ping import Ping
from telemetry.upload import Upload

SIZES = (1, 6, 48)
_FIX = 6  # fields of a ping before its flags
BLOCKS = 400
ROUNDS = 15


class Codec(NamedTuple):
    name: str
    encode: Callable[[Sequence[Ping]], bytes]
    decode: Callable[[bytes], list[Ping]]


def ride(n: int, chance: random.Random) -> list[Ping]:
    """n pings, 10 s apart, of a scooter in a town: 2 to 12 m/s, now and then a turn or a wait."""
    t_ms, lat, lon = 1_795_492_800_000 + chance.randrange(86_400_000), 31.23, 121.47
    speed, heading = chance.uniform(2, 12), chance.uniform(0, 360)
    pings = []
    for _ in range(n):
        t_ms += 10_000 + chance.randrange(-400, 400)
        if chance.random() < 0.3:
            speed, heading = chance.choice([0.0, chance.uniform(2, 12)]), heading + chance.choice([-90, 90])
        lat += speed * 10 * math.cos(math.radians(heading)) / 111_320 + chance.gauss(0, 4e-5)
        lon += speed * 10 * math.sin(math.radians(heading)) / 95_200 + chance.gauss(0, 4e-5)
        accuracy = round(10 * chance.lognormvariate(2, 0.5))
        pings.append(
            Ping(t_ms, round(lat * 1e6), round(lon * 1e6), accuracy, round(speed * 10), round(heading) % 360)
        )
    return pings


def varint_encode(pings: Sequence[Ping]) -> bytes:
    """LEB128 by column: t, lat and lon as zigzag differences, the others plus one; no flags, of which columns
    write none either.
    """
    out = bytearray()
    put = out.append
    values = [len(pings)]
    for i, column in enumerate([*zip(*pings, strict=True)][:_FIX]):
        steps = (b - a for a, b in pairwise((0, *column))) if i < 3 else None
        values += [(d << 1) ^ (d >> 63) for d in steps] if steps else [v + 1 for v in column]
    for value in values:
        while value > 127:
            put(value & 127 | 128)
            value >>= 7  # noqa: PLW2901 - the shift is the algorithm
        put(value)
    return bytes(out)


def varint_decode(data: bytes) -> list[Ping]:
    values: list[int] = []
    value = shift = 0
    for byte in data:
        if byte > 127:
            value |= (byte & 127) << shift
            shift += 7
        else:
            values.append(value | byte << shift)
            value = shift = 0
    n = values[0]
    rows = [values[1 + i * n : 1 + (i + 1) * n] for i in range(_FIX)]
    deltas = [[*accumulate((z >> 1) ^ -(z & 1) for z in row)] for row in rows[:3]]
    return [Ping(*row) for row in zip(*deltas, *([v - 1 for v in row] for row in rows[3:]), strict=True)]


def protobuf() -> Codec:
    """The same differences as packed sint64 fields, read and written by protobuf's own C."""
    file = descriptor_pb2.FileDescriptorProto(name="codec.proto", syntax="proto3")
    block = file.message_type.add(name="Block")
    for number, field in enumerate(Ping._fields[:_FIX], 1):
        block.field.add(name=field, number=number, type="TYPE_SINT64", label="LABEL_REPEATED")
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    block_class: Any = message_factory.GetMessageClass(pool.FindMessageTypeByName("Block"))

    def encode(pings: Sequence[Ping]) -> bytes:
        t, lat, lon, *others, _flags = zip(*pings, strict=True)
        steps = [[b - a for a, b in pairwise((0, *c))] for c in (t, lat, lon)]
        return bytes(
            block_class(**dict(zip(Ping._fields[:_FIX], (*steps, *others), strict=True))).SerializeToString()
        )

    def decode(data: bytes) -> list[Ping]:
        got = block_class.FromString(data)
        steps = [accumulate(c) for c in (got.t_ms, got.lat_e6, got.lon_e6)]
        return [Ping(*row) for row in zip(*steps, got.accuracy_dm, got.speed_dmps, got.heading, strict=True)]

    return Codec("varints, protobuf's C", encode, decode)


CODECS = (
    Codec("fixed-width columns", columns.encode, lambda data: columns.decode(data)[0]),
    Codec("varints, Python", varint_encode, varint_decode),
    protobuf(),
)


def rates(acts: Sequence[tuple[Callable[[Any], object], Sequence[Any]]], pings: int) -> list[float]:
    """Pings a second of each, the best of rounds taken in turn, so that a busy machine is fair to all."""
    best = [math.inf] * len(acts)
    for _ in range(ROUNDS):
        for i, (act, inputs) in enumerate(acts):
            start = time.process_time()
            for one in inputs:
                act(one)
            best[i] = min(best[i], time.process_time() - start)
    return [pings / seconds for seconds in best]


def run() -> None:
    print("codec: pings on the wire                            bytes/ping        encode/s        decode/s")
    chance = random.Random(1)  # noqa: S311 - the same rides every time
    for n in SIZES:
        blocks = [ride(n, chance) for _ in range(BLOCKS * 6 // n + 1)]
        packed = [[codec.encode(block) for block in blocks] for codec in CODECS]
        for codec, data in zip(CODECS, packed, strict=True):
            assert [codec.decode(block) for block in data] == blocks, codec.name  # noqa: S101
        total = n * len(blocks)
        encoded = rates([(codec.encode, blocks) for codec in CODECS], total)
        decoded = rates([(codec.decode, data) for codec, data in zip(CODECS, packed, strict=True)], total)
        for i, codec in enumerate(CODECS):
            size = sum(map(len, packed[i])) / total
            line(f"{codec.name}, n = {n}", f"{size:.1f}", f"{encoded[i]:,.0f}", f"{decoded[i]:,.0f}")
        ratios = (encoded[0] / encoded[1], decoded[0] / decoded[1])
        line("ratio, columns to varints in Python", "", *(f"{ratio:.1f} x" for ratio in ratios))
    record = Upload("demo", "courier-017", "app", 1_795_492_860_000, tuple(ride(6, chance))).to_bytes()
    line("a whole record of 6 pings: bytes", f"{len(record)}")
