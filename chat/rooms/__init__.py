"""Rooms: their tables, who may see them, and what a member has read there."""
