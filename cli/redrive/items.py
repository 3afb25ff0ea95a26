"""What is set aside, as redrive lists it: found, chosen, read some ahead."""

from __future__ import annotations

import hashlib
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

from cli.common import Failed as Refused
from storage import failed, objects
from storage.failed import Failed
from storage.objects import Quarantined
from storage.set_aside import Held, NotThere, SetAside

KINDS = ("quarantine", "failed", "lost")
READERS = 8
AHEAD = 64  # objects read or replayed before the first of them is asked for
ID_LETTERS = 12
T = TypeVar("T")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Item:
    """held: with the ETag of what was read. content: a sentence where the object cannot be read."""

    held: Held
    content: Quarantined | Failed | str

    @property
    def id(self) -> str:
        return id_of(self.held.key)

    @property
    def kind(self) -> str:
        return kind_of(self.held.key)

    @property
    def owners(self) -> list[str]:
        """Whose it is: fleet/courier, or `stream` where nobody can tell."""
        if isinstance(self.content, Quarantined):
            return [self.content.owner]
        return sorted({r.key for r in self.content.records}) if isinstance(self.content, Failed) else []

    @property
    def source(self) -> str:
        if isinstance(self.content, Failed):
            return self.content.batch.shard
        sources = (
            sorted({r.source for r in self.content.rejected}) if not isinstance(self.content, str) else []
        )
        return few(sources)

    @property
    def reasons(self) -> list[str]:
        """Most frequent first."""
        if isinstance(self.content, str):
            return [self.content]
        if isinstance(self.content, Failed):
            expired = "expired in the stream before it was copied, after " if self.kind == "lost" else ""
            return [expired + self.content.batch.condition]
        return [reason for reason, _ in Counter(r.reason for r in self.content.rejected).most_common()]

    @property
    def count(self) -> int:
        """Things in it; of a lost batch, how many the function had been given."""
        if isinstance(self.content, Failed):
            return self.content.batch.size if self.kind == "lost" else len(self.content.records)
        return 0 if isinstance(self.content, str) else len(self.content.rejected)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which items. since: written since then [Unix s]. ids: their first letters; replayed ones too, then."""

    kind: str | None = None
    fleet: str | None = None
    reason: str | None = None
    since: float = 0.0
    ids: tuple[str, ...] = ()

    def prefixes(self) -> list[str]:
        quarantine = f"{objects.PREFIX}{self.fleet}/" if self.fleet else objects.PREFIX
        return [
            prefix
            for prefix, kinds in ((quarantine, KINDS[:1]), (failed.PREFIX, KINDS[1:]))
            if self.kind is None or self.kind in kinds
        ]

    def object_fits(self, held: Held) -> bool:
        """As far as its name and time say."""
        if self.kind not in (None, kind_of(held.key)) or held.at < self.since:
            return False
        return id_of(held.key).startswith(self.ids) if self.ids else not held.replayed

    def fits(self, item: Item) -> bool:
        ours = self.fleet is None or any(owner.startswith(f"{self.fleet}/") for owner in item.owners)
        told = self.reason is None or any(self.reason.lower() in reason.lower() for reason in item.reasons)
        return ours and told


def id_of(key: str) -> str:
    """Short, and the same as long as the object has this key."""
    return hashlib.sha256(key.encode()).hexdigest()[:ID_LETTERS]


def kind_of(key: str) -> str:
    if key.startswith(objects.PREFIX):
        return "quarantine"
    return "lost" if key.endswith(failed.LOST) else "failed"


def find(aside: SetAside, wanted: Wanted, seen: Callable[[], object]) -> list[Held]:
    """The objects to look into, oldest first; `seen` is called for each that is passed.

    Raises Refused for an id that is nobody's, or of several.
    """
    found = []
    for prefix in wanted.prefixes():
        for held in aside.list(prefix):
            seen()
            if wanted.object_fits(held):
                found.append(held)
    for name in wanted.ids:
        count = sum(id_of(held.key).startswith(name) for held in found)
        if count != 1:
            begins = f"{count} objects have an id that begins" if count else "No object has an id that begins"
            raise Refused(f"{begins} with {name}; `milepost redrive list` shows them.")
    return sorted(found, key=lambda held: (held.at, held.key))


def load(aside: SetAside, held: Held) -> Item | None:
    """None when it has gone meanwhile."""
    read = objects.from_object if kind_of(held.key) == "quarantine" else failed.from_object
    try:
        body, etag = aside.read(held.key)
    except NotThere:
        return None
    read_now = Held(held.key, etag, held.at, held.replayed)
    try:
        return Item(read_now, read(body))
    except ValueError as error:
        return Item(read_now, f"cannot be read: {error}")


def ahead(work: Callable[[T], R], things: Iterable[T]) -> Iterator[R]:
    """`map` in order, by threads that are some things ahead and no more."""
    with ThreadPoolExecutor(READERS) as pool:
        running: deque[Future[R]] = deque()
        try:
            for thing in things:
                running.append(pool.submit(work, thing))
                if len(running) >= AHEAD:
                    yield running.popleft().result()
            while running:
                yield running.popleft().result()
        finally:
            for future in running:
                future.cancel()


def few(names: Sequence[str]) -> str:
    """`demo/li +3`."""
    return f"{names[0]} +{len(names) - 1}" if len(names) > 1 else "".join(names)


def many(count: int, thing: str) -> str:
    return f"{count} {thing}" if count == 1 else f"{count} {thing}s"
