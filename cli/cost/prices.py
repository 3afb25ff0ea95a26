"""Price tables: one file a partition in `prices/`, and the operator's own over them.

A file is {"partition", "currency", "regions": {region: {key: {"price", "per", "unit", "as_of", "source",
…}}}}: `price` is for `per` of `unit`, null where it is not known.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from cli.common import Failed

FOLDER = Path(__file__).with_name("prices")


@dataclass(frozen=True, slots=True)
class Price:
    """amount: for one of `unit`; None: not known."""

    amount: float | None
    unit: str
    as_of: str | None
    source: str | None


@dataclass(frozen=True, slots=True)
class Prices:
    """Of one region."""

    region: str
    currency: str
    by_key: Mapping[str, Price]

    def cost(self, key: str, quantity: float) -> float | None:
        """None where the price is not known; nothing costs nothing all the same."""
        amount = self.by_key[key].amount
        if not quantity:
            return 0.0
        return None if amount is None else amount * quantity


def read(own: Path | None = None, folder: Path = FOLDER) -> dict[str, Prices]:
    """By region: the tables that are shipped, with what stands in the operator's `own` file put over them.

    Raises Failed.
    """
    tables: dict[str, Prices] = {}
    for file in sorted(folder.glob("*.json")):
        tables |= _table(file, {})
    return tables | _table(own, tables) if own else tables


def _table(file: Path, known: Mapping[str, Prices]) -> dict[str, Prices]:
    """Raises Failed."""
    try:
        said = orjson.loads(file.read_bytes())
        currency, regions = str(said["currency"]), dict(said["regions"])
    except OSError as error:
        raise Failed(f"{file}: {error.strerror}") from error
    except (orjson.JSONDecodeError, LookupError, TypeError, ValueError) as error:
        raise Failed(
            f"{file} is no price table; expected is"
            ' {"currency": "…", "regions": {"…": {"…": {"price": …, "per": …}}}}'
        ) from error
    return {region: _merged(file, region, currency, entries, known) for region, entries in regions.items()}


def _merged(
    file: Path, region: str, currency: str, entries: Mapping[str, Any], known: Mapping[str, Prices]
) -> Prices:
    """Raises Failed."""
    base = known.get(region)
    if base and base.currency != currency:
        raise Failed(f"{file}: prices of {region} are in {base.currency}, not {currency}")
    # A region of the operator's own has the same keys as any other.
    keys = set(base.by_key if base else next(iter(known.values())).by_key if known else entries)
    if unknown := sorted(set(entries) - keys):
        raise Failed(f"{file}: {region} has {unknown[0]!r}; the keys are {', '.join(sorted(keys))}")
    given = {key: _price(file, f"{region}.{key}", entry) for key, entry in entries.items()}
    absent = {key: Price(None, "", None, None) for key in keys}
    return Prices(region, currency, absent | dict(base.by_key if base else {}) | given)


def _price(file: Path, place: str, entry: Any) -> Price:
    """Raises Failed."""
    said = entry if isinstance(entry, dict) else {"price": entry, "per": None}
    price, per = said.get("price"), said.get("per", 1)
    if not _number(per) or not per or not (price is None or _number(price)):
        raise Failed(
            f'{file}: {place} needs {{"price": a number or null, "per": how many that price is for}}'
        )
    amount = None if price is None else float(price) / float(per)
    return Price(amount, said.get("unit", ""), said.get("as_of"), said.get("source"))


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value >= 0


def missing(prices: Prices, keys: Iterable[str]) -> list[str]:
    """Those of `keys` without a price."""
    return sorted({key for key in keys if prices.by_key[key].amount is None})
