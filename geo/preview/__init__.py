"""What an admin should know of a route before it is published."""
