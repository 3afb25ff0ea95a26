"""What the stack's tables and its quarantine hold of a courier, twice what is there twice."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import orjson

from cli.site import Site
from telemetry.history import Sighting
from tests.faults.observe import pings_of


@dataclass
class Stored:
    """By trip (fleet/trip): the pings of chunks; by trip, of the live items' tails; by owner: quarantined."""

    chunks: dict[str, Counter[Sighting]] = field(default_factory=lambda: defaultdict(Counter))
    tails: dict[str, Counter[Sighting]] = field(default_factory=lambda: defaultdict(Counter))
    quarantined: dict[str, set[tuple[str, str]]] = field(default_factory=lambda: defaultdict(set))
    versions: dict[str, int] = field(default_factory=dict)

    def pings(self, trip: str) -> set[Sighting]:
        return self.chunks[trip].keys() | self.tails[trip].keys()

    def double(self, trip: str) -> int:
        """A chunk, and a tail, hold an identity once; that the tail's are in a chunk too is by design."""
        return sum(
            count - 1
            for held in (self.chunks[trip], self.tails[trip])
            for count in Counter(s.identity for s in held.elements()).values()
        )


def look(site: Site) -> Stored:
    stored = Stored()
    for item in _scan(site, "history-table"):
        stored.chunks[item["trip"]["S"]].update(pings_of(item["pings"]["B"]))
    for item in _scan(site, "live-table"):
        stored.versions[item["courier"]["S"]] = int(item["version"]["N"])
        if "tail" in item:
            fleet = item["courier"]["S"].partition("/")[0]
            stored.tails[f"{fleet}/{item['trip']['S']}"].update(pings_of(item["tail"]["B"]))
    s3, bucket = site.client("s3"), site.name("data-bucket")
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix="quarantine/"):
        for entry in page.get("Contents", []):
            body = orjson.loads(s3.get_object(Bucket=bucket, Key=entry["Key"])["Body"].read())
            stored.quarantined[body["owner"]] |= {(r["hash"], r["field"]) for r in body["rejected"]}
    return stored


def _scan(site: Site, table: str) -> Iterator[Any]:
    pages = site.client("dynamodb").get_paginator("scan")
    for page in pages.paginate(TableName=site.name(table), ConsistentRead=True):
        yield from page["Items"]
