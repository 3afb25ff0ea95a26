"""Conditions of DynamoDB's expressions and of PartiQL's WHERE: the part of both that stores use.

Grammar: OR, AND, NOT, parentheses, comparisons, BETWEEN, IN, attribute_exists, attribute_not_exists,
begins_with; top-level attributes only.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from cli.cost.cloud.meter import NotModelled
from cli.cost.cloud.sizes import Item

Value = Mapping[str, Any] | None
Look = Callable[[Item], Value]
Test = Callable[[Item], bool]

_TOKEN = re.compile(r"""\s*("[^"]*"|'[^']*'|[#:]?[\w-]+|<>|<=|>=|[=<>?(),{}:*.\[\]])""")
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda a, b: bool(a == b),
    "<>": lambda a, b: bool(a != b),
    "<": lambda a, b: bool(a < b),
    "<=": lambda a, b: bool(a <= b),
    ">": lambda a, b: bool(a > b),
    ">=": lambda a, b: bool(a >= b),
}


class Words:
    """An expression's tokens, read once from the left. values: what stands for `:name` or the next `?`."""

    def __init__(self, text: str, names: Mapping[str, str], values: Callable[[str], Value]) -> None:
        self.text, self._names, self._values = text, names, values
        self._left = list(_tokens(text))

    def peek(self) -> str:
        return self._left[0].upper() if self._left else ""

    def take(self, *wanted: str) -> str:
        """The next token; one of `wanted`, in any case, where some are given. Raises NotModelled."""
        if not self._left or (wanted and self.peek() not in wanted):
            raise NotModelled(f"the expression {self.text!r}")
        return str(self._left.pop(0))

    def skip(self, *words: str) -> bool:
        """Whether the next token was one of `words`, which is then taken."""
        if self.peek() in words:
            self._left.pop(0)
            return True
        return False

    def gives(self) -> bool:
        """Whether a value comes next, not an attribute."""
        return self.peek()[:1] in {*":?'0123456789"}

    def name(self) -> str:
        word = self.take()
        if self.peek() in (".", "["):
            raise NotModelled(f"a nested attribute in {self.text!r}")
        return self._names[word] if word.startswith("#") else word.strip("\"'")

    def value(self) -> Value:
        word = self.take()
        if word[0] in ":?":
            return self._values(word)
        if word[0] == "'":
            return {"S": word[1:-1]}
        return {"N": word}


def _tokens(text: str) -> Iterator[str]:
    at, end = 0, len(text.rstrip())
    while at < end:
        match = _TOKEN.match(text, at)
        if match is None:
            raise NotModelled(f"{text[at:]!r} in the expression {text!r}")
        yield match[1]
        at = match.end()


def condition(words: Words) -> Test:
    """The test that the tokens describe, as far as they describe one."""
    test = _all(words)
    while words.skip("OR"):
        test = _either(test, _all(words))
    return test


def _all(words: Words) -> Test:
    test = _one(words)
    while words.skip("AND"):
        test = _both(test, _one(words))
    return test


def _either(a: Test, b: Test) -> Test:
    return lambda item: a(item) or b(item)


def _both(a: Test, b: Test) -> Test:
    return lambda item: a(item) and b(item)


def _one(words: Words) -> Test:
    if words.skip("NOT"):
        inner = _one(words)
        return lambda item: not inner(item)
    if words.skip("("):
        inner = condition(words)
        words.take(")")
        return inner
    if words.peek() in ("ATTRIBUTE_EXISTS", "ATTRIBUTE_NOT_EXISTS", "BEGINS_WITH"):
        return _function(words)
    left = operand(words)
    if words.skip("BETWEEN"):
        low = operand(words)
        words.take("AND")
        high = operand(words)
        return lambda item: _compare(">=", left(item), low(item)) and _compare("<=", left(item), high(item))
    if words.skip("IN"):
        choices = _list(words)
        return lambda item: any(_compare("=", left(item), choice(item)) for choice in choices)
    sign = words.take(*_COMPARE)
    right = operand(words)
    return lambda item: _compare(sign, left(item), right(item))


def _function(words: Words) -> Test:
    function = words.take().upper()
    words.take("(")
    name = words.name()
    if function == "BEGINS_WITH":
        words.take(",")
        start = words.value()
        words.take(")")
        return lambda item: (
            name in item and str(plain(item[name])).startswith(str(plain(start) if start else ""))
        )
    words.take(")")
    wanted = function == "ATTRIBUTE_EXISTS"
    return lambda item: (name in item) is wanted


def operand(words: Words) -> Look:
    """An attribute, or a value that is given."""
    if words.gives():
        value = words.value()
        return lambda _item: value
    name = words.name()
    return lambda item: item.get(name)


def _list(words: Words) -> list[Look]:
    words.take("(", "[")
    found = [operand(words)]
    while words.skip(","):
        found.append(operand(words))
    words.take(")", "]")
    return found


def plain(typed: Mapping[str, Any]) -> Any:
    ((kind, value),) = typed.items()
    return Decimal(value) if kind == "N" else value


def _compare(sign: str, a: Value, b: Value) -> bool:
    """A missing attribute, or one of another type, compares as unequal."""
    if a is None or b is None or set(a) != set(b):
        return sign == "<>" and a is not b
    return _COMPARE[sign](plain(a), plain(b))
