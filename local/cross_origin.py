"""A bucket's CORS rules, told to the emulator, and the addresses that pages have by them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any
from xml.sax.saxutils import escape

from local.aws import Aws, AwsError
from local.template.stacks import Stack
from local.trouble import Trouble

_RULES = "CorsRules"
_ELEMENTS = {
    "AllowedOrigins": "AllowedOrigin",
    "AllowedMethods": "AllowedMethod",
    "AllowedHeaders": "AllowedHeader",
    "ExposedHeaders": "ExposeHeader",
    "MaxAge": "MaxAgeSeconds",
}
"""S3's names of what CloudFormation calls otherwise."""


async def share(aws: Aws, stack: Stack, logical: str) -> None:
    """Raises Trouble for what the laptop would otherwise leave out in silence."""
    at = f"{stack.source}: Resources.{logical}"
    rules = _rules(stack, logical)
    if unknown := {name for rule in rules for name in rule} - set(_ELEMENTS):
        raise Trouble(f"{at}: the laptop runtime knows no {', '.join(sorted(unknown))} of a CORS rule.")
    if not rules:
        return
    document = f"<CORSConfiguration>{''.join(map(_rule, rules))}</CORSConfiguration>"
    try:
        await aws.put_bucket(stack.resolver.ref(logical, at), "cors", document.encode())
    except AwsError as error:
        raise Trouble(f"{at} cannot be given its CorsConfiguration: {error}.") from error


def shared(stacks: Iterable[Stack], endpoint: str) -> Iterator[str]:
    """Where pages find the files of each bucket that has rules for them."""
    for stack in stacks:
        for logical in stack.of_type("AWS::S3::Bucket"):
            if _rules(stack, logical):
                yield f"{endpoint}/{stack.resolver.ref(logical, stack.source.name)}/"


def _rules(stack: Stack, logical: str) -> list[dict[str, Any]]:
    configured = stack.resolver.properties(logical).get("CorsConfiguration") or {}
    return list(configured.get(_RULES, ()))


def _rule(rule: dict[str, Any]) -> str:
    said = (
        f"<{element}>{escape(str(value))}</{element}>"
        for name, element in _ELEMENTS.items()
        for value in _listed(rule.get(name, ()))
    )
    return f"<CORSRule>{''.join(said)}</CORSRule>"


def _listed(value: Any) -> Iterable[Any]:
    return value if isinstance(value, list | tuple) else [value]
