"""Rooms: their tables, read markers, and who may see them."""
