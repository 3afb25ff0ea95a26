"""Our own JSON: POST /v1/uploads with a token in the header."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import ClassVar

import orjson

from cli.replay.formats import Again
from cli.replay.simulator import Made
from cli.replay.transport import Answer, Outgoing

_OPTIONAL = ("accuracy_m", "speed_mps", "heading_deg")


class Own:
    uses_key: ClassVar[bool] = False
    most: ClassVar[int] = 2000
    tick_ms: ClassVar[int] = 1

    def encode(self, base: str, device: str, credential: str, pings: Sequence[Made]) -> Outgoing:
        body = {"device": device, "pings": [_ping(ping) for ping in pings]}
        headers = {"authorization": f"Bearer {credential}", "content-type": "application/json"}
        return Outgoing("POST", f"{base}/v1/uploads", headers, orjson.dumps(body))

    def rejected(self, answer: Answer) -> Sequence[int]:
        try:
            return [refusal["index"] for refusal in orjson.loads(answer.body)["rejected"]]
        except (orjson.JSONDecodeError, LookupError, TypeError):
            raise Again("the answer is not what POST /v1/uploads promises") from None


def _ping(ping: Made) -> dict[str, float]:
    known = {name: value for name in _OPTIONAL if not math.isnan(value := getattr(ping, name))}
    return {"t": ping.t_ms / 1000, "lat": ping.lat, "lon": ping.lon} | known
