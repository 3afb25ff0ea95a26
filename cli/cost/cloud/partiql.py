"""PartiQL statements on one item: INSERT, UPDATE, DELETE and SELECT by its whole key, with conditions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cli.cost.cloud.expressions import Look, Test, Value, Words, condition, operand
from cli.cost.cloud.meter import NotModelled
from cli.cost.cloud.sizes import Item


@dataclass
class Statement:
    """verb: INSERT, UPDATE, DELETE or SELECT. `key` holds each attribute that WHERE compares with `=`."""

    verb: str
    table: str
    item: dict[str, Mapping[str, Any]]
    assign: dict[str, Look]
    remove: list[str]
    test: Test | None
    key: dict[str, Mapping[str, Any]]

    def change(self, old: Item | None) -> Item | None:
        if self.verb == "INSERT":
            return self.item
        if self.verb == "DELETE" or old is None:
            return None
        new = {name: value for name, value in old.items() if name not in self.remove}
        for name, look in self.assign.items():
            value = look(old)
            if value is None:
                raise NotModelled(f"{name} set to what is not there")
            new[name] = value
        return new


def parse(text: str, parameters: Sequence[Mapping[str, Any]]) -> Statement:
    """Raises NotModelled."""
    given = iter(parameters)
    words = Words(text, {}, lambda _: next(given))
    verb = words.take("INSERT", "UPDATE", "DELETE", "SELECT").upper()
    if verb == "SELECT":
        words.take("*")
    if verb in ("INSERT", "DELETE", "SELECT"):
        words.take("INTO", "FROM")
    made = Statement(verb, words.name(), {}, {}, [], None, {})
    if verb == "INSERT":
        words.take("VALUE")
        made.item = _object(words)
        return made
    while words.peek() in ("SET", "REMOVE"):
        _clause(words, made)
    words.take("WHERE")
    rest, given_left = _where(words), list(given)
    made.test = condition(Words(rest, {}, _each(given_left)))
    made.key = _equal(rest, given_left)
    return made


def _clause(words: Words, made: Statement) -> None:
    removes = words.take("SET", "REMOVE").upper() == "REMOVE"
    while True:
        name = words.name()
        if removes:
            made.remove.append(name)
        else:
            words.take("=")
            made.assign[name] = operand(words)
        if not words.skip(","):
            return


def _object(words: Words) -> dict[str, Mapping[str, Any]]:
    found: dict[str, Mapping[str, Any]] = {}
    words.take("{")
    while not words.skip("}"):
        name = words.name()
        words.take(":")
        value = words.value()
        if value is None:
            raise NotModelled(f"a value left out in {words.text!r}")
        found[name] = value
        words.skip(",")
    return found


def _where(words: Words) -> str:
    """What is left, without RETURNING."""
    rest: list[str] = []
    while words.peek() and words.peek() != "RETURNING":
        rest.append(words.take())
    return " ".join(rest)


def _equal(text: str, parameters: Sequence[Value]) -> dict[str, Mapping[str, Any]]:
    words = Words(text, {}, _each(parameters))
    found: dict[str, Mapping[str, Any]] = {}
    before = ""
    while words.peek():
        if words.peek() == "=":
            words.take()
            if words.gives():
                value = words.value()
                if value is not None:
                    found.setdefault(before, value)
        elif words.peek() == "?":
            words.value()
        else:
            before = words.take().strip('"')
    return found


def _each(parameters: Sequence[Value]) -> Any:
    given = iter(parameters)
    return lambda _: next(given)
