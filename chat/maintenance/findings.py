"""What `manage.py doctor` finds."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Finding:
    """The result of one check, with advice where something is not well."""

    state: Literal["well", "watch", "ill"]
    what: str
    advice: str = ""
