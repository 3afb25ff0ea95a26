"""The HTTP API as API Gateway has it, with real workers behind it."""

from __future__ import annotations

import base64
import gzip
import http.client
import json
import socket
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest

from tests.local.runtime.conftest import Running


def event(reply) -> dict:
    return reply.json["event"]


def test_the_event_is_payload_2(project: Running) -> None:
    reply = project.ask("/open/a%20b?x=1&x=2&y=%C3%BC", X_One="1", Cookie="a=1; b=2", User_Agent="me")
    said = event(reply)
    assert said["version"] == "2.0"
    assert said["routeKey"] == "GET /open/{id}"
    assert said["rawPath"] == "/open/a b"
    assert said["rawQueryString"] == "x=1&x=2&y=%C3%BC"
    assert said["queryStringParameters"] == {"x": "1,2", "y": "ü"}
    assert said["pathParameters"] == {"id": "a b"}
    assert said["cookies"] == ["a=1", "b=2"]
    assert said["headers"]["x-one"] == "1"
    assert "cookie" not in said["headers"]
    assert said["isBase64Encoded"] is False
    assert "body" not in said
    context = said["requestContext"]
    assert context["http"] | {"sourceIp": ""} == {
        "method": "GET",
        "path": "/open/a b",
        "protocol": "HTTP/1.1",
        "sourceIp": "",
        "userAgent": "me",
    }
    assert context["stage"] == "$default"
    assert context["requestId"] == reply.headers["apigw-requestid"]
    assert "authorizer" not in context
    assert 0 < reply.json["left_ms"] <= 1000


@pytest.mark.parametrize(
    ("path", "method", "key", "variables"),
    [
        ("/open/fixed", "GET", "GET /open/fixed", None),
        ("/open/other", "GET", "GET /open/{id}", {"id": "other"}),
        ("/all/a/b/c", "PUT", "ANY /all/{rest+}", {"rest": "a/b/c"}),
    ],
)
def test_a_literal_beats_a_variable_beats_a_greedy_one(project, path, method, key, variables) -> None:
    said = event(project.ask(path, method))
    assert said["routeKey"] == key
    assert said.get("pathParameters") == variables


@pytest.mark.parametrize("path", ["/nothing", "/open", "/open/a%2Fb", "/open/a/b", "/all"])
def test_what_no_route_fits_is_not_found(project, path) -> None:
    reply = project.ask(path, "POST", b"{}")
    assert reply.status == 404
    assert reply.json["message"] == "Not Found"
    assert path.partition("%")[0] in reply.json["detail"]


@pytest.mark.parametrize(
    ("content_type", "body", "encoded"),
    [
        ("application/json", b'{"a":"\xc3\xbc"}', False),
        ("text/csv; charset=utf-8", b"a,b", False),
        ("application/octet-stream", b"abc", True),
        ("application/json", b"\xff\xfe", True),
    ],
)
def test_a_body_is_text_or_base64(project, content_type, body, encoded) -> None:
    said = event(project.ask("/open/x", "POST", body, Content_Type=content_type))
    assert said["isBase64Encoded"] is encoded
    assert (base64.b64decode(said["body"]) if encoded else said["body"].encode()) == body


def test_a_compressed_body_is_handed_on_as_it_came(project: Running) -> None:
    body = gzip.compress(b'{"a":1}')
    said = event(
        project.ask("/open/x", "POST", body, Content_Type="application/json", Content_Encoding="gzip")
    )
    assert said["isBase64Encoded"] is True
    assert base64.b64decode(said["body"]) == body


def test_who_waits_to_be_asked_for_the_body_is_asked(project: Running) -> None:
    host, port = project.base.removeprefix("http://").split(":")
    head = f"POST /open/x HTTP/1.1\r\nHost: {host}\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n"
    with socket.create_connection((host, int(port)), timeout=10) as raw:
        raw.sendall(head.encode())
        assert raw.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        raw.sendall(b"{}")
        assert raw.recv(20).startswith(b"HTTP/1.1 200")


def test_answers_in_every_form(project: Running) -> None:
    bare = project.ask("/open/x?do=bare")
    assert (bare.status, bare.headers["content-type"], bare.json) == (
        200,
        "application/json",
        {"just": "this"},
    )
    assert project.ask("/open/x?do=text").body == b"plain"
    picture = project.ask("/open/x?do=picture")
    assert (picture.headers["content-type"], picture.body) == ("image/png", b"\x89PNG")
    cookies = project.ask("/open/x?do=cookies")
    assert cookies.status == 204
    assert cookies.headers.get_all("set-cookie") == ["a=1; Secure", "b=2"]
    assert cookies.headers["x-told"] == "yes"


@pytest.mark.parametrize("do", ["raise", "crash", "malformed", "sleep&s=5"])
def test_a_failing_function_is_a_500_and_the_next_request_works(project, do) -> None:
    reply = project.ask(f"/open/x?do={do}")
    assert reply.status == 500
    assert reply.json["message"] == "Internal Server Error"
    assert project.ask("/open/x").status == 200


def test_a_body_over_the_limit_is_refused_unread_with_what_to_do(project: Running) -> None:
    connection = http.client.HTTPConnection(project.base.removeprefix("http://"), timeout=10)
    connection.putrequest("POST", "/open/x")
    connection.putheader("content-length", str(7_000_000))
    connection.endheaders()
    answer = connection.getresponse()  # not a byte of the body was sent
    said = json.loads(answer.read())
    assert answer.status == 413
    assert said["message"] == "Request Entity Too Large"
    assert "smaller parts" in said["detail"]
    connection.close()


def test_a_chunked_body_over_the_limit_is_refused_too(project: Running) -> None:
    connection = http.client.HTTPConnection(project.base.removeprefix("http://"), timeout=10)
    part = b"x" * 1_000_000
    with suppress(OSError):  # the runtime stops reading
        connection.request(
            "POST",
            "/open/x",
            body=iter([part] * 40),
            encode_chunked=True,
            headers={"Transfer-Encoding": "chunked"},
        )
    assert connection.getresponse().status == 413
    connection.close()


def test_what_fits_raw_but_not_in_base64_is_refused(project: Running) -> None:
    body = b"\xff" * 5_000_000
    assert project.ask("/open/x", "POST", body, Content_Type="application/octet-stream").status == 413
    assert project.ask("/open/x", "POST", b"a" * 5_000_000, Content_Type="text/plain").status in (200, 500)


def test_cors(project: Running) -> None:
    origin = {"Origin": "https://console.example"}
    asked = origin | {
        "Access_Control_Request_Method": "POST",
        "Access_Control_Request_Headers": "content-type",
    }
    preflight = project.ask("/open/x", "OPTIONS", **asked)
    assert preflight.status == 204
    assert preflight.headers["access-control-allow-origin"] == "https://console.example"
    assert preflight.headers["access-control-allow-methods"] == "GET,POST"
    assert preflight.headers["access-control-max-age"] == "600"
    assert project.ask("/open/x", **origin).headers["access-control-expose-headers"] == "x-told"
    for other in ({"Origin": "https://evil.example"}, {"Access_Control_Request_Method": "DELETE"}):
        refused = project.ask("/open/x", "OPTIONS", **(asked | other))
        assert refused.status == 204
        assert "access-control-allow-origin" not in refused.headers


def test_requests_run_beside_each_other(project: Running) -> None:
    with ThreadPoolExecutor(8) as pool:
        replies = list(pool.map(lambda i: project.ask(f"/open/{i}?do=sleep&s=0.2"), range(8)))
    assert [event(reply)["pathParameters"]["id"] for reply in replies] == [str(i) for i in range(8)]
    assert len({reply.json["pid"] for reply in replies}) == 2  # the laptop's limit of workers
