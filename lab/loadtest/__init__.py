"""A load generator for a chatroom of one's own: `manage.py loadtest`.

`coordinator` starts the processes and adds up their `results`, `generator` is one process,
`load_socket` one of its sockets, and `report` shows what came of it.
"""
