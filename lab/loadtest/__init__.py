"""A load generator for a chatroom of one's own: `manage.py loadtest`.

`generator` holds the sockets of one process, `coordinator` starts the processes and gathers what
they counted, `results` is that count, and `report` shows it.
"""
