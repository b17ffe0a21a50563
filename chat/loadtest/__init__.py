"""A load generator for a chatroom of one's own: `manage.py loadtest`.

`clients` are the sockets of one process, `run` starts the processes and gathers what they counted,
`figures` is that count, and `report` shows it.
"""
