"""What was done to the system, counted by kind."""

from __future__ import annotations

from collections import Counter

KINDS = {
    # phones and bulk senders
    "upload duplicated": "sent a second time, whole",
    "upload recut": "sent a second time, cut at other places",
    "upload reordered": "sent after one that was made later",
    "upload delayed": "held back while others went ahead",
    "upload dropped": "never reached the API; sent again",
    "answer dropped": "the API's answer was lost; sent again",
    "late upload": "sent after its trip's end",
    "settled again": "as pings came after a trip was settled",
    "ping in conflict": "another content under the same device and time",
    "ping refused": "a place that cannot be",
    "ping outside": "between two trips",
    # between workers and AWS
    "killed before a call": "SIGKILL with the call not yet made",
    "killed after a call": "SIGKILL with the call done and its answer unread",
    "error before a call": "500, nothing done",
    "error after a call": "500, although it was done",
    "throttled": "one call refused for its rate",
    "outage": "many calls of one kind refused in a row",
    "delayed call": "",
    "ghost call": "carried out long after its sender has given it up",
    "connection cut": "no answer, nothing done",
    "partial PutRecords": "FailedRecordCount above 0",
    "unprocessed keys": "a BatchGetItem in part",
    "unwritten items": "a BatchExecuteStatement in part",
    # between streams and workers
    "delivery throttled": "not invoked",
    "zombie, answer lost": "delivered again while it still runs",
    "zombie, timed out": "runs on after its timeout",
    "delivered twice": "at the same time",
    "delivered again": "an old batch once more",
    "iterator expired": "",
    "shard split": "",
    "shards merged": "",
    # records that are no uploads
    "undecodable record": "",
    "corrupt aggregate": "",
    "crashing record": "ends its worker",
    "hanging record": "holds its worker until the timeout",
    "record given up": "copied to the bucket; good ones sent again",
}
"""Each with what it means where its name does not say it."""


class Injected(Counter[str]):
    def add(self, kind: str, times: int = 1) -> None:
        if kind not in KINDS:
            raise KeyError(kind)
        self[kind] += times

    def never(self) -> list[str]:
        """Kinds that did not happen."""
        return [kind for kind in KINDS if not self[kind]]
