"""Messages to WebSocket connections through API Gateway's management API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from botocore.exceptions import BotoCoreError, ClientError

if TYPE_CHECKING:
    from mypy_boto3_apigatewaymanagementapi import ApiGatewayManagementApiClient


class Gone(Exception):
    """The connection is closed for good."""


class NotDelivered(Exception):
    """The gateway did not take the message; the next snapshot mends it."""


class Sockets(Protocol):
    def send(self, connection: str, message: bytes) -> None:
        """At most 32 KB a message. Raises Gone or NotDelivered."""


class GatewaySockets:
    def __init__(self, management: ApiGatewayManagementApiClient) -> None:
        self._management = management

    def send(self, connection: str, message: bytes) -> None:
        try:
            self._management.post_to_connection(ConnectionId=connection, Data=message)
        except ClientError as error:
            if error.response["Error"]["Code"] == "GoneException":
                raise Gone(connection) from error
            raise NotDelivered(str(error)) from error
        except BotoCoreError as error:
            raise NotDelivered(str(error)) from error
