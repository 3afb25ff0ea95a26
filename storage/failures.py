"""Which failures pass: what the stores refuse today and may take tomorrow."""

from __future__ import annotations

from botocore.exceptions import BotoCoreError, ClientError

from storage.history import ChunkBusy
from storage.live import Raced
from storage.objects import NotKept

PERMANENT = ("ValidationException", "ValidationError", "ItemCollectionSizeLimitExceededException",
             "ItemCollectionSizeLimitExceeded")  # fmt: skip


def passing(error: Exception) -> bool:
    """Whether what failed should be tried again later."""
    if isinstance(error, ClientError):
        return error.response["Error"]["Code"] not in PERMANENT
    return isinstance(error, BotoCoreError | ChunkBusy | NotKept | Raced | TimeoutError)
