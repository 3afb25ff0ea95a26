"""A queue's poller against a queue in memory: what is deleted, what comes again, what is given up."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import orjson
import pytest

from local.aws import AwsError
from local.logs import Log
from local.sources import queue_poller
from local.sources.mapping import Mapped
from local.sources.model import Rules
from local.sources.queue import Message
from local.sources.queue_poller import CONCURRENT, EVENT_BYTES, Gathering, QueuePoller, done
from local.tasks import Tasks
from local.trouble import Trouble
from local.worker.answer import Answer, NotReached

REPORTING = Rules(batch_size=10, report_items=True)


def message(n: int, size: int = 10) -> Message:
    return Message(f"m{n}", f"r{n}", size, {"messageId": f"m{n}", "body": str(n)})


class Queue:
    """Messages that are not deleted are received again at once; `most` times at most, then they are dead."""

    arn = "arn:aws:sqs:x"

    def __init__(self, *waiting: int, most: int = 3, failures: int = 0) -> None:
        self.counts = dict.fromkeys(waiting, 0)
        self.dead: list[int] = []
        self.hidden: set[int] = set()
        self.most, self.failures = most, failures

    async def receive(self, most: int, wait_s: int) -> list[Message]:
        await asyncio.sleep(0)
        if self.failures:
            self.failures -= 1
            raise AwsError("ReceiveMessage", "InternalFailure", "for now")
        self.dead += [n for n, count in self.counts.items() if count >= self.most and n not in self.hidden]
        self.counts = {n: count for n, count in self.counts.items() if n not in self.dead}
        given = [n for n in self.counts if n not in self.hidden][:most]
        if not given:
            await asyncio.sleep(0.001)
        self.hidden |= set(given)
        for n in given:
            self.counts[n] += 1
        return [message(n) for n in given]

    async def delete(self, messages) -> list[str]:
        for one in messages:
            self.counts.pop(int(one.id[1:]))
        return []


def run(queue: Queue, rules: Rules, answer: Callable[[list[str]], Answer]) -> list[list[str]]:
    """Poll until the queue is empty; the batches that the function was given."""
    batches: list[list[str]] = []
    mapped = Mapped("arn", "f", rules, "TRIM_HORIZON", None, ())

    async def invoke(name: str, event: bytes) -> Answer:
        batch = [record["messageId"] for record in orjson.loads(event)["Records"]]
        batches.append(batch)
        await asyncio.sleep(0.001)
        queue.hidden -= {int(name[1:]) for name in batch}  # the visibility timeout is over
        return answer(batch)

    async def poll() -> None:
        log = Log(colour=False, write=lambda _: None)
        tasks = Tasks(log)
        await QueuePoller(mapped, queue, invoke, 0.001, log).start(tasks)
        async with asyncio.timeout(10):
            while queue.counts:  # noqa: ASYNC110
                await asyncio.sleep(0.001)
        await tasks.end()

    asyncio.run(poll())
    return batches


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue_poller, "RETRY_S", 0.001)


@pytest.mark.parametrize("failures", [0, 3])
def test_every_message_is_given_and_deleted(failures) -> None:
    batches = run(Queue(*range(25), failures=failures), Rules(batch_size=10), lambda _: Answer(b"null"))
    assert sorted(name for batch in batches for name in batch) == sorted(f"m{n}" for n in range(25))
    assert max(map(len, batches)) <= 10


def test_only_what_was_reported_comes_again_and_is_dead_in_the_end() -> None:
    queue = Queue(*range(6))

    def bad(batch: list[str]) -> Answer:
        failed = [{"itemIdentifier": name} for name in batch if name == "m2"]
        return Answer(orjson.dumps({"batchItemFailures": failed}))

    batches = run(queue, REPORTING, bad)
    given = [name for batch in batches for name in batch]
    assert {name: given.count(name) for name in given} == {f"m{n}": 3 if n == 2 else 1 for n in range(6)}
    assert queue.dead == [2]


def test_a_failed_function_deletes_nothing() -> None:
    queue = Queue(1, 2, most=2)
    batches = run(queue, REPORTING, lambda _: Answer(b'{"errorType":"X"}', failed=True))
    assert sorted(queue.dead) == [1, 2]
    assert sum(map(len, batches)) == 4


def test_what_was_throttled_or_had_its_answer_lost_comes_again() -> None:
    refused: list[str] = []

    def throttled_once(batch: list[str]) -> Answer:
        if not refused:
            refused.extend(batch)
            raise NotReached("429")
        return Answer(b"null")

    queue = Queue(*range(4))
    batches = run(queue, Rules(batch_size=2), throttled_once)
    given = [name for batch in batches for name in batch]
    assert {name: given.count(name) for name in given} == {
        f"m{n}": 2 if f"m{n}" in refused else 1 for n in range(4)
    }
    assert queue.dead == []


BATCH = [message(n) for n in range(3)]


@pytest.mark.parametrize(
    ("said", "deleted"),
    [
        (b"null", 3),
        (b"{}", 3),
        (b'{"batchItemFailures": []}', 3),
        (b'{"batchItemFailures": null}', 3),
        (b'{"batchItemFailures": [{"itemIdentifier": "m1"}]}', 2),
        (b'{"batchItemFailures": [{"itemIdentifier": ""}]}', 0),
        (b'{"batchItemFailures": [{"itemIdentifier": null}]}', 0),
        (b'{"batchItemFailures": [{"itemIdentifier": "m9"}]}', 0),
        (b'{"batchItemFailures": [{"id": "m1"}]}', 0),
        (b"[1]", 0),
    ],
)
def test_what_an_answer_lets_go_as_the_guide_has_it(said, deleted) -> None:
    assert len(done(BATCH, Answer(said), REPORTING)) == deleted


def test_without_reporting_an_answer_means_nothing() -> None:
    said = Answer(b'{"batchItemFailures": [{"itemIdentifier": "m1"}]}')
    assert done(BATCH, said, Rules()) == BATCH


def test_a_batch_is_ready_when_full_or_when_its_window_is_over() -> None:
    batch = Gathering(Rules(batch_size=3, window_s=5))
    assert not batch.ready(100)
    batch.offer([message(1)], 10)
    batch.offer([], 11)
    assert (batch.ready(14.9), batch.ready(15), batch.wanted()) == (False, True, 2)
    batch.offer([message(2), message(3)], 14)
    assert batch.ready(14)
    large = Gathering(Rules(batch_size=100, window_s=5))
    large.offer([message(1, EVENT_BYTES)], 10)
    assert large.ready(10)


def test_a_window_gathers_what_comes_meanwhile() -> None:
    batches = run(Queue(*range(4)), Rules(batch_size=4, window_s=0.05), lambda _: Answer(b"null"))
    assert len(batches) <= CONCURRENT


def test_a_filter_is_refused_at_the_start() -> None:
    mapped = Mapped("arn", "f", Rules(), "TRIM_HORIZON", None, ({"body": ["x"]},))
    with pytest.raises(Trouble, match="FilterCriteria"):
        QueuePoller(mapped, Queue(), None, 0.001, None)
