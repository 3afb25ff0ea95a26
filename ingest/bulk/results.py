"""What became of each line, as long as an answer may be."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from ingest.bulk.lines import Line


def results(lines: Iterable[Line], details: int) -> Iterator[dict[str, Any]]:
    """In the lines' order. Of all refusals the first `details` are told with their reasons; of the others
    `untold` says how many a line has. All are in quarantine with their reasons.
    """
    for line in lines:
        result = line.result()
        told = result["rejected"][: max(details, 0)]
        untold = len(result["rejected"]) - len(told)
        details -= len(told)
        yield result | {"rejected": told} | ({"untold": untold} if untold else {})
