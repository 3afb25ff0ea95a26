"""How records begin that end their worker, or hold it."""

CRASHES, HANGS = b"\x07chaos-crash", b"\x07chaos-hang"
