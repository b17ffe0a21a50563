"""Roles, permissions, mutes, bans, reports, and the audit record."""
