"""The mark behind a client_id that is stored a second time (inside/keys.py)."""

import re

MARK = re.compile(r"~[0-9a-f]{8}$")
