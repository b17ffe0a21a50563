#!/usr/bin/env python
"""Django's command line for the chatroom: `manage.py help` lists what it can do."""

import os
import sys

from django.core.management import execute_from_command_line

# These step back for whoever talks. Not those that lock a room's head: the room would wait.
UNHURRIED = {"backup", "check_log", "doctor", "export_room", "import_room", "rotate_secret"}
NICE = 19

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatroom.settings")
    if sys.argv[1:2] and sys.argv[1] in UNHURRIED:
        os.nice(NICE)
    execute_from_command_line(sys.argv)
