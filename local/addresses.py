"""AWS's addresses of our APIs and queues as the laptop's."""

from __future__ import annotations

import re
from dataclasses import dataclass

from local.settings import Settings
from local.template.attributes import LIVE_ID

_API = re.compile(
    r"(?P<scheme>https|wss)://(?P<api>[a-z0-9]+)\.execute-api\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?(?P<stage>/[^/\s]+)?"
)
_QUEUE = re.compile(r"https://sqs\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?(?=/\d{12}/)")


@dataclass(frozen=True, slots=True)
class Addresses:
    settings: Settings
    aws_endpoint: str

    def localise(self, text: str) -> str:
        """`text` with every address replaced; of a WebSocket API the stage goes too, of an HTTP API not."""
        return _QUEUE.sub(self.aws_endpoint, _API.sub(self._api, text))

    def _api(self, found: re.Match[str]) -> str:
        if found["scheme"] == "wss":
            return f"ws://{self.settings.base.removeprefix('http://')}/v1/live"
        if found["api"].endswith(LIVE_ID):
            return f"{self.settings.base}/_aws/live"
        return f"{self.settings.base}{found['stage'] or ''}"
