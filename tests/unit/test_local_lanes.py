"""Batches, order and retries of one lane, with time given."""

from __future__ import annotations

import pytest

from local.sources.filters import fits
from local.sources.lane import Lane, lane_of
from local.sources.model import Batch, Discarded, Failure, NotInvoked, Record, Rules, Success, outcome

NOW = 1000.0


def records(*numbers: int, size: int = 10, arrived: float = NOW) -> list[Record]:
    return [Record(f"{n:05d}", "k", arrived, size, {}) for n in numbers]


def numbers(step: Batch | Discarded | None) -> list[int]:
    batch = step.batch if isinstance(step, Discarded) else step
    return [] if batch is None else [int(record.sequence) for record in batch.records]


def lane(**rules: object) -> Lane:
    return Lane(Rules(**rules))  # type: ignore[arg-type]


def failed(*items: int) -> Failure:
    return Failure(frozenset(f"{n:05d}" for n in items))


def test_a_batch_is_full_by_count_or_by_size_or_by_time() -> None:
    waiting = lane(batch_size=3, window_s=5.0)
    waiting.offer(records(1, 2), NOW)
    assert waiting.due_s() == NOW + 5
    assert waiting.next(NOW + 4.9) is None
    waiting.offer(records(3, 4), NOW + 4.9)
    assert numbers(waiting.next(NOW + 4.9)) == [1, 2, 3]
    assert (waiting.due_s(), waiting.next(NOW + 99)) == (None, None), "one batch at a time"
    waiting.settle(Success(), NOW + 5)
    assert waiting.due_s() == NOW + 10, "the next window begins when the invocation is over"
    large = lane(window_s=5.0)
    large.offer(records(1, 2, 3, size=3 << 20), NOW)
    assert numbers(large.next(NOW)) == [1, 2], "6 MB"


def test_what_comes_before_the_lowest_reported_record_is_done() -> None:
    at = lane(report_items=True)
    at.offer(records(1, 2, 3, 4), NOW)
    at.next(NOW)
    at.settle(failed(4, 2), NOW)
    assert at.next(NOW) is None, "back-off"
    assert numbers(at.next(NOW + 10)) == [2, 3, 4]
    at.settle(Success(), NOW + 10)
    assert at.backlog == 0


def test_with_bisecting_the_batch_is_split_at_the_reported_record_without_using_up_a_retry() -> None:
    at = lane(report_items=True, bisect=True, max_retries=0)
    at.offer(records(1, 2, 3, 4), NOW)
    at.next(NOW)
    at.settle(failed(3), NOW)
    assert numbers(at.next(NOW + 10)) == [3, 4]
    at.settle(failed(3), NOW + 10)
    assert numbers(at.next(NOW + 20)) == [3], "reported at its first record, it is halved"


def test_without_bisecting_the_rest_has_used_up_a_retry() -> None:
    at = lane(report_items=True, max_retries=0)
    at.offer(records(1, 2, 3, 4), NOW)
    at.next(NOW)
    at.settle(failed(3), NOW)
    assert numbers(at.next(NOW)) == [3, 4]
    assert at.given_up[0].condition == "RetryAttemptsExhausted"


@pytest.mark.parametrize("items", [frozenset({"99999"}), frozenset({""}), frozenset({"00002", "x"}), None])
def test_an_unknown_item_or_an_error_fails_the_whole_batch(items: frozenset[str] | None) -> None:
    at = lane(report_items=True)
    at.offer(records(1, 2), NOW)
    at.next(NOW)
    at.settle(Failure(items), NOW)
    assert numbers(at.next(NOW + 10)) == [1, 2]


def test_retries_run_out_and_the_batch_is_given_up_with_its_count() -> None:
    at = lane(max_retries=2)
    at.offer(records(1, 2), NOW)
    for attempt in range(3):
        assert numbers(at.next(NOW + 10 * attempt)) == [1, 2]
        at.settle(Failure(), NOW + 10 * attempt)
    given_up = at.next(NOW + 30)
    assert isinstance(given_up, Discarded)
    assert (given_up.condition, given_up.batch.failures, numbers(given_up)) == (
        "RetryAttemptsExhausted",
        3,
        [1, 2],
    )


def test_what_is_given_up_stays_until_the_destination_has_taken_it() -> None:
    at = lane(max_retries=0)
    at.offer(records(1), NOW)
    at.next(NOW)
    at.settle(Failure(), NOW)
    at.offer(records(2), NOW)
    given_up = at.next(NOW)
    assert isinstance(given_up, Discarded)
    assert at.next(NOW + 1) == given_up, "until then it is asked again, and nothing else goes on"
    assert at.backlog == 2
    at.told()
    assert numbers(at.next(NOW + 2)) == [2]


def test_a_function_that_is_not_invoked_is_asked_until_the_records_are_too_old() -> None:
    at = lane(bisect=True, max_retries=0, max_age_s=60)
    at.offer(records(1, 2), NOW)
    for second in range(0, 60, 10):
        assert numbers(at.next(NOW + second)) == [1, 2]
        at.settle(NotInvoked(), NOW + second)
    given_up = at.next(NOW + 61)
    assert isinstance(given_up, Discarded)
    assert (given_up.condition, given_up.batch.failures) == ("RecordAgeExceeded", 0)


def test_the_wait_before_a_retry_grows_to_five_seconds() -> None:
    at, now, waits = lane(), NOW, []
    at.offer(records(1), NOW)
    for _ in range(8):
        at.next(now)
        at.settle(Failure(), now)
        waits.append(round(at.due_s() - now, 3))  # type: ignore[operator]
        now = at.due_s()  # type: ignore[assignment]
    assert waits == [0.2, 0.4, 0.8, 1.6, 3.2, 5.0, 5.0, 5.0]


def test_too_old_records_are_given_up_before_they_are_tried_again() -> None:
    at = lane(max_age_s=60)
    at.offer(records(1, arrived=NOW - 50) + records(2, 3), NOW)
    at.next(NOW)
    at.settle(Failure(), NOW)
    given_up = at.next(NOW + 30)
    assert isinstance(given_up, Discarded)
    assert (given_up.condition, given_up.batch.failures, numbers(given_up)) == ("RecordAgeExceeded", 1, [1])
    at.told()
    assert numbers(at.next(NOW + 30)) == [2, 3]


def test_new_records_wait_behind_a_failed_batch() -> None:
    at = lane()
    at.offer(records(1), NOW)
    at.next(NOW)
    at.settle(Failure(), NOW)
    at.offer(records(2), NOW)
    assert at.next(NOW) is None
    assert numbers(at.next(NOW + 10)) == [1]


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
