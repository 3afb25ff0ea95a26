"""Every app's queue played against the laptop stack in trouble: nothing lost, nothing double, none stuck.

`python -m tests.apps` prints the table of docs/apps.md.
"""
