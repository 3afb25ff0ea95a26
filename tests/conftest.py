"""Hypothesis: the same examples each time, more of them in CI; `make explore` looks for new ones."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

settings.register_profile(
    "fast", max_examples=60, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("ci", settings.get_profile("fast"), max_examples=300)
settings.register_profile("explore", settings.get_profile("fast"), max_examples=2_000, derandomize=False)
settings.load_profile(os.environ.get("PROFILE") or ("ci" if os.environ.get("CI") else "fast"))
