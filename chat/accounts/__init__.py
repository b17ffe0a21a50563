"""Members, guests, names and sessions."""
