"""Which runs are made, and how large: enough couriers for full batches, whole buckets and whole uploads."""

from __future__ import annotations

import math
from collections.abc import Iterator

from cli.cost.assumptions import Assumptions
from cli.cost.deployed import Deployed
from cli.cost.fleet import Fleet
from cli.cost.measure import MILEPOST, NAIVE, Design
from telemetry.history import BUCKET_S

UPLOADS = (1, 6, 30)  # pings an upload
FEWEST = 40  # couriers
ENOUGH = 800  # uploads, for steady averages of batches
NAIVE_COURIERS, NAIVE_PINGS = 20, 30  # every ping costs alike, so a few are enough


def runs(assumed: Assumptions, deployed: Deployed, seed: int) -> Iterator[tuple[Design, Fleet]]:
    bucket = round(BUCKET_S / assumed.interval_s)
    for n in UPLOADS:
        lanes = assumed.shards * deployed.lanes_of("TrackUploads")
        batch = assumed.pings_per_s / n / assumed.stream_polls / lanes
        # Hardly a courier twice in a batch: a poll rarely finds three deviations more than its mean.
        couriers = max(math.ceil(batch + 3 * math.sqrt(batch)), FEWEST)
        whole = math.lcm(bucket, n)
        pings = whole * math.ceil(ENOUGH * n / (couriers * whole))
        yield MILEPOST, Fleet(couriers, pings, n, assumed.interval_s, seed)
        yield NAIVE, Fleet(NAIVE_COURIERS, NAIVE_PINGS, n, assumed.interval_s, seed, warm_pings=0)


def pings_of(fleet: Fleet) -> int:
    return fleet.couriers * (fleet.pings // fleet.per_upload) * fleet.per_upload
