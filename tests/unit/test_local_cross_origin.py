"""A bucket's CORS rules: as S3 is told, never left out in silence, and where pages find its files."""

from __future__ import annotations

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from local.cross_origin import share, shared
from local.trouble import Trouble

RULE = {"AllowedOrigins": ["https://a&b"], "AllowedMethods": ["GET", "PUT"], "MaxAge": 60}


class Emulator:
    def __init__(self) -> None:
        self.put: list[tuple[str, str, bytes]] = []

    async def put_bucket(self, name: str, what: str, body: bytes) -> None:
        self.put.append((name, what, body))


def stack(*rules: dict[str, Any]) -> Any:
    properties = {"CorsConfiguration": {"CorsRules": list(rules)}} if rules else {}
    resolver = SimpleNamespace(properties=lambda _: properties, ref=lambda *_: "bucket")
    return SimpleNamespace(source=Path("template.yaml"), resolver=resolver, of_type=lambda _: iter(["Files"]))


def told(*rules: dict[str, Any]) -> list[tuple[str, str, bytes]]:
    aws: Any = Emulator()
    asyncio.run(share(aws, stack(*rules), "Files"))
    return aws.put


def test_a_bucket_without_rules_is_left_alone_and_shows_pages_nothing() -> None:
    assert told() == []
    assert list(shared([stack()], "http://emulator")) == []


def test_rules_are_told_by_s3_s_own_names() -> None:
    ((name, what, body),) = told(RULE, {"AllowedOrigins": ["*"], "AllowedMethods": ["GET"]})
    assert (name, what) == ("bucket", "cors")
    assert body.decode() == (
        "<CORSConfiguration><CORSRule><AllowedOrigin>https://a&amp;b</AllowedOrigin>"
        "<AllowedMethod>GET</AllowedMethod><AllowedMethod>PUT</AllowedMethod>"
        "<MaxAgeSeconds>60</MaxAgeSeconds></CORSRule>"
        "<CORSRule><AllowedOrigin>*</AllowedOrigin><AllowedMethod>GET</AllowedMethod></CORSRule>"
        "</CORSConfiguration>"
    )


def test_a_bucket_with_rules_has_an_address_for_pages() -> None:
    assert list(shared([stack(RULE), stack()], "http://emulator")) == ["http://emulator/bucket/"]


def test_what_the_laptop_does_not_know_is_said() -> None:
    with pytest.raises(Trouble, match=r"template.yaml: Resources.Files: .* knows no Id of a CORS rule"):
        told(RULE | {"Id": "one"})
