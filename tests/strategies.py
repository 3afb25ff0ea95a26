"""What Hypothesis draws from: one place, the same words as the code."""

from __future__ import annotations

from hypothesis import strategies as st

from telemetry.history import Sighting
from telemetry.ping import MOCK, UNKNOWN, Ping

T0_MS = 1_795_492_800_000  # 2026-11-24 04:00 UTC
DAY_MS = 86_400_000

times_ms = st.integers(T0_MS - 20 * DAY_MS, T0_MS + DAY_MS)

pings = st.builds(
    Ping,
    t_ms=times_ms,
    lat_e6=st.integers(-90_000_000, 90_000_000),
    lon_e6=st.integers(-180_000_000, 180_000_000),
    accuracy_dm=st.just(UNKNOWN) | st.integers(0, 30_000),
    speed_dmps=st.just(UNKNOWN) | st.integers(0, 30_000),
    heading=st.just(UNKNOWN) | st.integers(0, 359),
    flags=st.sampled_from([0, 0, MOCK]),
)

names = st.from_regex(r"[a-z0-9][a-z0-9._-]{0,47}", fullmatch=True)
devices = st.sampled_from(["app", "dv_1", "dv_2"])

# Few identities and few contents, so that duplicates and conflicts are common.
colliding = st.builds(
    Sighting,
    device=st.sampled_from(["app", "dv_1"]),
    ping=st.builds(
        Ping,
        t_ms=st.integers(0, 6).map(lambda i: T0_MS + i * 1000),
        lat_e6=st.sampled_from([31_000_000, 31_000_100]),
        lon_e6=st.just(121_000_000),
        accuracy_dm=st.sampled_from([UNKNOWN, 50, 80]),
        speed_dmps=st.just(UNKNOWN),
        heading=st.just(UNKNOWN),
        flags=st.sampled_from([0, MOCK]),
    ),
)

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
