"""What is refused has a code and its values, and the page of the codes is fresh."""

from __future__ import annotations

import ast
import json
import re
from collections import Counter
from typing import Annotated, Any, Literal

import msgspec
import orjson
import pytest

from geo.said import parts, say
from storage.damage import Damaged
from telemetry.body import read_part
from telemetry.fields import wrong
from telemetry.problem import BadRequest, Conflict, Problem
from tools.reasons import PAGE, ROOT, SOURCES, reasons, with_table


def test_the_page_lists_what_the_code_says() -> None:
    assert PAGE.read_text() == with_table(PAGE.read_text()), "run `python -m tools.reasons`"


def test_a_page_without_its_marks_is_refused() -> None:
    with pytest.raises(ValueError, match="needs"):
        with_table("# A page")


def test_a_code_is_said_in_one_place() -> None:
    places = Counter(it.code for it in reasons())
    assert [code for code, times in places.items() if times > 1] == []
    texts = Counter(it.sentence for it in reasons())
    assert [text for text, times in texts.items() if times > 1] == []
    assert [code for code in places if not re.fullmatch(r"[a-z]+(-[a-z0-9]+)*", code)] == []


@pytest.mark.parametrize("reason", reasons(), ids=lambda it: it.code)
def test_a_sentence_has_its_values_and_no_others(reason) -> None:
    assert reason.given in (None, frozenset(reason.holes)), reason.where


def test_no_secret_is_given() -> None:
    secret = re.compile(r"token|password|secret|credential|ticket|signature")
    assert [it.where for it in reasons() if any(map(secret.search, it.holes))] == []


def test_what_is_said_is_its_text() -> None:
    told = say("late", "Opens at {at:moment} for {tags: and }; {name!r} of {n}.",
               at=1795492800.5, tags=["bike", "van"], name="mei", n=3)  # fmt: skip
    assert told == "Opens at 1795492800.5 (2026-11-24 04:00:00 UTC) for bike and van; 'mei' of 3."
    assert parts(told) == {
        "code": "late",
        "given": {"at": 1795492800.5, "tags": ["bike", "van"], "name": "mei", "n": 3},
    }
    assert parts("In English alone.") == {}


def test_a_document_has_the_codes_beside_its_texts() -> None:
    inner = say("far", "{m:.0f} m off", m=12.4)
    problem = Conflict(say("no", "No: {why}.", why=inner), [{"field": "at", "reason": inner}])
    document = json.loads(orjson.dumps(problem.document()))
    assert document["detail"] == "No: 12 m off."
    assert document["code"] == "no"
    assert document["given"] == {"why": {"text": "12 m off", "code": "far", "given": {"m": 12.4}}}
    assert document["errors"] == [{"field": "at", "reason": "12 m off", "code": "far", "given": {"m": 12.4}}]


def test_a_plain_text_stays_plain() -> None:
    assert Conflict("No.", [{"field": "at", "reason": "is far"}]).document() == {
        "type": "urn:milepost:problem:conflict",
        "title": "This does not fit the present state",
        "status": 409,
        "detail": "No.",
        "errors": [{"field": "at", "reason": "is far"}],
    }


def test_a_wrong_field_is_said_with_its_reason() -> None:
    document = wrong("at", say("early", "is early")).document()
    reason = {"text": "is early", "code": "early", "given": {}}
    assert (document["code"], document["given"]) == ("wrong-field", {"field": "at", "reason": reason})


SAID_IN_ENGLISH = {
    # Programs meet them (docs/decisions/0039).
    "ingest/bulk/asked.py",
    "ingest/bulk/handler.py",
    "ingest/bulk/request.py",
    "ingest/own.py",
    "storage/bulk_files.py",
    # No answer has them: who raises them, or the queue, catches them.
    "stacks/tasks/payouts/batch.py",
    "stacks/tasks/reckon/reckon.py",
    "stacks/tasks/watch/sweep.py",
}


def unsaid(source: str) -> bool:
    """Whether a problem is made of a text without a code."""
    texts = {it.__name__: 0 for it in Problem.__subclasses__()} | {"wrong": 1}
    for call in ast.walk(ast.parse(source)):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in texts:
            text = call.args[texts[call.func.id]] if len(call.args) > texts[call.func.id] else None
            if isinstance(text, ast.JoinedStr) or (isinstance(text, ast.Constant) and text.value):
                return True
    return False


def test_what_is_refused_has_a_code() -> None:
    files = [path for top in SOURCES for path in (ROOT / top).rglob("*.py")]
    assert {str(it.relative_to(ROOT)) for it in files if unsaid(it.read_text())} == SAID_IN_ENGLISH


def test_a_row_that_cannot_be_read_is_said_too() -> None:
    document = Damaged("demo", "tr_1", "KeyError").document()
    assert (document["code"], document["given"]) == ("row-unreadable", {"item": "tr_1"})


class Shape(msgspec.Struct, forbid_unknown_fields=True):
    needed: int = 1
    some: Annotated[int, msgspec.Meta(ge=1, le=5)] | None = None
    part: Annotated[float, msgspec.Meta(ge=-90.5, lt=10)] = 1
    name: Annotated[str, msgspec.Meta(max_length=3, pattern="^a")] = "a"
    which: Literal["x", "y"] = "x"
    tags: Annotated[list[str], msgspec.Meta(max_length=2)] = []
    told: bool = True


BAD: list[tuple[Any, str, dict[str, str]]] = [
    ({"some": 0}, "out-of-range", {"wanted": "int", "sign": ">=", "limit": "1"}),
    ({"part": 10.0}, "out-of-range", {"wanted": "float", "sign": "<", "limit": "10.0"}),
    ({"some": "1"}, "wrong-type", {"wanted": "whole number | null", "got": "string"}),
    ({"told": 1}, "wrong-type", {"wanted": "true or false", "got": "whole number"}),
    ({"tags": [None]}, "wrong-type", {"wanted": "string", "got": "null"}),
    ([], "wrong-type", {"wanted": "object", "got": "array"}),
    ({"name": "aaaa"}, "wrong-length", {"wanted": "str", "sign": "<=", "limit": "3"}),
    ({"tags": ["a", "b", "c"]}, "wrong-length", {"wanted": "array", "sign": "<=", "limit": "2"}),
    ({"name": "b"}, "wrong-form", {"pattern": "'^a'"}),
    ({"which": "z"}, "unknown-value", {"value": "'z'"}),
    ({"strange": 1}, "unknown-field", {}),
]


@pytest.mark.parametrize(("body", "code", "given"), BAD, ids=lambda it: it if isinstance(it, str) else "")
def test_what_does_not_fit_a_shape_is_said_with_its_values(body, code, given) -> None:
    with pytest.raises(BadRequest) as refused:
        read_part(body, Shape)
    (error,) = refused.value.document()["errors"]
    assert (error["code"], error["given"]) == (code, given)


def test_every_sentence_about_shapes_is_tried() -> None:
    told = {it.code for it in reasons() if it.where.startswith("telemetry/body.py") and it.given is None}
    assert told <= {code for _, code, _ in BAD}
