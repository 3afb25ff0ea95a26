"""What truly happened, as the senders know it: trips, uploads in the order acknowledged, every ping."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from cli.replay.formats.own import _ping
from cli.replay.ledger import Ledger
from cli.replay.simulator import Made
from telemetry.live import Window
from telemetry.ping import Ping, read_ping
from telemetry.upload import Upload, courier_key

FLEET = "demo"


@dataclass(frozen=True, slots=True)
class Event:
    """Something acknowledged: an upload (as its bytes: a run has many), or a window opened or closed."""

    upload: bytes = b""
    window: Window | None = None


@dataclass
class Courier:
    """ordered: whether its uploads came to the stream in the order of their pings."""

    name: str
    ordered: bool
    events: list[Event] = field(default_factory=list)
    routes: dict[str, str] = field(default_factory=dict)

    @property
    def key(self) -> str:
        return courier_key(FLEET, self.name)

    def uploads(self) -> Iterator[Upload]:
        return (Upload.from_bytes(event.upload) for event in self.events if event.upload)

    def windows(self) -> list[Window]:
        """As they stand at the end, by their start."""
        last = {event.window.start_ms: event.window for event in self.events if event.window}
        return [last[start] for start in sorted(last)]


@dataclass
class Truth:
    ledger: Ledger = field(default_factory=Ledger)
    couriers: dict[str, Courier] = field(default_factory=dict)
    poison: list[bytes] = field(default_factory=list)
    """Records that nobody can read: each is to be in quarantine."""
    refused: set[str] = field(default_factory=set)
    """Content hashes of the pings that the API is to refuse: each is to be in quarantine."""
    deadly: list[bytes] = field(default_factory=list)
    """Records that end or hold their worker: each is to be told at the on-failure destination."""

    def pings(self) -> int:
        """Every ping that was made and sent, once."""
        return sum(len(self.ledger.pings_of(courier)) for courier in self.ledger.couriers())

    def disorder(self, courier_keys: set[str]) -> None:
        """What came again by hand came late."""
        for courier in self.couriers.values():
            if courier.key in courier_keys:
                courier.ordered = False


def wire(made: Made, now: float) -> Ping:
    """The ping that the API makes of it. Raises BadPing."""
    return read_ping(_ping(made), now)
