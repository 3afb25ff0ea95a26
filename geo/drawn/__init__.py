"""A route as somebody drew it, and the files that it comes in."""
