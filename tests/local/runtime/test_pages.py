"""What pages of other origins may do with the emulator: use a signed address, as the bucket's rules say."""

# ruff: noqa: S310 (our own server)
from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import Any

import pytest
from botocore.config import Config

from tests.local.runtime.conftest import Reply, Running

BUCKET, KEY = "milepost-dev-pipeline-files", "seen/one.txt"
PAGE = {"Origin": "https://console.example"}
OTHER = {"Origin": "https://evil.example"}
PUT = {"Content-Type": "text/plain", "If-None-Match": "*"}


def ask(url: str, method: str, headers: Mapping[str, str], body: bytes | None = None) -> Reply:
    request = urllib.request.Request(url, body, dict(headers), method=method)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return Reply(answer.status, answer.headers, answer.read())
    except urllib.error.HTTPError as error:
        return Reply(error.code, error.headers, error.read())


def signed(project: Running, action: str, **more: Any) -> str:
    s3 = project.client("s3", Config(signature_version="s3v4"))
    what = {"Bucket": BUCKET, "Key": KEY} | more
    return s3.generate_presigned_url(action, Params=what, ExpiresIn=60)


@pytest.fixture(scope="module")
def there(project: Running) -> Running:
    """With a file that a page has put there."""
    url = signed(project, "put_object", ContentType="text/plain", IfNoneMatch="*")
    wanted = {
        "Access-Control-Request-Method": "PUT",
        "Access-Control-Request-Headers": "content-type,if-none-match",
    }
    asked = ask(url, "OPTIONS", PAGE | wanted)
    assert (asked.status, asked.headers["access-control-allow-origin"]) == (200, PAGE["Origin"])
    assert "PUT" in asked.headers["access-control-allow-methods"]
    put = ask(url, "PUT", PAGE | PUT, b"mine")
    assert (put.status, put.headers["access-control-allow-origin"]) == (200, PAGE["Origin"])
    return project


def test_a_page_reads_what_has_a_signed_address(there: Running) -> None:
    read = ask(signed(there, "get_object"), "GET", PAGE)
    assert (read.status, read.body) == (200, b"mine")
    assert read.headers.get_all("access-control-allow-origin") == [PAGE["Origin"]]


def test_a_second_put_is_refused_and_the_page_may_know(there: Running) -> None:
    url = signed(there, "put_object", ContentType="text/plain", IfNoneMatch="*")
    again = ask(url, "PUT", PAGE | PUT, b"other")
    assert (again.status, again.headers["access-control-allow-origin"]) == (412, PAGE["Origin"])


def test_another_origin_reads_nothing(there: Running) -> None:
    wanted = {"Access-Control-Request-Method": "PUT"}
    url = signed(there, "put_object")
    assert ask(url, "OPTIONS", OTHER | wanted).status == 403
    assert ask(url, "OPTIONS", PAGE | {"Access-Control-Request-Method": "DELETE"}).status == 403
    # As S3 does: the browser keeps the answer from the page.
    assert "access-control-allow-origin" not in ask(signed(there, "get_object"), "GET", OTHER).headers


def test_without_a_signature_that_is_checked_there_is_nothing_for_a_page(there: Running) -> None:
    plain = f"{there.state['aws_endpoint']}/{BUCKET}/{KEY}"
    address = signed(there, "get_object")
    for url in (
        plain,
        address.replace("X-Amz-Signature=", "X-Amz-Signature=0"),
        address.replace("X-Amz-Algorithm=AWS4-HMAC-SHA256", "X-Amz-Algorithm=none"),
        address.replace("X-Amz-Signature=", "X-Amz-Signature=&x="),
        address.replace(f"/{BUCKET}/{KEY}", "/_ministack/config"),
    ):
        for origin in (PAGE, OTHER):
            refused = ask(url, "GET", origin)
            assert (refused.status, b"mine" in refused.body) in {(403, False), (404, False)}, url


def test_the_other_services_are_not_for_pages(project: Running) -> None:
    target = {"X-Amz-Target": "AmazonSSM.DescribeParameters", "Content-Type": "application/x-amz-json-1.1"}
    endpoint = project.state["aws_endpoint"]
    assert ask(endpoint, "POST", target, b"{}").status == 200
    assert ask(endpoint, "POST", target | PAGE, b"{}").status == 403
    form = {"Content-Type": "text/plain"}  # what a page may send without asking first
    listing = f"{endpoint}/?Action=ListQueues"
    assert b"ListQueuesResult" in ask(listing, "POST", form, b"").body
    assert ask(listing, "POST", form | PAGE, b"").status == 403
    assert json.loads(project.ask("/config.json").body)["fleet"]
