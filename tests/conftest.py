"""Hypothesis: the same examples in every run, also in CI; `make explore` looks for new ones.

It draws constants of the modules that are loaded, too: tests/property is run alone for that reason.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

settings.register_profile(
    "same", max_examples=60, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("explore", settings.get_profile("same"), max_examples=2_000, derandomize=False)
settings.load_profile(os.environ.get("PROFILE") or "same")
