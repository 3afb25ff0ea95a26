"""More of anything never costs less; items never weigh less with more in them."""

from __future__ import annotations

import base64

from hypothesis import given
from hypothesis import strategies as st

from cli.cost.bill import APART, MODES, PARTS, priced, total
from cli.cost.cloud.sizes import item_bytes, number_bytes, read_units, write_units
from cli.cost.prices import read
from tests.costs import bill

NAMES = (
    "http.requests", "http.answer_bytes", "websocket.messages", "websocket.bytes", "log.access_bytes",
    "log.access_lines", "lambda.invocations.IngestAuthorize", "lambda.gb_s.IngestAuthorize",
    "lambda.invocations.IngestReceive", "lambda.gb_s.IngestReceive", "lambda.gb_s.ProcessorsTrack",
    "lambda.gb_s.ProcessorsFanout", "lambda.invocations.ProcessorsFanout", "kinesis.records",
    "kinesis.bytes", "kinesis.billed_bytes", "kinesis.put_units", "dynamodb.write_units.LiveTable",
    "dynamodb.read_units.LiveTable", "dynamodb.read_units.WindowsTable",
    "dynamodb.write_units.HistoryTable", "dynamodb.read_units.HistoryTable",
    "dynamodb.stored_bytes.HistoryTable", "dynamodb.read_units.ConnectionsTable", "s3.puts", "s3.gets",
    "kms.requests",
)  # fmt: skip
COUNTS = st.dictionaries(st.sampled_from(NAMES), st.floats(0, 1e7))
US = read()["us-east-1"]


@given(COUNTS, st.sampled_from(NAMES), st.floats(1e3, 1e9), st.sampled_from(MODES))
def test_more_of_anything_never_costs_less(counts, name, more, mode) -> None:
    before, after = (
        priced(bill(counts | {name: n}).lines(mode), US)
        for n in (counts.get(name, 0.0), counts.get(name, 0.0) + more)
    )
    for part in (*PARTS, *APART):
        assert after[part].amount >= before[part].amount
    # On demand, records are billed by their bytes alone; provisioned, capacity comes in whole units.
    unbilled = {"kinesis.records", "kinesis.put_units"}
    if name not in unbilled and (mode == "on-demand" or not name.startswith(("kinesis.", "dynamodb."))):
        assert total(after, PARTS + APART).amount > total(before, PARTS + APART).amount


@given(COUNTS, st.sampled_from(MODES))
def test_the_parts_are_the_whole_and_nothing_is_lost(counts, mode) -> None:
    lines = list(bill(counts).lines(mode))
    costs = priced(lines, US)
    assert set(costs) == {*PARTS, *APART}
    whole = sum(US.cost(line.price, line.quantity) or 0 for line in lines)
    assert abs(total(costs, PARTS + APART).amount - whole) <= 1e-9 * max(whole, 1)


VALUES = st.recursive(
    st.one_of(
        st.builds(lambda text: {"S": text}, st.text()),
        st.builds(lambda data: {"B": base64.b64encode(data).decode()}, st.binary()),
        st.builds(lambda number: {"N": str(number)}, st.integers(-(10**37), 10**37)),
        st.just({"BOOL": True}),
    ),
    lambda inner: st.one_of(
        st.builds(lambda parts: {"L": parts}, st.lists(inner, max_size=4)),
        st.builds(lambda parts: {"M": parts}, st.dictionaries(st.text(max_size=5), inner, max_size=4)),
    ),
    max_leaves=8,
)
ITEMS = st.dictionaries(st.text(min_size=1, max_size=8), VALUES, max_size=6)


@given(ITEMS, st.text(min_size=1, max_size=8), VALUES)
def test_an_attribute_more_weighs_its_name_and_value(item, name, value) -> None:
    without = {n: v for n, v in item.items() if n != name}
    more = item_bytes(without | {name: value}) - item_bytes(without)
    assert more == item_bytes({name: value}) >= len(name.encode())


@given(st.binary())
def test_binary_weighs_what_it_is_before_base64(data) -> None:
    assert item_bytes({"b": {"B": base64.b64encode(data).decode()}}) == 1 + len(data)


@given(st.integers(-(10**38) + 1, 10**38 - 1), st.integers(0, 20))
def test_a_number_takes_at_most_21_bytes_and_zeroes_none(number, zeroes) -> None:
    assert 1 <= number_bytes(str(number)) <= 21
    assert number_bytes(f"{number}e{zeroes}") == number_bytes(str(number))


@given(st.integers(0, 400_000), st.integers(0, 400_000))
def test_units_grow_with_size_and_splitting_never_saves(a, b) -> None:
    small, large = sorted((a, b))
    assert write_units(small) <= write_units(large) <= write_units(large, transaction=True)
    assert read_units(small, consistent=False) <= read_units(large, consistent=False)
    assert write_units(a + b) <= write_units(a) + write_units(b)
    assert read_units(a, consistent=False) * 2 == read_units(a, consistent=True)
