"""Between an app and the stack: everything passes, but for ten minutes of the app's time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from cli.replay.formats import Again, Format
from cli.replay.queues import Outcome
from cli.replay.retry import asked_wait
from cli.replay.simulator import Made
from cli.replay.transport import Answer, Outgoing, Send, Unreachable
from local.child import free_port

DOWN, ERROR, HALF, LIMITED, LIES = "is down", "answers 500", "takes half", "answers 429", "lies"
TROUBLES = (DOWN, ERROR, HALF, LIMITED)
LONGEST_WAIT_S = 30.0


@dataclass
class Front:
    """encode: the request of some pings. The trouble lasts from `from_s` until `until_s` [s, Unix].

    down: the connection is refused; half, in turn: the stack takes all and its answer is lost; it
    takes the first half of the upload, and 503 comes. lies: success is answered, and nothing was stored.
    """

    send: Send
    form: Format
    encode: Callable[[Sequence[Made]], Outgoing]
    trouble: str
    from_s: float
    until_s: float
    met: int = 0

    async def __call__(self, now: float, pings: Sequence[Made]) -> Outcome:
        try:
            if self.from_s <= now < self.until_s:
                self.met += 1
                return self._outcome(await self._in_trouble(pings))
            return self._outcome(await self.send(self.encode(pings)))
        except Unreachable:
            return Outcome(False)

    async def _in_trouble(self, pings: Sequence[Made]) -> Answer:
        out = self.encode(pings)
        if self.trouble == DOWN:
            _, _, path = out.url.partition("/v1/")
            return await self.send(replace(out, url=f"http://127.0.0.1:{free_port()}/v1/{path}"))
        if self.trouble == ERROR:
            return Answer(500, b"")
        if self.trouble == LIMITED:
            return Answer(429, b"", "20")
        if self.trouble == LIES:
            return Answer(200, b"{}")
        if self.met % 2:
            await self.send(out)
            raise Unreachable("the answer was lost")
        await self.send(self.encode(pings[: (len(pings) + 1) // 2]))
        return Answer(503, b"")

    def _outcome(self, answer: Answer) -> Outcome:
        if not 200 <= answer.status < 300:
            return Outcome(False, answer.status, asked_wait(answer, LONGEST_WAIT_S))
        try:
            self.form.rejected(answer)
        except Again:
            return Outcome(False, answer.status)
        return Outcome(True, answer.status)
