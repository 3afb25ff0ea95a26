"""Intrinsic functions, for both partitions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from local.addresses import Addresses
from local.settings import Settings
from local.template import document
from local.template.attributes import Place
from local.template.resolve import Resolver
from local.template.stacks import load
from local.trouble import Trouble

TEMPLATE = """
Parameters: { Stage: { Type: String } }
Mappings:
  Sizes: { dev: { memory: 128 }, live: { memory: 512 } }
Conditions:
  Live: !Equals [!Ref Stage, live]
  NotLive: !Not [!Condition Live]
  Either: !Or [!Condition Live, !Condition NotLive]
Resources:
  Table: { Type: AWS::DynamoDB::Table, Properties: { TableName: !Sub "${Stage}-things" } }
  Bucket: { Type: AWS::S3::Bucket }
  Stream: { Type: AWS::Kinesis::Stream }
  Queue: { Type: AWS::SQS::Queue }
  Worker: { Type: AWS::Lambda::Function }
  Http: { Type: AWS::ApiGatewayV2::Api, Properties: { ProtocolType: HTTP } }
  Live: { Type: AWS::ApiGatewayV2::Api, Properties: { ProtocolType: WEBSOCKET } }
  Only: { Type: AWS::SQS::Queue, Condition: Live }
"""
PUBLISHES = """
Transform: AWS::Serverless-2016-10-31
Resources:
  Table: { Type: AWS::DynamoDB::Table, Properties: { TableName: things } }
  Name:
    Type: AWS::SSM::Parameter
    Properties: { Name: /shop/stream, Type: String, Value: !GetAtt Table.StreamArn }
"""
ASKS = """
Transform: AWS::Serverless-2016-10-31
Parameters: { Found: { Type: AWS::SSM::Parameter::Value<String>, Default: /shop/stream } }
Resources:
  Queue: { Type: AWS::SQS::Queue }
"""
GLOBAL, CHINA = Place("aws", "us-east-1", "123456789012"), Place("aws-cn", "cn-north-1", "123456789012")


@pytest.fixture
def resolver(tmp_path: Path) -> Any:
    def make(place: Place = GLOBAL, stage: str = "dev") -> Resolver:
        source = tmp_path / "template.yaml"
        source.write_text(TEMPLATE)
        return Resolver(source, "shop", document.load(source), place, {"Stage": stage})

    return make


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("!Ref Stage", "dev"),
        ("!Ref Table", "dev-things"),
        ("!Ref Bucket", "shop-bucket"),
        ("!GetAtt Worker.Arn", "arn:aws:lambda:us-east-1:123456789012:function:shop-Worker"),
        ('!Sub "${Bucket.Arn}/routes/*"', "arn:aws:s3:::shop-bucket/routes/*"),
        ('!Sub ["${a}-${Stage}-${!kept}", { a: !Ref AWS::Region }]', "us-east-1-dev-${kept}"),
        ("!FindInMap [Sizes, !Ref Stage, memory]", 128),
        ("!FindInMap [Sizes, !Ref Stage, nothing, { DefaultValue: 7 }]", 7),
        ("!If [Live, yes-live, [!If [NotLive, a, b]]]", ["a"]),
        ("{ a: 1, b: !Ref AWS::NoValue, c: [1, !Ref AWS::NoValue] }", {"a": 1, "c": [1]}),
        ('!Join ["-", [a, !Ref Stage, 3]]', "a-dev-3"),
        ('!Select [1, !Split [",", "a,b,c"]]', "b"),
        ("!Base64 hi", "aGk="),
        ("!If [Either, 1, 2]", 1),
        ('{ Version: 2012-10-17, "Fn::Sub": x }', {"Version": "2012-10-17", "Fn::Sub": "x"}),
    ],
)
def test_functions(resolver: Any, tmp_path: Path, written: str, meant: object) -> None:
    (tmp_path / "value.yaml").write_text(written)
    assert resolver().resolve(document.load(tmp_path / "value.yaml")) == meant


@pytest.mark.parametrize(
    ("attribute", "world", "china"),
    [
        ("Table.Arn", "arn:aws:dynamodb:us-east-1:", "arn:aws-cn:dynamodb:cn-north-1:"),
        ("Stream.Arn", "arn:aws:kinesis:us-east-1:", "arn:aws-cn:kinesis:cn-north-1:"),
        ("Queue.Arn", "arn:aws:sqs:us-east-1:", "arn:aws-cn:sqs:cn-north-1:"),
        ("Bucket.Arn", "arn:aws:s3:::", "arn:aws-cn:s3:::"),
        ("Worker.Arn", "arn:aws:lambda:us-east-1:", "arn:aws-cn:lambda:cn-north-1:"),
        (
            "Http.ApiEndpoint",
            "https://shophttp.execute-api.us-east-1.amazonaws.com",
            "https://shophttp.execute-api.cn-north-1.amazonaws.com.cn",
        ),
    ],
)
def test_both_partitions(resolver: Any, attribute: str, world: str, china: str) -> None:
    reference = {"Fn::GetAtt": attribute.split(".")}
    assert resolver(GLOBAL).resolve(reference).startswith(world)
    assert resolver(CHINA).resolve(reference).startswith(china)


def test_a_resource_exists_under_its_condition(resolver: Any) -> None:
    assert "Only" not in resolver().resources
    assert "Only" in resolver(stage="live").resources


def test_what_is_known_once_it_exists_wins(resolver: Any) -> None:
    made = resolver()
    made.created["Table", "StreamArn"] = "arn:real"
    assert made.resolve({"Fn::GetAtt": ["Table", "StreamArn"]}) == "arn:real"


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ({"Ref": "Nothing"}, "Nothing is neither a resource nor a parameter"),
        ({"Fn::GetAtt": ["Table", "Colour"]}, "no attribute Colour of Table"),
        ({"Fn::ImportValue": "x"}, "Fn::ImportValue is not known"),
        ({"Fn::FindInMap": ["Sizes", "huge", "memory"]}, "Sizes has no huge.memory"),
        ({"Fn::If": ["Rainy", 1, 2]}, "no condition Rainy"),
        ({"Fn::Select": [5, ["a"]]}, "cannot be resolved"),
    ],
)
def test_what_cannot_be_resolved_is_said_with_its_place(resolver: Any, value: object, said: str) -> None:
    with pytest.raises(Trouble, match=said) as trouble:
        resolver().resolve({"a": [{"b": value}]}, "Resources.X")
    assert "template.yaml: " in str(trouble.value)


def test_a_stack_hears_what_another_publishes_once_it_exists(tmp_path: Path) -> None:
    """A table's stream has its ARN only then."""
    (tmp_path / "stacks/second").mkdir(parents=True)
    (tmp_path / "template.yaml").write_text(PUBLISHES)
    (tmp_path / "stacks/second/template.yaml").write_text(ASKS)
    first, second = load(Settings(tmp_path), str)
    assert second.resolver.ref("Found", "") == first.resolver.get_att("Table.StreamArn", "")
    for stack in (first, second):
        stack.hear("/shop/other", "nothing")
        stack.hear("/shop/stream", "the ARN in truth")
    assert second.resolver.ref("Found", "") == "the ARN in truth"


@pytest.mark.parametrize("place", [GLOBAL, CHINA])
def test_addresses_become_the_laptops(resolver: Any, place: Place, tmp_path: Path) -> None:
    addresses = Addresses(Settings(tmp_path, port=8123), "http://127.0.0.1:4566")
    resolve = resolver(place).resolve
    host = "execute-api.${AWS::Region}.${AWS::URLSuffix}"

    def local(text: str) -> str:
        return addresses.localise(resolve({"Fn::Sub": text}))

    assert local(f"https://${{Http}}.{host}") == "http://127.0.0.1:8123"
    assert local(f"https://${{Http}}.{host}/v1/x") == "http://127.0.0.1:8123/v1/x"
    assert local(f"https://${{Live}}.{host}/v1") == "http://127.0.0.1:8123/_aws/live"
    assert local(f"wss://${{Live}}.{host}/v1") == "ws://127.0.0.1:8123/v1/live"
    assert local("${Queue}") == "http://127.0.0.1:4566/123456789012/shop-Queue"
    assert local("https://example.com/v1") == "https://example.com/v1"
