"""What `Ref` and `GetAtt` give for a resource before it exists: names, ARNs and addresses.

Source: AWS CloudFormation template reference, "Return values" of each resource type.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Place:
    """Where a stack is deployed."""

    partition: str
    region: str
    account: str

    @property
    def url_suffix(self) -> str:
        return "amazonaws.com.cn" if self.partition == "aws-cn" else "amazonaws.com"

    def arn(self, service: str, resource: str) -> str:
        return f"arn:{self.partition}:{service}:{self.region}:{self.account}:{resource}"


@dataclass(frozen=True, slots=True)
class Identity:
    """A resource's `Ref`, and its `GetAtt` values by name."""

    ref: str
    attributes: Mapping[str, str]


_NAMED = {
    "AWS::Lambda::Function": "FunctionName",
    "AWS::DynamoDB::Table": "TableName",
    "AWS::Kinesis::Stream": "Name",
    "AWS::SQS::Queue": "QueueName",
    "AWS::S3::Bucket": "BucketName",
    "AWS::SSM::Parameter": "Name",
    "AWS::IAM::Role": "RoleName",
    "AWS::Logs::LogGroup": "LogGroupName",
    "AWS::Scheduler::Schedule": "Name",
    "AWS::Scheduler::ScheduleGroup": "Name",
    "AWS::Events::EventBus": "Name",
    "AWS::Events::Rule": "Name",
}
LIVE_ID = "websocket"
"""The id of a WebSocket API ends so, that its address can be told from an HTTP API's."""


def physical_name(stack: str, logical: str, kind: str, properties: Mapping[str, Any]) -> str:
    """The name that the template gives, or one made of the stack's and the logical one."""
    given = properties.get(_NAMED.get(kind, ""))
    if isinstance(given, str):
        return given
    if kind == "AWS::ApiGatewayV2::Api":
        end = LIVE_ID if properties.get("ProtocolType") == "WEBSOCKET" else ""
        return "".join(c for c in f"{stack}{logical}".lower() if c.isalnum()) + end
    return f"{stack}-{logical}".lower() if kind == "AWS::S3::Bucket" else f"{stack}-{logical}"


def identify(place: Place, stack: str, logical: str, kind: str, properties: Mapping[str, Any]) -> Identity:  # noqa: PLR0911 (one a type)
    """`properties` are resolved. A type that is not known here has a name and an `Arn`."""
    name = physical_name(stack, logical, kind, properties)
    suffix = place.url_suffix
    match kind:
        case "AWS::Lambda::Function":
            return Identity(name, {"Arn": place.arn("lambda", f"function:{name}")})
        case "AWS::DynamoDB::Table":
            arn = place.arn("dynamodb", f"table/{name}")
            return Identity(name, {"Arn": arn, "StreamArn": f"{arn}/stream/local"})
        case "AWS::Kinesis::Stream":
            return Identity(name, {"Arn": place.arn("kinesis", f"stream/{name}")})
        case "AWS::SQS::Queue":
            url = f"https://sqs.{place.region}.{suffix}/{place.account}/{name}"
            return Identity(url, {"Arn": place.arn("sqs", name), "QueueName": name, "QueueUrl": url})
        case "AWS::S3::Bucket":
            return Identity(
                name, {"Arn": f"arn:{place.partition}:s3:::{name}", "DomainName": f"{name}.s3.{suffix}"}
            )
        case "AWS::SSM::Parameter":
            return Identity(
                name, {"Type": str(properties.get("Type", "")), "Value": str(properties.get("Value", ""))}
            )
        case "AWS::ApiGatewayV2::Api":
            scheme = "wss" if properties.get("ProtocolType") == "WEBSOCKET" else "https"
            endpoint = f"{scheme}://{name}.execute-api.{place.region}.{suffix}"
            return Identity(name, {"ApiEndpoint": endpoint, "ApiId": name})
        case "AWS::IAM::Role":
            return Identity(
                name, {"Arn": f"arn:{place.partition}:iam::{place.account}:role/{name}", "RoleId": name}
            )
        case "AWS::ApiGatewayV2::Stage":
            return Identity(str(properties.get("StageName", "$default")), {})
        case _:
            path = f"event-bus/{name}" if kind == "AWS::Events::EventBus" else name
            return Identity(name, {"Arn": place.arn(kind.split("::")[1].lower(), path)})
