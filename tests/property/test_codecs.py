"""Whatever can be a ping survives the wire, the chunk and the live item unchanged."""

from __future__ import annotations

import base64
import contextlib
import math
import struct
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.state import HEAD, HYPOTHESES, HYPOTHESIS, MatchState
from storage.live import Unreadable, from_item, read_items, to_item
from telemetry import columns, history
from telemetry.history import Sighting, Sightings
from telemetry.live import Live, Window, view
from telemetry.ping import MOCK, Ping
from telemetry.upload import CorruptUpload, Upload
from tests.matching import state
from tests.strategies import devices, names, pings, times_ms

GOLDEN = Path(__file__).parent.parent / "golden"


@given(st.lists(pings, min_size=1, max_size=80))
def test_columns_round_trip(block: list[columns.Ping]) -> None:
    data = columns.encode(block)
    assert columns.decode(data) == (block, len(data))


@given(names, names, devices, times_ms, st.lists(pings, min_size=1, max_size=20))
def test_upload_round_trip(fleet, courier, device, received, block) -> None:
    upload = Upload(fleet, courier, device, received, tuple(block))
    assert Upload.from_bytes(upload.to_bytes()) == upload


@given(st.lists(pings, min_size=1, max_size=5), st.data())
def test_a_cut_or_grown_upload_is_refused(block, data) -> None:
    raw = Upload("demo", "wang", "app", 0, tuple(block)).to_bytes()
    cut = data.draw(st.integers(0, len(raw) - 1))
    with pytest.raises(CorruptUpload):
        Upload.from_bytes(raw[:cut])
    with pytest.raises(CorruptUpload):
        Upload.from_bytes(raw + b"\0")


@given(st.binary(max_size=300))
def test_no_bytes_crash_the_decoder(raw: bytes) -> None:
    with contextlib.suppress(CorruptUpload):
        Upload.from_bytes(raw)


sightings = st.lists(st.builds(Sighting, device=devices, ping=pings), max_size=48)


@given(sightings)
def test_a_set_of_sightings_round_trips_and_packs_the_same_in_any_order(found) -> None:
    united = history.unite({}, found).sightings
    backwards = Sightings.of(reversed(list(united.values())))
    assert history.unpack(history.pack(united)) == united
    assert history.pack(backwards) == history.pack(united)


_SIZES = {
    "B": st.integers(0, 255),
    "H": st.integers(0, 2**16 - 1),
    "I": st.integers(0, 2**32 - 1),
    "d": st.floats(0, 2e9),
}
_HYPOTHESIS = struct.Struct("<" + "".join(code for _, code in HYPOTHESIS))
heads = st.fixed_dictionaries(
    {name: _SIZES[code] for name, code in HEAD if name not in {"format", "count"}}
    | {"reported": st.integers(0, HYPOTHESES - 1)}
)
hypotheses = st.lists(st.tuples(*(_SIZES[code] for _, code in HYPOTHESIS)), max_size=HYPOTHESES)


@st.composite
def _states(draw: st.DrawFn) -> MatchState:
    many = draw(hypotheses)
    head = state(count=len(many), **draw(heads)).raw[: -HYPOTHESES * _HYPOTHESIS.size]
    return MatchState.unpack(head + b"".join(_HYPOTHESIS.pack(*one) for one in many))


states = _states()


@given(states)
def test_match_state_round_trips_in_at_most_160_bytes(found: MatchState) -> None:
    assert MatchState.unpack(found.pack()) == found
    assert len(found.pack()) <= 160


@pytest.mark.parametrize("data", [b"", b"\x01" + bytes(53)])
def test_a_match_state_of_another_format_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="format"):
        MatchState.unpack(data)


windows = st.builds(Window, trip=names, route=names, start_ms=times_ms, end_ms=st.none() | times_ms)


@given(
    names,
    names,
    st.integers(0, 2**53),
    st.lists(windows, max_size=2),
    states,
    st.none() | pings,
    sightings,
    st.none() | st.integers(0, 2**32),
)
def test_live_item_round_trips(fleet, courier, version, rows, match, newest, found, expires) -> None:
    live = Live(
        fleet, courier, version, tuple(rows), "tr_1", match, 1234.5, newest, 17,
        history.unite({}, found).sightings, 3, expires,
    )  # fmt: skip
    assert from_item(to_item(live)) == live


def riding() -> Live:
    ping = Ping(1_795_492_800_000, 31_230_416, 121_473_701)
    rides = {"speed": 500, "cruise": 500, "moving": 255}
    match = state(rides, t=ping.t, along=25_000, confidence=204, count=1, pace=500)
    tail = Sightings.of([Sighting("app", ping._replace(t_ms=ping.t_ms + i)) for i in range(3)])
    window = Window("tr_1", "lap@1", ping.t_ms)
    return Live("demo", "wang", 7, (window,), "tr_1", match, 1234.5, ping, 17, tail, 3)


def told_or_shown(item: Any) -> bool:
    """Whether it can be read. What is shown of it must go into an answer with everybody else's."""
    other = replace(riding(), courier="li")
    found = read_items([item, to_item(other)])
    assert found.lives["demo/li"] == other
    assert (found.unreadable.keys() | found.lives.keys()) == {"demo/wang", "demo/li"}
    orjson.dumps([view(live, riding().match.t) for live in found.lives.values()])
    return not found.unreadable


@given(
    st.sampled_from(["progress", "tail", "windows", "trip", "version", "outside"]),
    st.integers(0, 400), st.binary(max_size=3), st.booleans(),
)  # fmt: skip
def test_a_damaged_live_item_is_told_or_can_be_shown_and_hides_no_other(name, at, other, cut) -> None:
    item = to_item(riding())
    ((kind, value),) = item[name].items()
    raw = value if kind == "B" else value.encode()
    at %= len(raw)
    torn = raw[:at] + other + (b"" if cut else raw[at + len(other) :])
    if kind == "N":
        torn = b"1.5" if cut else b"0"
    item[name] = {kind: torn if kind == "B" else torn.decode(errors="replace")}
    told_or_shown(item)


@pytest.mark.parametrize("length_m", [math.nan, math.inf, -1.0, 1e308])
def test_a_length_that_no_route_has_is_damage(length_m) -> None:
    item = to_item(replace(riding(), length_m=length_m))
    assert not told_or_shown(item)


@pytest.mark.parametrize(
    "row", ["tr_1", [], ["tr_1", "lap@1", None, None], ["tr_1", "lap@1", 1, "2"], [7, "lap@1", 1, 2]]
)
def test_a_window_of_other_values_is_damage(row) -> None:
    item = to_item(riding())
    item["windows"] = {"S": orjson.dumps([row]).decode()}
    assert not told_or_shown(item)


@pytest.mark.parametrize(
    "damage",
    [{"reported": 255}, {"reported": 6}, {"count": 7}, {"t": math.nan}, {"t": math.inf}, {"t": 1e300}],
)
def test_a_match_state_that_is_damaged_is_begun_anew(damage) -> None:
    item, names = to_item(riding()), [name for name, _ in HEAD]
    head = struct.Struct("<" + "".join(code for _, code in HEAD))
    raw = bytearray(item["progress"]["B"])
    at = len(raw) - len(riding().match.pack())
    fields = dict(zip(names, head.unpack_from(raw, at), strict=True)) | damage
    head.pack_into(raw, at, *fields.values())
    item["progress"]["B"] = bytes(raw)
    assert told_or_shown(item)
    assert from_item(item).match == MatchState()


def test_what_is_told_of_an_item_that_cannot_be_read_has_none_of_its_bytes() -> None:
    item = to_item(Live("demo", "wang", 7))
    item["tail"] = {"B": b"\x03\xff\xfe\xfd" + b"secret"}
    with pytest.raises(Unreadable) as refused:
        from_item(item)
    assert refused.value.reason.startswith("UnicodeDecodeError")
    assert "secret" not in str(refused.value)


def test_golden_upload() -> None:
    """The bytes of format version 1 never change: a stream holds a week of them."""
    block = (columns.Ping(1_795_492_800_000, 31_230_416, 121_473_701, 70, 40, 93),)
    block += (columns.Ping(1_795_492_810_000, 31_230_816, 121_473_601, -1, 42, 94),)
    upload = Upload("demo", "wang", "dv_1", 1_795_492_811_500, block)
    golden = base64.b64decode((GOLDEN / "upload-v1.b64").read_text())
    assert upload.to_bytes() == golden
    assert Upload.from_bytes(golden) == upload


def test_golden_upload_with_flags() -> None:
    """Of format version 2: one ping of the two is mock, and the battery is known."""
    block = (columns.Ping(1_795_492_800_000, 31_230_416, 121_473_701, 70, 40, 93),)
    block += (columns.Ping(1_795_492_810_000, 31_230_816, 121_473_601, -1, 42, 94, MOCK),)
    upload = Upload("demo", "wang", "dv_1", 1_795_492_811_500, block, 81)
    golden = base64.b64decode((GOLDEN / "upload-v2.b64").read_text())
    assert upload.to_bytes() == golden
    assert Upload.from_bytes(golden) == upload


def test_a_battery_is_one_byte_of_version_2() -> None:
    block = (columns.Ping(1_795_492_800_000, 31_230_416, 121_473_701, 70, 40, 93),)
    known = Upload("demo", "wang", "dv_1", 1_795_492_811_500, block, 81)
    raw, plain = known.to_bytes(), replace(known, battery=None).to_bytes()
    assert (raw[0], len(raw)) == (2, len(plain) + 1)
    assert Upload.from_bytes(raw) == known
    with pytest.raises(CorruptUpload, match="battery of 101"):
        Upload.from_bytes(raw.replace(b"\x51", b"\x65", 1))


@given(st.lists(pings.map(lambda ping: ping._replace(flags=0)), min_size=1, max_size=20))
def test_pings_without_flags_have_the_bytes_of_version_1(block) -> None:
    raw = Upload("demo", "wang", "app", 0, tuple(block)).to_bytes()
    assert (raw[0], columns.flagged(columns.encode(block))) == (1, False)
    mock = [*block[:-1], block[-1]._replace(flags=MOCK)]
    assert Upload("demo", "wang", "app", 0, tuple(mock)).to_bytes()[0] == 2
    assert len(columns.encode(mock)) == len(columns.encode(block)) + len(block)


def test_a_live_item_of_the_code_before_has_no_doubts() -> None:
    live = Live("demo", "wang", 7, mock=3, implausible=2)
    item = to_item(live)
    assert from_item(item) == live
    del item["mock"], item["implausible"]
    assert (from_item(item).mock, from_item(item).implausible) == (0, 0)


def test_a_match_state_of_the_code_before_is_begun_anew() -> None:
    """Else an update would set every running trip aside."""
    live = Live("demo", "wang", 7, length_m=1234.5, floor_ms=9)
    packed = live.pack_progress()
    older = packed[: -len(live.match.pack())] + bytes([2]) + bytes(35)
    assert Live.unpack_progress(older) == Live.unpack_progress(packed)
