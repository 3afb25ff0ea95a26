"""Where a webhook may lead: to the public internet over TLS, and nowhere else.

A fleet names the address, and our function would call it from the inside. So the addresses behind the name
are looked at, and the connection goes to one that was looked at: a name that changes in between changes
nothing.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from queue import Empty, SimpleQueue
from threading import Thread
from typing import NamedTuple
from urllib.parse import urlsplit

from geo.said import say

LONGEST = 2_000
RESOLVE_S = 3.0
_NAT64 = IPv6Network("64:ff9b::/96")
_UNICAST = IPv6Network("2000::/3")
"""All that is given out of IPv6; what lies beside it may be mapped to anything."""
_LABEL = r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?"
_NAME = re.compile(rf"(?=.{{1,253}}\Z){_LABEL}(\.{_LABEL})*\Z")

Resolve = Callable[[str, int], list[str]]
"""The addresses behind a name and port. Raises OSError."""


class Refused(Exception):
    """An address that webhooks are not sent to; the reason reads on from "url"."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Place(NamedTuple):
    host: str
    port: int
    target: str
    """Path and query."""
    tls: bool


def read(url: str, *, private: bool) -> Place:
    """private: plain HTTP and addresses of our own network are allowed, as on a laptop. Raises Refused."""
    if len(url) > LONGEST or not all("!" <= c <= "~" for c in url):
        raise Refused(
            say(
                "url-form",
                "must be an address of at most {most} ASCII characters without spaces",
                most=LONGEST,
            )
        )
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise Refused(say("url-unreadable", "is no address: {error}", error=str(error))) from error
    if parts.scheme != "https" and not (private and parts.scheme == "http"):
        raise Refused(say("url-not-https", "must begin with https://"))
    if not parts.hostname or parts.username is not None or parts.password is not None or parts.fragment:
        raise Refused(say("url-parts", "must have a host, and neither a user, a password nor a #fragment"))
    tls = parts.scheme == "https"
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    place = Place(parts.hostname, port or (443 if tls else 80), target, tls)
    literal = _literal(place.host)
    if literal is None and not _NAME.match(place.host):
        raise Refused(
            say("url-host", "has the host {host}, which is no name of the internet", host=place.host)
        )
    if not private and literal and not is_public(literal):
        raise Refused(
            say("url-not-public", "leads to {host}, which is not a public address", host=place.host)
        )
    return place


def resolve(host: str, port: int) -> list[str]:
    """Raises OSError, also where the fleet's own name server takes its time."""
    answers: SimpleQueue[list[str] | OSError] = SimpleQueue()
    Thread(target=lambda: answers.put(_resolve(host, port)), daemon=True).start()  # it knows no timeout
    try:
        answer = answers.get(timeout=RESOLVE_S)
    except Empty:
        raise OSError(f"{host[:80]} was not resolved in {RESOLVE_S:.0f} s") from None
    if isinstance(answer, OSError):
        raise answer
    return answer


def _resolve(host: str, port: int) -> list[str] | OSError:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError:  # a part of it is empty, or longer than names have it
        return OSError(f"{host[:80]} is no name of a host")
    except OSError as error:
        return error
    return [str(address[0]) for *_, address in found]


def public_address(place: Place, lookup: Resolve, *, private: bool) -> str:
    """The address to connect to. Raises Refused when any behind the name is not public; OSError."""
    addresses = lookup(place.host, place.port)
    if not addresses:
        raise Refused(f"leads to {place.host}, which has no address")
    for address in addresses:
        if not private and not is_public(address):
            raise Refused(f"leads to {place.host}, which has the address {address}: it is not public")
    return addresses[0]


def is_public(address: str) -> bool:
    it: IPv4Address | IPv6Address = ip_address(address.partition("%")[0])
    if isinstance(it, IPv6Address):
        if it in _NAT64:
            it = IPv4Address(int(it) & 0xFFFF_FFFF)
        elif it.ipv4_mapped:
            it = it.ipv4_mapped
        elif it in _UNICAST:
            it = it.sixtofour or (it.teredo[1] if it.teredo else None) or it
        else:
            return False
    return it.is_global and not it.is_multicast


def _literal(host: str) -> str | None:
    try:
        ip_address(host)
    except ValueError:
        return None
    return host
