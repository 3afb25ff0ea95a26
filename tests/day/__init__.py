"""A working day of a fleet on the laptop stack, played through the public API; then everything is checked.

`python -m tests.day` is the long run, `tests/local/test_day.py` the short one.
"""
