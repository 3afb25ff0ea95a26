"""Each patch of the emulator is still needed: without it, ministack differs from AWS as described.

When one of these fails, ministack has changed: drop the patch.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path
from subprocess import PIPE

import pytest

from local.environments import RUNTIME_REQUIREMENTS
from local.worker.runtime_api import Connection
from tests.local.runtime.conftest import ROOT

PARTIQL = """
import asyncio, json, sys
from local.emulator import patches
from ministack.services import dynamodb, kinesis

def call(action, **payload):
    target = {"x-amz-target": f"DynamoDB_20120810.{action}"}
    return asyncio.run(dynamodb.handle_request("POST", "/", target, json.dumps(payload).encode(), {}))

if sys.argv[1] == "patched":
    patches.emit_partiql_changes(dynamodb)
call("CreateTable", TableName="things", AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
     KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}], BillingMode="PAY_PER_REQUEST",
     StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"})
call("ExecuteStatement", Statement="INSERT INTO things VALUE {'id': 'a', 'n': 1}")
call("ExecuteStatement", Statement="UPDATE things SET n = 2 WHERE id = 'a' AND n = 1")
call("ExecuteStatement", Statement="UPDATE things SET n = 3 WHERE id = 'a' AND n = 1")
call("ExecuteStatement", Statement="DELETE FROM things WHERE id = 'a'")
changes = dynamodb.stream_live_records("things")
told = [(c["eventName"], c["dynamodb"].get("OldImage"), c["dynamodb"].get("NewImage")) for c in changes]
print(json.dumps(told))
"""

QUERY = """
import asyncio, json, sys
from local.emulator import patches
from ministack.services import dynamodb

def call(action, **payload):
    target = {"x-amz-target": f"DynamoDB_20120810.{action}"}
    return asyncio.run(dynamodb.handle_request("POST", "/", target, json.dumps(payload).encode(), {}))

if sys.argv[1] == "patched":
    patches.narrow_queries(dynamodb)
call("CreateTable", TableName="things", BillingMode="PAY_PER_REQUEST",
     AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("fleet", "item")],
     KeySchema=[{"AttributeName": "fleet", "KeyType": "HASH"}, {"AttributeName": "item", "KeyType": "RANGE"}])
for i in range(50):
    call("PutItem", TableName="things", Item={"fleet": {"S": "demo"}, "item": {"S": f"tr_{i:02}"}})
judged, judge = [], dynamodb._evaluate_condition
def counted(condition, item, *rest, **more):
    judged.append(item)
    return judge(condition, item, *rest, **more)
dynamodb._evaluate_condition = counted
asked = {"TableName": "things", "KeyConditionExpression": "fleet = :fleet AND begins_with(#item, :item)",
         "ExpressionAttributeNames": {"#item": "item"}, "Limit": 3, "ScanIndexForward": False,
         "ExpressionAttributeValues": {":fleet": {"S": "demo"}, ":item": {"S": "tr_1"}}}
found = []
while True:
    page = json.loads(call("Query", **asked)[2])
    found.append([item["item"]["S"] for item in page["Items"]])
    if "LastEvaluatedKey" not in page:
        break
    asked["ExclusiveStartKey"] = page["LastEvaluatedKey"]
print(json.dumps([found, len(judged) > 4 * 50]))
"""

KINESIS = """
import asyncio, json, sys
from local.emulator import patches
from ministack.services import kinesis

def call(action, **payload):
    target = {"x-amz-target": f"Kinesis_20131202.{action}"}
    return asyncio.run(kinesis.handle_request("POST", "/", target, json.dumps(payload).encode(), {}))

looks = []
class Counted(type(kinesis._shard_iterators)):
    def items(self):
        looks.append(1)
        return super().items()

if sys.argv[1] == "patched":
    patches.sweep_kinesis_seldom(kinesis)
call("CreateStream", StreamName="s", ShardCount=1)
kinesis._shard_iterators = Counted()
for _ in range(10):
    call("ListShards", StreamName="s")
print(json.dumps(len(looks)))
"""

RESHARDING = """
import asyncio, base64, json, sys
from local.emulator import patches
from ministack.services import kinesis

def call(action, **payload):
    target = {"x-amz-target": f"Kinesis_20131202.{action}"}
    answer = asyncio.run(kinesis.handle_request("POST", "/", target, json.dumps(payload).encode(), {}))
    return json.loads(answer[2] or "{}")

def put(data, hash_key):
    data = base64.b64encode(data.encode()).decode()
    call("PutRecord", StreamName="s", PartitionKey="k", ExplicitHashKey=str(hash_key), Data=data)

def drain(shard):
    ask = {"StreamName": "s", "ShardId": shard, "ShardIteratorType": "TRIM_HORIZON"}
    iterator, read = call("GetShardIterator", **ask).get("ShardIterator"), []
    for _ in range(5):
        page = call("GetRecords", ShardIterator=iterator, Limit=1)
        read += [base64.b64decode(r["Data"]).decode() for r in page.get("Records", [])]
        iterator = page.get("NextShardIterator")
        if not iterator:
            return read, sorted(child["ShardId"][-1] for child in page.get("ChildShards", []))
    return read, None

if sys.argv[1] == "patched":
    patches.keep_closed_shards(kinesis)
call("CreateStream", StreamName="s", ShardCount=1)
call("ListShards", StreamName="s")
put("before", 1)
half = 2 ** 127
shards = [f"shardId-{n:012d}" for n in range(4)]
call("SplitShard", StreamName="s", ShardToSplit=shards[0], NewStartingHashKey=str(half))
put("low", 1)
put("high", half)
call("MergeShards", StreamName="s", ShardToMerge=shards[1], AdjacentShardToMerge=shards[2])
put("after", 1)
again = call("SplitShard", StreamName="s", ShardToSplit=shards[0], NewStartingHashKey=str(half))
listed = [
    (s["ShardId"][-1], s.get("ParentShardId", "-")[-1], s.get("AdjacentParentShardId", "-")[-1],
     "EndingSequenceNumber" in s["SequenceNumberRange"])
    for s in call("ListShards", StreamName="s")["Shards"]
]
print(json.dumps([listed, [drain(s) for s in shards], again.get("__type", "")]))
"""

EXPIRY = """
import asyncio, base64, json, sys
from local.emulator import patches
from ministack.services import kinesis

def call(action, **payload):
    target = {"x-amz-target": f"Kinesis_20131202.{action}"}
    answer = asyncio.run(kinesis.handle_request("POST", "/", target, json.dumps(payload).encode(), {}))
    return json.loads(answer[2] or "{}")

if sys.argv[1] == "patched":
    patches.hold_iterators(kinesis)
call("CreateStream", StreamName="s", ShardCount=1)
call("ListShards", StreamName="s")
for data in "abcd":
    call("PutRecord", StreamName="s", PartitionKey="k", Data=base64.b64encode(data.encode()).decode())
ask = {"StreamName": "s", "ShardId": "shardId-000000000000", "ShardIteratorType": "TRIM_HORIZON"}
page = call("GetRecords", ShardIterator=call("GetShardIterator", **ask)["ShardIterator"], Limit=2)
for record in kinesis._streams["s"]["shards"]["shardId-000000000000"]["records"][:2]:
    record["ApproximateArrivalTimestamp"] -= 25 * 3600
page = call("GetRecords", ShardIterator=page["NextShardIterator"])
print(json.dumps([base64.b64decode(record["Data"]).decode() for record in page["Records"]]))
"""

PAGES = """
import asyncio, json, sys
from local.emulator import pages
from ministack import app
from ministack.core import responses
from ministack.services import s3

def call(method, path, query="", body=b"", **headers):
    asked = {name.replace("_", "-"): value for name, value in headers.items()}
    if sys.argv[1] == "patched" and "origin" in asked:
        return asyncio.run(pages.answer(s3, responses, method, path, query, asked, body))
    started = {}
    async def receive():
        return {"type": "http.request", "body": body, "more_body": False}
    async def send(message):
        started.update(message)
    raw = [(name.encode(), value.encode()) for name, value in asked.items()]
    scope = {"type": "http", "method": method, "path": path, "raw_path": path.encode(), "scheme": "http",
             "query_string": query.encode(), "headers": raw, "client": ("127.0.0.1", 0)}
    asyncio.run(app.app(scope, receive, send))
    return started["status"], {name.decode(): value.decode() for name, value in started["headers"]}, b""

def told(answer):
    named = {name.lower(): value for name, value in answer[1].items()}
    return [answer[0], named.get("access-control-allow-origin")]

rule = "<AllowedOrigin>https://ours</AllowedOrigin><AllowedMethod>GET</AllowedMethod>"
call("PUT", "/data", host="x")
rules = f"<CORSConfiguration><CORSRule>{rule}</CORSRule></CORSConfiguration>"
call("PUT", "/data", "cors", rules.encode(), host="x")
call("PUT", "/data/key", body=b"1", host="x")
wants = {"access_control_request_method": "GET", "host": "x"}
print(json.dumps([
    told(call("OPTIONS", "/data/key", origin="https://ours", **wants)),
    told(call("OPTIONS", "/data/key", origin="https://evil", **wants)),
    told(call("GET", "/data/key", origin="https://evil", host="x")),
]))
"""


TTL = """
import asyncio, json, time
from local.emulator import patches
from ministack.services import dynamodb
from telemetry.clock import Course

def call(action, **payload):
    target = {"x-amz-target": f"DynamoDB_20120810.{action}"}
    answer = asyncio.run(dynamodb.handle_request("POST", "/", target, json.dumps(payload).encode(), {}))
    return json.loads(answer[2])

call("CreateTable", TableName="things", AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
     KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}], BillingMode="PAY_PER_REQUEST")
expiry = {"AttributeName": "ttl", "Enabled": True}
call("UpdateTimeToLive", TableName="things", TimeToLiveSpecification=expiry)
for name, after_s in (("soon", 900), ("late", 900_000)):
    ttl = {"N": str(int(time.time()) + after_s)}
    call("PutItem", TableName="things", Item={"id": {"S": name}, "ttl": ttl})
patches.expire_by(dynamodb, Course(time.time(), 3600.0))
end = time.monotonic() + 10
while len(left := call("Scan", TableName="things")["Items"]) == 2 and time.monotonic() < end:
    time.sleep(0.1)
print(json.dumps([item["id"]["S"] for item in left]))
"""

FORKS = """
import json, os, sys
from local.emulator import pages, patches
from ministack import app
from ministack.core import responses
from ministack.services import dynamodb, kinesis, s3

for line in sys.stdin:
    script, sys.argv[1:] = json.loads(line)
    if not (child := os.fork()):
        exec(script)
        sys.stdout.flush()
        os._exit(0)
    if os.waitpid(child, 0)[1]:
        print("null", flush=True)
"""
"""Each script in a process of its own, which has ministack imported already."""


@pytest.fixture(scope="module")
def said() -> Iterator[Callable[..., object]]:
    """What a script prints, without our patches ("plain") or with them."""
    env = os.environ | {"LOG_LEVEL": "ERROR", "SERVICES": "dynamodb,kinesis,s3"}
    order = [sys.executable, "-c", FORKS]
    with subprocess.Popen(order, cwd=ROOT, env=env, stdin=PIPE, stdout=PIPE, text=True) as process:

        def run(script: str, *how: str) -> object:
            print(json.dumps([script, how]), file=process.stdin, flush=True)
            return json.loads(process.stdout.readline())

        yield run
        process.stdin.close()


def test_partiql_writes_emit_no_changes_without_the_patch(said) -> None:
    assert said(PARTIQL, "plain") == []


def test_partiql_writes_emit_changes_with_it(said) -> None:
    def item(n: int) -> dict:
        return {"id": {"S": "a"}, "n": {"N": str(n)}}

    assert said(PARTIQL, "patched") == [
        ["INSERT", None, item(1)],
        ["MODIFY", item(1), item(2)],
        ["REMOVE", item(2), None],
    ]


@pytest.mark.parametrize("how", ["plain", "patched"])
def test_a_query_by_prefix_judges_every_item_of_the_partition_without_the_patch(said, how) -> None:
    pages = [["tr_19", "tr_18", "tr_17"], ["tr_16", "tr_15", "tr_14"], ["tr_13", "tr_12", "tr_11"], ["tr_10"]]
    assert said(QUERY, how) == [pages, how == "plain"]


def test_every_kinesis_call_looks_through_all_iterators_without_the_patch(said) -> None:
    assert said(KINESIS, "plain") == 10


def test_none_does_with_it(said) -> None:
    assert said(KINESIS, "patched") == 0  # within the seconds between two sweeps


def test_a_reshard_loses_what_was_not_yet_read_without_the_patch(said) -> None:
    listed, drained, _ = said(RESHARDING, "plain")
    assert [shard for shard, *_ in listed] == ["3"]
    assert [read for read, _ in drained] == [[], [], [], ["after"]]


def test_closed_shards_are_kept_read_to_their_end_and_name_their_children_with_it(said) -> None:
    listed, drained, again = said(RESHARDING, "patched")
    assert listed == [
        ["0", "-", "-", True],
        ["1", "0", "-", True],
        ["2", "0", "-", True],
        ["3", "1", "2", False],
    ]
    assert drained == [[["before"], ["1", "2"]], [["low"], ["3"]], [["high"], ["3"]], [["after"], None]]
    assert again == "InvalidArgumentException"


def test_an_iterator_skips_records_when_others_expire_without_the_patch(said) -> None:
    assert said(EXPIRY, "plain") == []


def test_it_does_not_with_it(said) -> None:
    assert said(EXPIRY, "patched") == ["c", "d"]


def test_every_page_may_read_every_file_without_the_patch(said) -> None:
    assert said(PAGES, "plain") == [[200, "*"], [200, "*"], [200, "*"]]


def test_a_bucket_s_rules_say_which_page_may_with_it(said) -> None:
    assert said(PAGES, "patched") == [[200, "https://ours"], [403, None], [403, None]]


def test_the_patched_version_is_the_installed_one() -> None:
    assert version("ministack") == "1.5.33"


@pytest.mark.skipif(sys.platform != "linux", reason="awslambdaric is locked for Linux only")
def test_the_runtime_client_of_the_workers_is_the_locked_one() -> None:
    assert f"awslambdaric=={version('awslambdaric')}" in RUNTIME_REQUIREMENTS.read_text()


def test_the_portable_runtime_client_serves_awslambdaric_as_the_c_one_does(tmp_path: Path) -> None:
    """Run by hand, as bootstrap does elsewhere than on Linux."""
    (tmp_path / "echo.py").write_text(
        "def handler(event, context):\n    return {'got': event, 'id': context.aws_request_id}\n"
    )
    path = [str(tmp_path), str(ROOT / "local" / "worker" / "portable")]
    start = "from awslambdaric import __main__ as client; client.main(['', 'echo.handler'])"
    boot = f"import sys; sys.path[:0] = {path}; {start}"

    async def converse() -> tuple[str, bytes]:
        loop = asyncio.get_running_loop()
        answered: asyncio.Future[tuple[str, bytes]] = loop.create_future()

        class Runtime:
            def asks(self, connection: Connection) -> None:
                if not answered.done():
                    connection.give("r-1", "arn:x", 0, b'{"a": 1}')

            def answers(self, request_id: str, body: bytes, *, failed: bool) -> None:
                answered.set_result((request_id, body))

            def init_failed(self, body: bytes) -> None:
                answered.set_exception(AssertionError(body))

        server = await loop.create_server(lambda: Connection(Runtime()), "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        env = {"AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{port}"}
        child = await asyncio.create_subprocess_exec(sys.executable, "-c", boot, env=env)
        try:
            return await asyncio.wait_for(answered, 20)
        finally:
            child.kill()
            await child.wait()
            server.close()

    request_id, body = asyncio.run(converse())
    assert request_id == "r-1"
    assert json.loads(body) == {"got": {"a": 1}, "id": "r-1"}


def test_items_expire_by_the_laptops_clock(said) -> None:
    assert said(TTL) == ["late"]
