"""Traccar Client. Success is any 2xx; every other answer, and none, is a failure; Retry-After is not read.

8: https://github.com/traccar/traccar-client-android (7.9, TrackingController.kt, RequestManager.kt: the last
that is public; 8 behaves so too). 9: https://github.com/traccar/traccar-client (9.7.9,
lib/geolocation_service.dart, lib/preferences.dart). 10: https://github.com/traccar/traccar-client-sdk
(TrackerEngine.kt, DatabaseQueue.kt).
"""

from __future__ import annotations

from cli.replay.queues import Queue
from cli.replay.queues.background_geolocation import BackgroundGeolocationQueue


def traccar8() -> Queue:
    """The oldest again every 30 s, for ever; nothing is dropped."""
    return Queue(first_s=30, most_s=30)


def traccar9() -> BackgroundGeolocationQueue:
    """Calls sync() at every fix, without batchSync: from the oldest on, one a request, until one fails.

    The library keeps a position for a day, as nothing else is set. Whether its throttle after a failure
    holds for sync() too is not public; here it does not.
    """
    return BackgroundGeolocationQueue(most=1, throttle=0)


def traccar10() -> Queue:
    """The oldest again after 5 s, 10 s, … 5 minutes, for ever; nothing is dropped."""
    return Queue(first_s=5, most_s=300)
