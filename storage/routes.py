"""The data bucket's compiled routes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from geo.route import CompiledRoute

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


class RouteStore(Protocol):
    def load(self, fleet: str, route: str) -> CompiledRoute:
        """Raises RouteMissing."""


class RouteMissing(LookupError):
    """No compiled route of that name is in the bucket."""


class S3Routes:
    """Routes are immutable, so each is fetched once in a worker's life."""

    def __init__(self, s3: S3Client, bucket: str) -> None:
        self._s3 = s3
        self._bucket = bucket
        self._known: dict[str, CompiledRoute] = {}

    def load(self, fleet: str, route: str) -> CompiledRoute:
        key = route_key(fleet, route)
        if key not in self._known:
            try:
                body = self._s3.get_object(Bucket=self._bucket, Key=key)["Body"].read()
            except self._s3.exceptions.NoSuchKey as error:
                raise RouteMissing(f"route {route} of fleet {fleet} is not in the bucket") from error
            self._known[key] = CompiledRoute.from_bytes(body)
        return self._known[key]

    def save(self, fleet: str, route: str, compiled: CompiledRoute) -> None:
        self._s3.put_object(Bucket=self._bucket, Key=route_key(fleet, route), Body=compiled.to_bytes())


def route_key(fleet: str, route: str) -> str:
    return f"routes/{fleet}/{route}"
