"""The settings of a node that serves the page as the image does: in a bundle."""

import os
from pathlib import Path

from chatroom.settings import *  # noqa: F403
from chatroom.settings import STATICFILES_DIRS as USUAL_DIRS

_FOLDER = Path(os.environ["BUNDLE_FOLDER"])
STATICFILES_DIRS = [*USUAL_DIRS, _FOLDER / "bundled"]
STATIC_ROOT = _FOLDER / "collected"
