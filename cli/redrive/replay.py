"""One object replayed: into the stream first, then what stays is kept, then the object is marked.

After a crash between these, or twice, everything is sent again; identity makes it the same in the end.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import NamedTuple

import orjson

from cli.redrive.again import again
from cli.redrive.items import Item
from storage.failed import Failed
from storage.objects import Quarantine, Rejected
from storage.set_aside import SetAside
from storage.stream import Plain, RecordStream
from telemetry.clock import Clock


class Outcome(NamedTuple):
    """records: that went into the stream. stays: what did not, by reason."""

    item: Item
    records: int
    stays: Counter[str]


@dataclass(frozen=True, slots=True)
class Replayer:
    """dry: say what would be done, and do nothing."""

    aside: SetAside
    quarantine: Quarantine
    stream: RecordStream
    clock: Clock
    dry: bool = False

    def replay(self, item: Item) -> Outcome:
        """Raises StreamRefused, NotKept: then the object is as it was, and may be replayed again."""
        records, left, stays = _taken(item)
        if records and not self.dry:
            self.stream.put_plain(records)
            if left:
                self.quarantine.keep(item.owners[0], left)
            note = {"replayed_ms": round(self.clock() * 1000), "records": len(records), "stay": len(left)}
            self.aside.mark(item.held.key, item.held.etag, orjson.dumps(note))
        return Outcome(item, len(records), stays)


def _taken(item: Item) -> tuple[list[Plain], list[Rejected], Counter[str]]:
    """What goes into the stream; what stays in quarantine; and why."""
    if isinstance(item.content, str):
        return [], [], Counter([item.content])
    if isinstance(item.content, Failed):
        if not item.content.records:
            return [], [], Counter({item.reasons[0]: item.count})
        return [Plain(r.key, r.data) for r in item.content.records], [], Counter()
    found = again(item.content.owner, item.content.rejected)
    return found.records, found.left, Counter(r.reason for r in found.left)
