"""What takes longest comes first, so that no process waits for another at the end."""

from __future__ import annotations

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.name != "runTest")  # of a state machine
