"""One file a phone format: bytes in, a Reading out."""
