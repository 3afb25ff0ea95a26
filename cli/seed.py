"""`milepost seed`: the demo's sign-ins, made through the public API. For a laptop: everybody knows them."""

from __future__ import annotations

import argparse
import asyncio

from cli.common import Failed, Mint, add_base, base_of
from cli.replay.api import Api, Refused
from cli.replay.credential import Credential
from cli.replay.simulator import chance
from cli.replay.transport import Unreachable, network
from cli.run_state import port_of

SIGN_INS = (
    ("manager", "Manager", "milepost-manager"),
    ("admin", "Admin", "milepost-admin"),
    ("courier", "Courier", "milepost-courier"),
)
"""User and role in one, name, password."""


def add_options(parser: argparse.ArgumentParser) -> None:
    add_base(parser)


def run(args: argparse.Namespace, mint: Mint) -> int:
    base = base_of(args)
    admin = mint(port_of(base), "admin", "admin")
    try:
        asyncio.run(_seed(base, admin))
    except (Refused, Unreachable) as error:
        raise Failed(f"{base}: the sign-ins could not be made: {error}.") from error
    for user, _, password in SIGN_INS:
        print(f"{user:<8} sign in as  {user} / {password}")
    return 0


async def _seed(base: str, token: str) -> None:
    async def get() -> str:
        return token

    admin = Credential(get)
    async with network() as send:
        api = await Api.find(base, send, asyncio.sleep, chance(0, "seed"))
        await asyncio.gather(*(api.add_user(admin, user, user, *rest) for user, *rest in SIGN_INS))
