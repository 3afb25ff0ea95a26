"""AWS as the functions see it, in memory, with a meter on every call that AWS bills."""
