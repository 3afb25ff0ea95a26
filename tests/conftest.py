"""Hypothesis: more examples in CI, reproducible everywhere."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

settings.register_profile(
    "fast", max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("ci", settings.get_profile("fast"), max_examples=300, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "fast")
