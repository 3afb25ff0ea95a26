"""A track as a file: in the answer, or where that would be too large, by way of the data bucket."""

from __future__ import annotations

from processors.trips.files import FILES
from processors.trips.reading import TripReader
from storage.settlements import Standing
from telemetry.api import Response
from telemetry.track import digest, ordered

LARGEST = 4_000_000  # bytes; a function's answer ends at 6 MB, and its JSON makes the file longer
VERSION = 2  # of the writers: a new number makes files anew


def download(reader: TripReader, standing: Standing, form: str) -> Response:
    """form: one of FILES."""
    trip, file, pings = standing.trip, FILES[form], reader.pings(standing)
    body = b"".join(file.write(trip, ordered(pings)))
    saved_as = f"{trip.trip}.{form}"
    if len(body) <= LARGEST:
        headers = {
            "content-type": file.content_type,
            "content-disposition": f'attachment; filename="{saved_as}"',
            "cache-control": "no-store",
        }
        return {"statusCode": 200, "headers": headers, "body": body.decode()}
    name = f"{trip.fleet}/{digest(f'{VERSION} {form} {trip.trip}', pings)}/{saved_as}"
    where = reader.downloads.link(name, file.content_type, lambda: body)
    return {"statusCode": 303, "headers": {"location": where, "cache-control": "no-store"}}
