"""The settings of a node that speaks tests/pseudo_language.py, from left to right or mirrored."""

import os
from pathlib import Path

from chatroom.settings import *  # noqa: F403
from tests.pseudo_language import CODE

LANGUAGE_CODE = CODE
LANGUAGES = [(CODE, "Pseudo")]
LANGUAGES_BIDI = [CODE] if os.environ.get("PSEUDO_MIRRORED") else []
LOCALE_PATHS = [Path(os.environ["PSEUDO_FOLDER"])]
