"""The apps: what writes their requests, and how their queues behave."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import orjson

from cli.replay.formats import Again, Format, Keyed
from cli.replay.formats.background_geolocation import BackgroundGeolocation
from cli.replay.formats.gpslogger import GpsLogger
from cli.replay.formats.overland import Overland
from cli.replay.formats.own import Own
from cli.replay.formats.owntracks import OwnTracks
from cli.replay.formats.traccar import Traccar8, Traccar9, Traccar10
from cli.replay.queues import Queue
from cli.replay.queues.background_geolocation import BackgroundGeolocationQueue
from cli.replay.queues.gpslogger import GpsLoggerQueue
from cli.replay.queues.overland import OverlandOwnTracks, OverlandQueue
from cli.replay.queues.own import OwnQueue
from cli.replay.queues.owntracks import OwnTracksAndroid, OwnTracksIos
from cli.replay.queues.traccar import traccar8, traccar9, traccar10
from cli.replay.simulator import Made
from cli.replay.transport import Answer, Outgoing

SINCE_2001_S = 978_307_200


class OwnTracksOfOverland(Keyed):
    """What Overland sends in its mode OwnTracks; [] is no object, which it wants."""

    def encode(self, base: str, device: str, credential: str, pings: Sequence[Made]) -> Outgoing:
        (ping,) = pings
        said = {
            "_type": "location",
            "lat": ping.lat,
            "lon": ping.lon,
            "batt": 81,
            "acc": round(ping.accuracy_m),
        }
        said["tst"] = ping.t_ms // 1000 - SINCE_2001_S
        headers = {"content-type": "application/json"}
        return Outgoing("POST", f"{base}/v1/devices/{credential}/owntracks", headers, orjson.dumps(said))

    def rejected(self, answer: Answer) -> Sequence[int]:
        if not isinstance(orjson.loads(answer.body), dict):
            raise Again("the answer is no object")
        return []


@dataclass(frozen=True, slots=True)
class App:
    """empties: its queue is empty when everything is well again."""

    name: str
    form: Format
    queue: Callable[[], Queue]
    empties: bool = True


APPS = (
    App("our own JSON", Own(), OwnQueue),
    App("Traccar Client 8", Traccar8(), traccar8),
    App("Traccar Client 9", Traccar9(), traccar9),
    App("Traccar Client 10", Traccar10(), traccar10),
    App("OwnTracks, Android", OwnTracks(), OwnTracksAndroid),
    App("OwnTracks, iOS", OwnTracks(), OwnTracksIos),
    App("Overland", Overland(), OverlandQueue),
    App("Overland as OwnTracks", OwnTracksOfOverland(), OverlandOwnTracks, empties=False),
    App("GPSLogger", GpsLogger(), GpsLoggerQueue),
    App("background-geolocation", BackgroundGeolocation(), BackgroundGeolocationQueue),
    App(
        "… newest first",
        BackgroundGeolocation(),
        lambda: BackgroundGeolocationQueue(most=20, newest_first=True),
    ),
)
