"""How a webhook fares: what each delivery makes of it, and how many it may have at once.

A server that hangs, or is slow, costs others nothing but the few places that it has (docs/decisions/0036).
"""

from __future__ import annotations

from dataclasses import replace

from storage.webhooks import Webhook

PLACES = 5
"""Requests to one webhook at a time, while it is quick."""
SLOW_S = 2.0
"""An answer that takes longer leaves one place."""
OPENS = 3
"""Failures in a row after which it is tried now and then, with one event."""
PROBES_S = (30.0, 3_600.0)
"""The first wait between two tries then, and the longest; each is twice the one before."""
OFF_AFTER_S = 5 * 86_400.0
LEAST = 8
"""It is switched off after so long, and so many failures, without a success."""
GONE = "410"


def quick(webhook: Webhook) -> bool:
    """Whether its newest delivery was taken, in good time."""
    return not webhook.failures and not webhook.slow


def free(webhook: Webhook, now_ms: int) -> list[int]:
    """Its places that nobody has."""
    most = PLACES if quick(webhook) else 1
    return [place for place in range(most) if webhook.busy.get(place, 0) < now_ms]


def closed_s(webhook: Webhook, now_ms: int) -> float:
    """How long nothing is sent to it; 0 where it may be tried."""
    return max((webhook.next_ms or 0) - now_ms, 0) / 1000


def off_ms(webhook: Webhook) -> int | None:
    """When it is switched off if it takes nothing until then [ms, Unix]."""
    if webhook.failing_ms is None or webhook.state == "off":
        return None
    return webhook.failing_ms + round(OFF_AFTER_S * 1000)


def taken(webhook: Webhook, took_s: float, now_ms: int) -> Webhook:
    return replace(
        webhook, state="on", failures=0, failing_ms=None, next_ms=None, succeeded_ms=now_ms,
        slow=took_s > SLOW_S,
    )  # fmt: skip


def refused(webhook: Webhook, why: str, took_s: float, now_ms: int) -> Webhook:
    """why: the answer's status, or what happened instead."""
    failures, since_ms = webhook.failures + 1, webhook.failing_ms or now_ms
    after = replace(
        webhook, failures=failures, failing_ms=since_ms, failed_ms=now_ms, failure=why, slow=took_s > SLOW_S
    )
    if why == GONE:
        return replace(after, state="off", failure="410 Gone", next_ms=None)
    if failures < OPENS:
        return after
    if failures >= LEAST and now_ms >= since_ms + OFF_AFTER_S * 1000:
        return replace(after, state="off", next_ms=None)
    first, longest = PROBES_S
    wait_s = min(first * 2.0 ** min(failures - OPENS, 16), longest)
    return replace(after, state="failing", next_ms=now_ms + round(wait_s * 1000))
