"""DynamoDB's sizes and units, against the examples of AWS's developer guide."""

from __future__ import annotations

import base64

import pytest

from cli.cost.cloud.sizes import item_bytes, number_bytes, read_units, write_units

KB = 1024


@pytest.mark.parametrize(
    ("item", "size"),
    [
        ({}, 0),
        ({"name": {"S": "Wang"}}, 4 + 4),
        ({"城市": {"S": "上海"}}, 6 + 6),
        ({"blob": {"B": base64.b64encode(b"12345").decode()}}, 4 + 5),
        ({"blob": {"B": base64.b64encode(b"1234").decode()}}, 4 + 4),
        ({"blob": {"B": base64.b64encode(b"123").decode()}}, 4 + 3),
        ({"on": {"BOOL": True}, "no": {"NULL": True}}, 2 + 1 + 2 + 1),
        ({"empty": {"L": []}}, 5 + 3),
        ({"empty": {"M": {}}}, 5 + 3),
        ({"list": {"L": [{"S": "ab"}, {"BOOL": False}]}}, 4 + 3 + (1 + 2) + (1 + 1)),
        ({"map": {"M": {"a": {"S": "bc"}}}}, 3 + 3 + (1 + 1 + 2)),
        ({"set": {"SS": ["ab", "c"]}, "nums": {"NS": ["1", "20"]}}, 3 + 3 + 4 + 2 + 2),
    ],
)
def test_item_sizes(item, size) -> None:
    assert item_bytes(item) == size


@pytest.mark.parametrize(
    ("number", "size"),
    [
        ("0", 1),
        ("7", 2),
        ("27", 2),
        ("270", 2),  # trailing zeroes are trimmed
        ("0.0027", 2),  # and leading ones
        ("271", 3),
        ("-27", 3),
        ("1795492800123", 8),
        ("9" * 38, 20),
        ("-" + "9" * 38, 21),  # AWS: a number takes at most 21 bytes
    ],
)
def test_number_sizes(number, size) -> None:
    assert number_bytes(number) == size


def test_a_type_that_is_not_there() -> None:
    with pytest.raises(ValueError, match="type X"):
        item_bytes({"a": {"X": ""}})


def test_reads_as_the_guide_counts_them() -> None:
    assert read_units(round(3.5 * KB), consistent=True) == 1
    assert read_units(10 * KB, consistent=True) == 3
    assert read_units(8 * KB, consistent=True) == 2
    assert read_units(8 * KB, consistent=False) == 1
    assert read_units(8 * KB, consistent=True, transaction=True) == 4
    # BatchGetItem of 1.5 KB and 6.5 KB is 4 KB + 8 KB, not 8 KB.
    assert sum(read_units(round(kb * KB), consistent=True) for kb in (1.5, 6.5)) == 3
    # A query of items of 40.8 KB together is 44 KB.
    assert read_units(round(40.8 * KB), consistent=True) == 11
    assert read_units(0, consistent=True) == 1
    assert read_units(0, consistent=False) == 0.5


def test_writes_as_the_guide_counts_them() -> None:
    assert write_units(500) == 1
    assert write_units(KB) == 1
    assert write_units(KB + 1) == 2
    assert write_units(round(1.5 * KB)) == 2
    # BatchWriteItem of 500 bytes and 3.5 KB is 1 KB + 4 KB.
    assert write_units(500) + write_units(round(3.5 * KB)) == 5
    assert write_units(3 * KB, transaction=True) == 6
    assert write_units(0) == 1  # what is not there, or a condition that fails on it
