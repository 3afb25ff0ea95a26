"""`milepost cost`: what a million pings cost, from counts of the real code's own AWS calls."""
