"""What is entered into a tracking app, so that it uploads as a device (docs/apps.md)."""

from __future__ import annotations

APPS = ("background-geolocation", "gpslogger", "overland", "owntracks", "traccar")
_TEMPLATE = {
    "gpslogger": "?lat=%LAT&lon=%LON&timestamp=%TIMESTAMP&acc=%ACC&spd=%SPD&dir=%DIR"
}  # the app fills its parameters in


def addresses(pipeline_url: str, key: str) -> dict[str, str]:
    """By app. pipeline_url: without a slash at its end."""
    return {app: f"{pipeline_url}/v1/devices/{key}/{app}{_TEMPLATE.get(app, '')}" for app in APPS}
