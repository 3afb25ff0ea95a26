"""A bucket's notifications to queues, told to the emulator once bucket and queues are there."""

from __future__ import annotations

from typing import Any
from xml.sax.saxutils import escape

from local.aws import Aws, AwsError
from local.settings import ACCOUNT
from local.template.stacks import Stack
from local.trouble import Trouble

_QUEUES = "QueueConfigurations"


async def notify(aws: Aws, stack: Stack, logical: str) -> None:
    """Raises Trouble for what the laptop would otherwise leave out in silence."""
    at = f"{stack.source}: Resources.{logical}"
    wanted = stack.resolver.properties(logical).get("NotificationConfiguration") or {}
    if unknown := set(wanted) - {_QUEUES}:
        raise Trouble(f"{at}: the laptop runtime knows no {', '.join(sorted(unknown))} of a bucket.")
    try:
        queues = [await _queue(aws, rule) for rule in wanted.get(_QUEUES, ())]
        if queues:
            document = f"<NotificationConfiguration>{''.join(queues)}</NotificationConfiguration>"
            await aws.put_bucket(stack.resolver.ref(logical, at), "notification", document.encode())
    except AwsError as error:
        raise Trouble(f"{at} cannot be given its NotificationConfiguration: {error}.") from error


async def _queue(aws: Aws, rule: Any) -> str:
    url = f"{aws.endpoint}/{ACCOUNT}/{rule['Queue'].rpartition(':')[2]}"
    filters = "".join(
        f"<FilterRule><Name>{escape(it['Name'])}</Name><Value>{escape(it['Value'])}</Value></FilterRule>"
        for it in rule.get("Filter", {}).get("S3Key", {}).get("Rules", ())
    )
    return (
        f"<QueueConfiguration><Queue>{await aws.queue_arn(url)}</Queue><Event>{escape(rule['Event'])}</Event>"
        f"<Filter><S3Key>{filters}</S3Key></Filter></QueueConfiguration>"
    )
