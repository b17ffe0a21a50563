#!/usr/bin/env python
"""Django's command line for the chatroom: `manage.py help` lists what it can do."""

import os
import sys

# These step back for whoever talks. Not those that lock a room's head: the room would wait.
UNHURRIED = {"backup", "check_log", "doctor", "export_room", "import_room", "rotate_secret"}
NICE = 19


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatroom.settings")
    if sys.argv[1:2] and sys.argv[1] in UNHURRIED:
        _step_back()
    # Not before: to import Django takes longer than most that a command does.
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


def _step_back() -> None:
    """Run only while nobody else wants to: on Linux a core that does this counts as idle."""
    if hasattr(os, "SCHED_IDLE"):
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    else:
        os.nice(NICE)


if __name__ == "__main__":
    main()
