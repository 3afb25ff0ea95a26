"""Many pings as rows of integers; a ping becomes an object only where one is looked at."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from struct import Struct
from typing import overload

from telemetry.ping import Ping

ROW = Struct("<7q")
"""The fields of a Ping."""


_T = Struct("<q")


class Pings(Sequence[Ping]):
    """Immutable. rows: ROW after ROW."""

    __slots__ = ("rows",)

    def __init__(self, rows: bytes = b"") -> None:
        self.rows = rows

    @classmethod
    def of(cls, pings: Iterable[Ping]) -> Pings:
        if isinstance(pings, Pings):
            return pings
        values = list(chain.from_iterable(pings))
        return cls(Struct(f"<{len(values)}q").pack(*values))

    def __len__(self) -> int:
        return len(self.rows) // ROW.size

    def __iter__(self) -> Iterator[Ping]:
        return map(Ping._make, ROW.iter_unpack(self.rows))

    @overload
    def __getitem__(self, index: int) -> Ping: ...
    @overload
    def __getitem__(self, index: slice) -> Pings: ...
    def __getitem__(self, index: int | slice) -> Ping | Pings:
        n = len(self)
        if isinstance(index, slice):
            start, stop, step = index.indices(n)
            if step == 1:
                return Pings(self.rows[start * ROW.size : max(stop, start) * ROW.size])
            return Pings.of(list(self)[index])
        if not -n <= index < n:
            raise IndexError(f"ping {index} of {n}")
        return Ping._make(ROW.unpack_from(self.rows, (index % n) * ROW.size))

    def __add__(self, other: Pings) -> Pings:
        return Pings(self.rows + other.rows)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Pings):
            return self.rows == other.rows
        return isinstance(other, Sequence) and list(self) == list(other)

    def __hash__(self) -> int:
        return hash(self.rows)

    def __repr__(self) -> str:
        return f"Pings({list(self)})"

    @property
    def first_ms(self) -> int:
        return int(_T.unpack_from(self.rows)[0])

    @property
    def last_ms(self) -> int:
        return int(_T.unpack_from(self.rows, len(self.rows) - ROW.size)[0])

    def times(self) -> list[int]:
        """t_ms of each."""
        return memoryview(self.rows).cast("q")[:: len(Ping._fields)].tolist()
