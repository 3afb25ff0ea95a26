"""AWS as a process of its own that takes everything and keeps nothing: its CPU is not the caller's."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

_HEAD = (
    "HTTP/1.1 200 OK\r\nx-amzn-RequestId: c5d1a6a2-7b2f-4b8e-9f0a-1d2e3f405162\r\n"
    "Date: Tue, 24 Nov 2026 04:00:00 GMT\r\nContent-Type: application/x-amz-json-1.1\r\n"
    "Content-Length: %d\r\n\r\n"
)
_SEQUENCE = "49667927014512345678901234567890123456789012345678901234"
_PUT = b'{"FailedRecordCount":0,"Records":[{"SequenceNumber":"%s","ShardId":"shardId-000000000000"}]}'
PUT_RECORDS = _PUT.replace(b"%s", _SEQUENCE.encode())
"""Of one record, as Kinesis answers."""


@contextmanager
def responder() -> Iterator[str]:
    """Its address."""
    command = [sys.executable, "-m", "benchmarks.responder"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None  # noqa: S101 - a pipe was asked for
    try:
        yield f"http://127.0.0.1:{int(process.stdout.readline())}"
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


async def _serve() -> None:
    server = await asyncio.start_server(_answer, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while not reader.at_eof():
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
        except asyncio.IncompleteReadError:
            break
        if b"100-continue" in head:
            writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        _, found, length = head.partition(b"content-length:")
        if found:
            await reader.readexactly(int(length.split(b"\r\n")[0]))
        body = PUT_RECORDS if b".putrecords" in head else b""
        writer.write((_HEAD % len(body)).encode() + body)
    writer.close()


if __name__ == "__main__":
    asyncio.run(_serve())
