"""Two admins at one route, whose answers get lost: nobody's change is overwritten unseen, and each revision
that is published becomes exactly one version.
"""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from geo.drawn.drawing import Drawing
from telemetry.problem import Conflict, NotFound
from tests.fakes_stacks import FakeCatalog, FakeLines, fake_routes

ADMINS = st.sampled_from(["ada", "bob"])
# Few, so that what is put stands there already now and then; the last can be no route.
LENGTHS = st.sampled_from([1, 2, 3, 0])


class Drafts(RuleBasedStateMachine):
    """seen: what each admin looked at last; lengths: by revision; published: the version that one became."""

    def __init__(self) -> None:
        super().__init__()
        self.catalog = FakeCatalog()
        self.drafts = fake_routes(self.catalog, FakeLines()).drafts
        self.seen: dict[str, int | None] = {}
        self.lengths: dict[int, int] = {}
        self.standing: int | None = None
        self.published: dict[int, str] = {}

    @rule(admin=ADMINS)
    def look(self, admin) -> None:
        try:
            draft, drawing, preview = self.drafts.get("demo", "lap")
        except NotFound:
            assert self.standing is None
            self.seen[admin] = None
            return
        assert draft.revision == self.standing
        assert len(drawing.line) - 1 == self.lengths[draft.revision]
        assert preview.publishable == (len(drawing.line) > 1)
        self.seen[admin] = draft.revision

    @rule(admin=ADMINS, length=LENGTHS, lost=st.booleans())
    def put(self, admin, length, lost) -> None:
        seen = self.seen.get(admin)
        drawing = Drawing([(121.47 + 0.01 * i, 31.23) for i in range(length + 1)])
        same = self.standing is not None and self.lengths[self.standing] == length
        try:
            draft, _ = self.drafts.put("demo", "lap", drawing, seen, admin, 0.0)
        except Conflict:
            assert seen != self.standing
            assert not same
            return
        assert same or seen == self.standing
        if same:
            assert draft.revision == self.standing
        else:
            assert draft.revision > max(self.lengths, default=0)
            self.lengths[draft.revision] = length
            self.standing = draft.revision
        if not lost:
            self.seen[admin] = draft.revision

    @rule(admin=ADMINS)
    def delete(self, admin) -> None:
        seen = self.seen.get(admin)
        try:
            self.drafts.delete("demo", "lap", seen)
        except Conflict:
            assert seen != self.standing
            return
        assert self.standing in {None, seen}
        self.standing = None

    @rule(admin=ADMINS)
    def publish(self, admin) -> None:
        seen = self.seen.get(admin)
        if seen is None:
            return
        before = dict(self.catalog.rows)
        try:
            route = self.drafts.publish("demo", "lap", seen, 0.0)
        except (Conflict, NotFound):
            assert seen != self.standing or self.lengths[seen] == 0
            assert self.catalog.rows == before
            return
        if seen in self.published:
            assert (route.route, self.catalog.rows) == (self.published[seen], before)
            return
        assert seen == self.standing
        assert self.lengths[seen] > 0
        self.published[seen] = route.route
        self.standing = None

    @invariant()
    def every_version_is_of_one_revision(self) -> None:
        rows = {route.route: route for route in self.catalog.all("demo")}
        assert sorted(rows) == sorted(self.published.values())
        for revision, name in self.published.items():
            assert abs(rows[name].length_m / 954 - self.lengths[revision]) < 0.01


Drafts.TestCase.settings = settings(stateful_step_count=30)
TestDrafts = Drafts.TestCase
