"""Three routes around Shanghai's old French Concession for fleets that bring none: WGS-84 (lon, lat)."""

from __future__ import annotations

from dataclasses import dataclass

LonLat = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Place:
    """A route to publish. title: of a task on it; bonus: CNY."""

    id: str
    name: str
    title: str
    bonus: str
    line: tuple[LonLat, ...]


_STREET: tuple[LonLat, ...] = (
    (121.47850, 31.22640), (121.47610, 31.22552), (121.47330, 31.22418), (121.47020, 31.22278),
    (121.46770, 31.22150), (121.46480, 31.22021), (121.46190, 31.21906), (121.45880, 31.21762),
    (121.45610, 31.21648), (121.45290, 31.21502), (121.45000, 31.21371), (121.44830, 31.21290),
)  # fmt: skip
_BLOCK: tuple[LonLat, ...] = (
    (121.47215, 31.22108), (121.47330, 31.22150), (121.47445, 31.22188), (121.47552, 31.22226),
    (121.47572, 31.22220), (121.47612, 31.22128), (121.47650, 31.22030), (121.47642, 31.22014),
    (121.47540, 31.21978), (121.47420, 31.21937), (121.47312, 31.21898), (121.47294, 31.21906),
    (121.47252, 31.22006),
)  # fmt: skip
_CROSSING: tuple[LonLat, ...] = (
    (121.48980, 31.23640), (121.49040, 31.23370), (121.49110, 31.23120), (121.48790, 31.23040),
    (121.48430, 31.22945), (121.48060, 31.22850), (121.48120, 31.22630), (121.48165, 31.22440),
    (121.47830, 31.22330), (121.47470, 31.22215), (121.47120, 31.22095), (121.47200, 31.21880),
    (121.47275, 31.21680), (121.46950, 31.21575), (121.46600, 31.21460), (121.46265, 31.21350),
    (121.46340, 31.21150), (121.46405, 31.20980),
)  # fmt: skip


PLACES: tuple[Place, ...] = (
    Place(
        "huaihai-out-and-back", "Huaihai Road, out and back", "Morning round on Huaihai Road", "18.50",
        _STREET + _STREET[-2::-1],
    ),
    Place(
        "xintiandi-laps", "Xintiandi, four laps", "Four laps around Xintiandi", "12.00",
        _BLOCK * 4 + _BLOCK[:1],
    ),
    Place(
        "bund-to-dapuqiao", "From the Bund to Dapuqiao", "Parcels from the Bund to Dapuqiao", "16.80",
        _CROSSING,
    ),
)  # fmt: skip
