"""The fault harness: fleets with known truth through the real path, while everything fails that may fail.

`make chaos` runs it on the laptop stack; docs/decisions/0019 says what it shows.
"""
