"""The data bucket's files to download: each written once under its content's name, and gone after a day."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from botocore.config import Config
from botocore.exceptions import ClientError

from storage.aws import client

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

LINK_S = 300  # for a browser that follows at once; the function's credentials last longer
PREFIX = "tracks/"


class Downloads(Protocol):
    def link(self, name: str, content_type: str, make: Callable[[], bytes]) -> str:
        """An address from which `name` can be fetched for LINK_S, made now where it is not there.

        name: says what is in it, so that the same name has the same content for ever; its last part is
        what the file is called where it is saved.
        """


class S3Downloads:
    """s3: of `signing_client`."""

    def __init__(self, s3: S3Client, bucket: str) -> None:
        self._s3, self._bucket = s3, bucket

    def link(self, name: str, content_type: str, make: Callable[[], bytes]) -> str:
        key = PREFIX + name
        if not self._there(key):
            saved_as = f'attachment; filename="{name.rpartition("/")[2]}"'
            self._s3.put_object(
                Bucket=self._bucket,
                Key=key,
                Body=make(),
                ContentType=content_type,
                ContentDisposition=saved_as,
            )
        where = {"Bucket": self._bucket, "Key": key}
        return self._s3.generate_presigned_url("get_object", Params=where, ExpiresIn=LINK_S)

    def _there(self, key: str) -> bool:
        try:
            self._s3.head_object(Bucket=self._bucket, Key=key)
        except ClientError as error:
            if error.response["Error"]["Code"] != "404":
                raise
            return False
        return True


def signing_client() -> S3Client:
    """Signs addresses that hold in every partition: version 4, at the region's own endpoint."""
    # Without a style botocore signs for the global endpoint, wherever the bucket is.
    regional = Config(
        signature_version="s3v4",
        s3={"addressing_style": "virtual", "us_east_1_regional_endpoint": "regional"},
    )
    s3: S3Client = client("s3", read_s=5, settings=regional)
    return s3
