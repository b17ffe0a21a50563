"""Messages: the log of a room, its operations, commit, catch-up, history and markup."""
