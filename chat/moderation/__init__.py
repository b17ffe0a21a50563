"""Moderation: authorization, roles, mutes, bans, reports, room rules and the audit record."""
