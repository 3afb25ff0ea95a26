"""Batches, order and retries of one lane, with time given."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.sources.filters import fits
from local.sources.model import Batch, Failure, Lane, Record, Rules, Success, lane_of, outcome

NOW = 1000.0


def records(*numbers: int, size: int = 10, arrived: float = NOW) -> list[Record]:
    return [Record(f"{n:05d}", "k", arrived, size, {}) for n in numbers]


def numbers(batch: Batch | None) -> list[int]:
    return [] if batch is None else [int(record.sequence) for record in batch.records]


def lane(**rules: object) -> Lane:
    return Lane(Rules(**rules))  # type: ignore[arg-type]


def failed(*items: int) -> Failure:
    return Failure(frozenset(f"{n:05d}" for n in items))


def test_a_batch_is_full_by_count_or_by_size_or_by_time() -> None:
    waiting = lane(batch_size=3, window_s=5.0)
    waiting.offer(records(1, 2), NOW)
    assert waiting.due_s() == NOW + 5
    assert waiting.take(NOW + 4.9) == (None, [])
    waiting.offer(records(3, 4), NOW + 4.9)
    assert numbers(waiting.take(NOW + 4.9)[0]) == [1, 2, 3]
    assert waiting.due_s() is None, "one batch at a time"
    waiting.settle(Success(), NOW + 5)
    assert waiting.due_s() == NOW + 4.9 + 5, "the window of the rest began when the batch was cut"
    large = lane(window_s=5.0)
    large.offer(records(1, 2, 3, size=3 << 20), NOW)
    assert numbers(large.take(NOW)[0]) == [1, 2], "6 MB"


def test_what_comes_before_the_lowest_reported_record_is_done() -> None:
    at = lane(report_items=True)
    at.offer(records(1, 2, 3, 4), NOW)
    at.take(NOW)
    assert at.settle(failed(4, 2), NOW) == []
    assert at.take(NOW) == (None, []), "back-off"
    assert numbers(at.take(NOW + 10)[0]) == [2, 3, 4]
    at.settle(Success(), NOW + 10)
    assert at.backlog == 0


@pytest.mark.parametrize("items", [frozenset({"99999"}), frozenset({""}), None])
def test_an_unknown_item_or_an_error_fails_the_whole_batch(items: frozenset[str] | None) -> None:
    at = lane(report_items=True)
    at.offer(records(1, 2), NOW)
    at.take(NOW)
    at.settle(Failure(items), NOW)
    assert numbers(at.take(NOW + 10)[0]) == [1, 2]


def test_retries_run_out_and_the_batch_is_given_up_with_its_count() -> None:
    at = lane(max_retries=2)
    at.offer(records(1, 2), NOW)
    for attempt in range(3):
        assert numbers(at.take(NOW + 10 * attempt)[0]) == [1, 2]
        given_up = at.settle(Failure(), NOW + 10 * attempt)
    assert [(d.condition, d.batch.failures, numbers(d.batch)) for d in given_up] == [
        ("RetryAttemptsExhausted", 3, [1, 2])
    ]
    assert at.backlog == 0


def test_bisecting_finds_the_one_bad_record_without_using_up_retries() -> None:
    at = lane(bisect=True, max_retries=1)
    at.offer(records(*range(1, 9)), NOW)
    now, done, given_up = NOW, [], []
    while at.backlog:
        now += 10
        batch, _ = at.take(now)
        bad = 5 in numbers(batch)
        if not bad:
            done += numbers(batch)
        given_up += at.settle(Failure() if bad else Success(), now)
    assert done == [1, 2, 3, 4, 6, 7, 8]
    assert [(numbers(d.batch), d.batch.failures) for d in given_up] == [([5], 2)]


def test_too_old_records_are_given_up_before_they_are_tried_again() -> None:
    at = lane(max_age_s=60)
    at.offer(records(1, arrived=NOW - 50) + records(2, 3), NOW)
    at.take(NOW)
    at.settle(Failure(), NOW)
    batch, given_up = at.take(NOW + 30)
    assert [(d.condition, numbers(d.batch)) for d in given_up] == [("RecordAgeExceeded", [1])]
    assert numbers(batch) == [2, 3]


def test_new_records_wait_behind_a_failed_batch() -> None:
    at = lane()
    at.offer(records(1), NOW)
    at.take(NOW)
    at.settle(Failure(), NOW)
    at.offer(records(2), NOW)
    assert at.take(NOW) == (None, [])
    assert numbers(at.take(NOW + 10)[0]) == [1]


@given(
    st.lists(st.integers(0, 3), max_size=40),
    st.sets(st.integers(0, 39)),
    st.integers(1, 7),
    st.booleans(),
    st.booleans(),
    st.integers(0, 2),
    st.randoms(use_true_random=False),
)
def test_every_record_is_done_or_given_up_once_and_in_order(
    sizes: list[int],
    poison: set[int],
    batch_size: int,
    bisect: bool,
    report: bool,
    retries: int,
    chance: object,
) -> None:
    """A record that always fails never keeps another from its turn; what is done is done in order."""
    at = Lane(Rules(batch_size, bisect=bisect, report_items=report, max_retries=retries))
    now, given, done, given_up = NOW, 0, [], []
    while sizes or at.backlog:
        now += 10
        if sizes:
            count = sizes.pop()
            at.offer(records(*range(given, given + count)), now)
            given += count
        batch, _ = at.take(now)
        if batch is None:
            continue
        bad = [n for n in numbers(batch) if n in poison]
        crash = chance.random() < 0.2  # type: ignore[attr-defined]
        if crash or (bad and not report):
            result: Success | Failure = Failure()
        elif bad:
            result = failed(*bad)
            done += [n for n in numbers(batch) if n < min(bad)]
        else:
            result, _ = Success(), done.extend(numbers(batch))
        for discarded in at.settle(result, now):
            given_up += numbers(discarded.batch)
    assert Counter(done + given_up) == Counter(range(given))
    assert done == sorted(done)
    if not poison:
        assert set(given_up) <= set(range(given))


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (b"null", Success()),
        (b"{}", Success()),
        (b'{"batchItemFailures":[]}', Success()),
        (b'{"batchItemFailures":null}', Success()),
        (b'{"batchItemFailures":[{"itemIdentifier":"1"}]}', Failure(frozenset({"1"}))),
        (b'{"batchItemFailures":[{"itemIdentifier":""}]}', Failure(frozenset({""}))),
        (b'{"batchItemFailures":[{"itemIdentifier":null}]}', Failure(frozenset({""}))),
        (b'{"batchItemFailures":[{"wrong":"1"}]}', Failure()),
        (b'{"batchItemFailures":"1"}', Failure()),
        (b'"done"', Failure()),
    ],
)
def test_what_an_answer_means(answer: bytes, said: object) -> None:
    assert outcome(answer, Rules(report_items=True), failed=False) == said
    assert outcome(answer, Rules(), failed=False) == Success()
    assert outcome(answer, Rules(report_items=True), failed=True) == Failure()


def test_a_key_keeps_its_lane() -> None:
    assert {lane_of(f"courier-{i}", 4) for i in range(100)} == {0, 1, 2, 3}
    assert lane_of("courier-1", 4) == lane_of("courier-1", 4)
    assert lane_of("courier-1", 1) == 0


@pytest.mark.parametrize(
    ("pattern", "fit"),
    [
        ({"eventName": ["INSERT", "MODIFY"]}, True),
        ({"eventName": ["REMOVE"]}, False),
        ({"dynamodb": {"NewImage": {"state": {"S": [{"prefix": "on_"}]}}}}, True),
        ({"dynamodb": {"NewImage": {"state": {"S": [{"anything-but": ["on_route"]}]}}}}, False),
        ({"dynamodb": {"OldImage": [{"exists": False}]}}, True),
        ({"dynamodb": {"NewImage": {"n": {"N": [{"numeric": [">", 1]}]}}}}, False),
        ({"size": [{"numeric": [">", 1, "<=", 3]}]}, True),
        ({"eventName": ["INSERT"], "size": [4]}, False),
        ({"tags": ["b"]}, True),
    ],
)
def test_filters(pattern: dict, fit: bool) -> None:
    change = {"NewImage": {"state": {"S": "on_route"}, "n": {"N": "2"}}}
    event = {"eventName": "INSERT", "dynamodb": change, "size": 3, "tags": ["a", "b"]}
    assert fits(pattern, event) is fit
