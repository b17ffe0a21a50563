#!/usr/bin/env python
"""Django's command line for the chatroom: `manage.py help` lists what it can do."""

import os
import sys

# These leave the processors to whoever talks. Not those that hold the lock of a live room: the
# slower they are, the longer others wait.
UNHURRIED = {"backup", "check_log", "doctor", "export_room", "import_room", "rotate_secret"}
# A tenth of a processor that someone else wants for themselves.
NICE = 10


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatroom.settings")
    if sys.argv[1:2] and sys.argv[1] in UNHURRIED:
        os.nice(NICE)
    # Not before: to import Django takes longer than most that a command does.
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        # Whoever runs a command reads what to change, and no traceback.
        sys.exit(f"{error}")


if __name__ == "__main__":
    main()
