"""The stores behind routes: drafts, drawings, and what is retired; adapter and fake promise the same."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import boto3
import pytest

from geo.arrival import Stop
from geo.hours import Hours
from storage.catalog import DynamoCatalog, Route
from storage.drafts import Draft, DynamoDrafts, Head, S3Drawings, digest_of
from tests.fakes_stacks import FakeCatalog, FakeDrafts, FakeDrawings
from tests.tables import table_of

T0 = 1_795_492_800_000
NEW = Draft("demo", "lap", 0, "四号码头", 1109.214, T0, "ada", digest_of(b"{}"))
FIRST = Route("demo", "lap", 1, "Lap", 1109.214, T0)


@pytest.fixture(params=["fake", "dynamodb"])
def stores(request):
    if request.param == "fake":
        catalog = FakeCatalog()
        return SimpleNamespace(catalog=catalog, drafts=FakeDrafts(catalog))
    dynamodb, table = table_of(request, "stacks/tasks/template.yaml", "RoutesTable")
    return SimpleNamespace(catalog=DynamoCatalog(dynamodb, table), drafts=DynamoDrafts(dynamodb, table))


def test_a_draft_is_written_over_the_revision_that_was_seen(stores) -> None:
    drafts = stores.drafts
    assert drafts.head("demo", "lap") == Head()
    first = drafts.put(NEW, None)
    assert first == replace(NEW, revision=1)
    assert drafts.put(NEW, None) is None
    unknown = replace(NEW, length_m=None, changed_by="bob")
    assert drafts.put(unknown, 1) == replace(unknown, revision=2)
    assert drafts.put(NEW, 1) is None
    assert drafts.put(NEW, 3) is None
    assert drafts.head("demo", "lap").draft == replace(unknown, revision=2)
    assert drafts.head("other", "lap") == Head()


def test_no_revision_comes_twice_not_even_over_a_deletion(stores) -> None:
    drafts = stores.drafts
    drafts.put(NEW, None)
    assert not drafts.delete("demo", "lap", 2)
    assert drafts.delete("demo", "lap", 1)
    assert not drafts.delete("demo", "lap", 1)
    assert not drafts.delete("demo", "other", 1)
    assert drafts.put(NEW, 1) is None
    assert drafts.put(NEW, None).revision == 2


def test_publishing_writes_the_version_and_takes_the_draft_away_together(stores) -> None:
    drafts, catalog = stores.drafts, stores.catalog
    assert catalog.next_version("demo", "lap") == 1
    draft = drafts.put(NEW, None)
    newer = drafts.put(replace(NEW, name="Lap"), 1)
    assert not drafts.publish(draft, FIRST)
    assert catalog.get("demo", "lap@1") is None
    assert drafts.publish(newer, FIRST)
    assert not drafts.publish(newer, replace(FIRST, version=2))
    assert catalog.all("demo") == [FIRST]
    assert drafts.head("demo", "lap") == Head(None, 2, 1)
    assert catalog.next_version("demo", "lap") == 2
    assert drafts.put(NEW, None).revision == 3
    assert drafts.head("demo", "lap").published_version == 1


def test_drafts_and_versions_are_listed_apart(stores) -> None:
    for route_id in ("lap", "a", "lap.two"):
        stores.drafts.put(replace(NEW, id=route_id), None)
    stores.drafts.put(replace(NEW, fleet="other"), None)
    stores.catalog.add(FIRST)
    stores.catalog.add(replace(FIRST, id="lap.two"))
    stores.catalog.add(replace(FIRST, version=2))
    assert [draft.id for draft in stores.drafts.all("demo")] == ["a", "lap", "lap.two"]
    assert [route.route for route in stores.catalog.all("demo")] == ["lap@1", "lap@2", "lap.two@1"]
    assert [route.route for route in stores.catalog.all("demo", "lap")] == ["lap@1", "lap@2"]
    assert stores.catalog.all("demo", "other") == []


def test_hours_and_retirement_are_kept_with_the_version(stores) -> None:
    stops = (Stop("a", 121.4768, 31.2305, 40.0, 295.356), Stop("b", 121.4801, 31.2349, 50.0, 1109.2))
    whole = replace(FIRST, stops=stops, hours=(None, Hours(1320, 360)), time_zone="Asia/Shanghai")
    stores.catalog.add(whole)
    assert stores.catalog.get("demo", "lap@1") == whole
    retired = replace(whole, retired_ms=T0 + 5)
    assert stores.catalog.retire(whole, T0 + 5) == retired
    assert stores.catalog.retire(whole, T0 + 9) == retired
    assert stores.catalog.get("demo", "lap@1") == retired


@pytest.mark.parametrize("kind", ["fake", "s3"])
def test_drawings_are_kept_by_what_is_in_them(kind, request) -> None:
    if kind == "fake":
        drawings = FakeDrawings()
    else:
        request.getfixturevalue("aws")
        s3 = boto3.client("s3")
        s3.create_bucket(Bucket="data")
        drawings = S3Drawings(s3, "data")
    first, second = (drawings.keep("demo", "lap", body) for body in (b"{}", b"[]"))
    assert drawings.drawing(replace(NEW, digest=first)) == b"{}"
    assert drawings.drawing(replace(NEW, digest=second)) == b"[]"
