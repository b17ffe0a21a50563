"""Writes a new lab from the template: it runs at once, and says what to replace."""

import re
from pathlib import Path

from .registry import FOLDER, numbers

TEMPLATE = FOLDER / "template.txt"


def write_new(name: str, folder: Path = FOLDER) -> Path:
    """Returns its file. LookupError: the name is no name for a file, or taken."""
    word = name.strip().lower().replace("-", "_").replace(" ", "_")
    if not re.fullmatch(r"[a-z][a-z0-9_]*", word):
        raise LookupError("A lab is named in small letters, such as slow-disk.")
    if taken := [path.name for path in folder.glob(f"lab_*_{word}.py")]:
        raise LookupError(f"There is one of this name: {taken[0]}.")
    number = max(numbers(), default=0) + 1
    path = folder / f"lab_{number:02}_{word}.py"
    text = TEMPLATE.read_text("utf-8")
    title = word.replace("_", " ").capitalize()
    path.write_text(text.replace("{NUMBER}", str(number)).replace("{TITLE}", title), "utf-8")
    return path
