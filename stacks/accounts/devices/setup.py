"""What is entered into a tracking app, so that it uploads as a device, also as a QR code (docs/apps.md).

Where an app imports its settings from a link, the code holds that; else it holds the address, to be copied.
Sources: https://owntracks.org/booklet/features/remoteconfig/, https://github.com/aaronpk/Overland-iOS,
https://github.com/traccar/traccar-client (lib/configuration_service.dart).
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import orjson
import segno

KEY_TO_FILL_IN = "{key}"
_FIX = "?lat=%LAT&lon=%LON&timestamp=%TIMESTAMP&acc=%ACC&spd=%SPD&dir=%DIR"  # GPSLogger fills it in


def _plain(address: str, _device: str) -> str:
    return address


def _overland(address: str, device: str) -> str:
    return f"overland://setup?url={quote(address, safe='')}&device_id={device}"


def _owntracks(address: str, device: str) -> str:
    mode_http = 3
    settings = {"_type": "configuration", "mode": mode_http, "url": address, "deviceId": device}
    settings |= {"auth": False, "tid": device[-2:]}
    return "owntracks:///config?inline=" + quote(base64.b64encode(orjson.dumps(settings)).decode(), safe="")


def _traccar(address: str, device: str) -> str:
    return f"{address}?id={device}"


APPS: dict[str, tuple[str, Callable[[str, str], str]]] = {
    "background-geolocation": ("", _plain),
    "gpslogger": (_FIX, _plain),
    "overland": ("", _overland),
    "owntracks": ("", _owntracks),
    "traccar": ("", _traccar),
}
"""By app: what its address ends in besides, and the link of address and device."""


def addresses(pipeline_url: str, key: str) -> dict[str, str]:
    """By app. pipeline_url: without a slash at its end."""
    return {app: f"{pipeline_url}/v1/devices/{key}/{app}{ending}" for app, (ending, _) in APPS.items()}


def setup(pipeline_url: str, device: str, key: str | None) -> list[dict[str, Any]]:
    """For each app its address, the link that the QR code holds, and the code as an SVG element.

    Without the key, which we do not keep, the addresses have a place for it, and there is no code.
    """
    found = []
    for app, address in addresses(pipeline_url, key or KEY_TO_FILL_IN).items():
        link = APPS[app][1](address, device) if key else None
        found.append({"app": app, "address": address, "link": link, "qr": _svg(link) if link else None})
    return found


def _svg(text: str) -> str:
    code = segno.make_qr(text, error="m")
    return code.svg_inline(scale=4, omitsize=True, light="#fff", title="QR code")
