"""The WebSocket API and its management of connections."""

from __future__ import annotations

import asyncio
import json
import urllib.parse

import aiohttp
import pytest

from tests.local.runtime.conftest import Running, until

SIGNED = {"authorization": "AWS4-HMAC-SHA256 Credential=x"}


def run(project: Running, conversation) -> None:
    async def with_session() -> None:
        async with aiohttp.ClientSession(project.base) as session:
            await conversation(session)

    asyncio.run(with_session())


def seen(project: Running, kind: str, connection: str | None = None) -> list[dict]:
    events = [event["requestContext"] | event for event in project.lines("live.jsonl")]
    return [e for e in events if e["eventType"] == kind and connection in (None, e["connectionId"])]


def test_connect_route_answer_disconnect(project: Running) -> None:
    async def conversation(session: aiohttp.ClientSession) -> None:
        async with session.ws_connect("/v1/live?ticket=good") as socket:
            await socket.send_json({"action": "echo", "text": "hello"})
            assert json.loads((await socket.receive(timeout=5)).data) == {"echo": "hello"}

    run(project, conversation)
    connected = seen(project, "CONNECT")[-1]
    connection = connected["connectionId"]
    assert connected["queryStringParameters"] == {"ticket": "good"}
    assert (connected["routeKey"], connected["stage"]) == ("$connect", "v1")
    message = seen(project, "MESSAGE", connection)[0]
    assert message["routeKey"] == "echo"
    assert message["connectedAt"] == connected["connectedAt"]
    assert json.loads(message["body"]) == {"action": "echo", "text": "hello"}
    until(lambda: seen(project, "DISCONNECT", connection))


def test_a_refused_connection_is_told_why(project: Running) -> None:
    async def conversation(session: aiohttp.ClientSession) -> None:
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await session.ws_connect("/v1/live?ticket=bad")
        assert refused.value.status == 403
        async with session.get("/v1/live") as plain:
            assert plain.status == 426

    run(project, conversation)


def test_what_has_no_route_or_fails_is_answered_as_aws_does(project: Running) -> None:
    async def conversation(session: aiohttp.ClientSession) -> None:
        async with session.ws_connect("/v1/live?ticket=good") as socket:
            for said, answer in (
                ('{"action":"dance"}', "Forbidden"),
                ("not json", "Forbidden"),
                ('{"action":"$connect"}', "Forbidden"),
                ('{"action":"echo","fail":1}', "Internal server error"),
            ):
                await socket.send_str(said)
                assert (await socket.receive_json(timeout=5))["message"] == answer

    run(project, conversation)


def test_manage_a_connection(project: Running) -> None:
    async def conversation(session: aiohttp.ClientSession) -> None:
        async with session.ws_connect("/v1/live?ticket=good") as socket:
            await socket.send_json({"action": "echo", "text": ""})
            await socket.receive(timeout=5)
            path = (
                f"/_aws/live/@connections/{urllib.parse.quote(seen(project, 'CONNECT')[-1]['connectionId'])}"
            )
            async with session.post(path, data=b"hi") as unsigned:
                assert unsigned.status == 403
            async with session.post(path, data=b"hi", headers=SIGNED) as sent:
                assert sent.status == 200
            assert (await socket.receive(timeout=5)).data == "hi"
            async with session.post(path, data=b"x" * (128 * 1024 + 1), headers=SIGNED) as large:
                assert large.status == 413
                assert large.headers["x-amzn-errortype"] == "PayloadTooLargeException"
            async with session.get(path, headers=SIGNED) as described:
                assert set(await described.json()) == {"connectedAt", "lastActiveAt", "identity"}
            async with session.delete(path, headers=SIGNED) as deleted:
                assert deleted.status == 204
            assert (await socket.receive(timeout=5)).type is aiohttp.WSMsgType.CLOSE
        async with session.post(path, data=b"hi", headers=SIGNED) as gone:
            assert gone.status == 410
            assert gone.headers["x-amzn-errortype"] == "GoneException"

    run(project, conversation)


def test_a_frame_over_32_kb_ends_the_connection(project: Running) -> None:
    async def conversation(session: aiohttp.ClientSession) -> None:
        async with session.ws_connect("/v1/live?ticket=good") as socket:
            await socket.send_str("x" * (32 * 1024 + 1))
            closed = await socket.receive(timeout=5)
            assert (closed.type, closed.data) == (aiohttp.WSMsgType.CLOSE, 1009)

    run(project, conversation)
