"""Tokens for the laptop stack, signed with its own keys: nobody has to sign in to try something."""

from __future__ import annotations

import time
from functools import cache

from botocore.exceptions import BotoCoreError, ClientError

from cli import run_state
from cli.site import laptop
from storage.signing_keys import SigningKeys, ssm_keys
from telemetry.clock import Course


@cache
def _keys(state: run_state.RunState) -> SigningKeys:
    return ssm_keys(laptop(state).client("ssm"), state.signing_keys)


def sign(port: int, role: str, user: str) -> str:
    """A session token of `user` in the fleet of the stack on `port`. Raises NotRunning."""
    state = run_state.read(port)
    try:
        ring = _keys(state).ring()
    except (BotoCoreError, ClientError) as error:
        raise run_state.NotRunning(
            f"The stack on port {port} does not give its signing keys ({error}); it may have ended: "
            f"start it again with `make run PORT={port}`."
        ) from error
    return ring.sign(user, state.fleet, role, Course.parse(state.clock).now_s(time.time()))[0]
