"""One file a phone format: a request in, a Reading out; what an app's file says: ingest.receive.format."""

from __future__ import annotations

from ingest import own
from ingest.reading import Reading
from ingest.receive.format import Again, Format
from ingest.receive.formats import background_geolocation, gpslogger, overland, owntracks, traccar

_FORMATS = (background_geolocation, gpslogger, overland, owntracks, traccar)
APPS: dict[str, Format] = {module.FORMAT.name: module.FORMAT for module in _FORMATS}
_AGAIN: dict[str, Again] = {own.FORM: own.again}
for _app in APPS.values():
    _AGAIN |= _app.again


def read_again(form: str, original: bytes, now: float) -> Reading | None:
    """What was refused in this form, by the code of today; None where no format has such a form.

    now: when it came in [Unix s]. Raises Problem and orjson.JSONDecodeError where it still cannot be read.
    """
    again = _AGAIN.get(form)
    return again(original, now) if again else None
