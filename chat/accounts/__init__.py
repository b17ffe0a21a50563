"""Accounts: members, guests, names, sessions and permissions."""
