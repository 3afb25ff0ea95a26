"""A request under an Idempotency-Key is done once: what it was answered is kept by the transaction that did
it, and answered again. Without a key, the state tells a repetition.

Source of the header: IETF draft-ietf-httpapi-idempotency-key-header-07. The key is the user's own.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import orjson

from geo.said import say
from storage.payouts import Payout
from storage.tasks import KEPT_S, Kept, Schedule, Task, Trip
from telemetry.api import Caller, Request, Response, reply
from telemetry.fields import wrong
from telemetry.problem import KeyReused, Problem

HEADER = "idempotency-key"
_KEY = re.compile(r'"?([A-Za-z0-9._:-]{1,80})"?')
Thing = TypeVar("Thing", Task, Trip, Payout, Schedule)


class Answers(Protocol):
    def kept(self, fleet: str, user: str, key: str, now_s: float) -> Kept | None: ...


@dataclass(frozen=True, slots=True)
class Once:
    """status, shown: what the request will be answered; expires_s: until when that is kept [s, Unix]."""

    user: str
    key: str
    digest: str
    status: int
    shown: Callable[[Any], Any]
    expires_s: int

    def of(self, thing: Task | Trip | Schedule) -> Kept:
        match thing:
            case Task(task=subject) | Trip(trip=subject) | Schedule(schedule=subject):
                pass
        body = orjson.dumps(self.shown(thing)).decode()
        return Kept(self.user, self.key, self.digest, subject, self.status, body, self.expires_s)


def kept(asked: Once | None, thing: Task | Trip | Schedule) -> Kept | None:
    """What is to be kept with the transaction that makes `thing` so."""
    return asked.of(thing) if asked else None


def once(
    answers: Answers,
    request: Request,
    caller: Caller,
    status: int,
    shown: Callable[[Thing], Any],
    act: Callable[[Once | None], Thing],
    again: Callable[[str], object] = lambda _: None,
) -> Response:
    """The answer of `act`, or the one that the same request was given before.

    again: done before such a repetition is answered, with the name of what it was about; what it returns, if
    anything, is the answer.
    Raises BadRequest for a key that is none, KeyReused where another request has it.
    """
    key = _key(request)
    if key is None:
        return reply(status, shown(act(None)))
    expires_s = int(request.clock()) + KEPT_S
    asked = Once(caller.user, key, _digest(request), status, shown, expires_s)

    def known() -> Response | None:
        kept = answers.kept(caller.fleet, caller.user, key, request.clock())
        if kept is None:
            return None
        if kept.digest != asked.digest:
            raise KeyReused(
                say(
                    "key-reused",
                    "The idempotency-key {key} came with another request before; take a new key for each "
                    "request, and the same one only to repeat it.",
                    key=key,
                )
            )
        told = again(kept.subject)
        return reply(kept.status, orjson.Fragment(kept.body) if told is None else told)

    if (before := known()) is not None:
        return before
    try:
        return reply(status, shown(act(asked)))
    except Problem:
        # The same request may have come twice at once, and this one may have lost to its twin.
        if (twin := known()) is None:
            raise
        return twin


def _key(request: Request) -> str | None:
    said = request.headers.get(HEADER)
    if said is None:
        return None
    found = _KEY.fullmatch(said.strip())
    if found is None:
        raise wrong(HEADER, say("key-form", "must have 1 to 80 letters, digits or . _ : - , such as a UUID"))
    return found[1]


def _digest(request: Request) -> str:
    path = sorted(request.path.items())
    asked = orjson.dumps([request.route, path]) + request.body()
    return hashlib.sha256(asked).hexdigest()
