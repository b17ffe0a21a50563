"""The log of a room: operations, commit, catch-up, history, markup."""
