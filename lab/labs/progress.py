"""What a reader has done, kept in a file of their own, so that a lab can be gone on with."""

import os
import sys
from pathlib import Path

import msgspec
from msgspec import Struct

from .declaration import Verdict


class LabProgress(Struct, omit_defaults=True):
    """One lab: the choice, and the last verdict with the guarantee on and off."""

    # Which choice was predicted, counted from 0.
    predicted: int | None = None
    # So many steps were done.
    acted: int = 0
    with_guarantee: Verdict | None = None
    without_guarantee: Verdict | None = None

    @property
    def done(self) -> bool:
        """Predicted, seen to hold, and seen to break."""
        kept, broken = self.with_guarantee, self.without_guarantee
        return (
            self.predicted is not None
            and kept is not None
            and kept.word == "PASS"
            and broken is not None
            and broken.word == "FAIL"
        )


class Progress:
    """All labs of one reader. Each change is written at once."""

    def __init__(self, file: Path | None = None) -> None:
        self.file = file or default_file()
        self._labs = self._read()

    def of(self, number: int) -> LabProgress:
        """To look at; `change` changes it."""
        return self._labs.get(number) or LabProgress()

    def predict(self, number: int, choice: int) -> None:
        self._entry(number).predicted = choice
        self._write()

    def acted(self, number: int, steps: int) -> None:
        self._entry(number).acted = steps
        self._write()

    def judged(self, number: int, verdict: Verdict, *, guarantee: bool) -> None:
        if guarantee:
            self._entry(number).with_guarantee = verdict
        else:
            self._entry(number).without_guarantee = verdict
        self._write()

    def reset(self, number: int | None = None) -> None:
        """Forget one lab, or all of them."""
        if number is None:
            self._labs.clear()
        else:
            self._labs.pop(number, None)
        self._write()

    @property
    def done(self) -> int:
        """How many labs are done."""
        return sum(lab.done for lab in self._labs.values())

    def _entry(self, number: int) -> LabProgress:
        return self._labs.setdefault(number, LabProgress())

    def _read(self) -> dict[int, LabProgress]:
        """A file that is not there, or was damaged, is no progress."""
        try:
            return msgspec.json.decode(self.file.read_bytes(), type=dict[int, LabProgress])
        except (OSError, msgspec.MsgspecError):
            return {}

    def _write(self) -> None:
        self.file.parent.mkdir(parents=True, exist_ok=True)
        written = self.file.with_suffix(".new")
        written.write_bytes(msgspec.json.format(msgspec.json.encode(self._labs), indent=2))
        written.replace(self.file)


def default_file() -> Path:
    """In the user's data folder; LAB_PROGRESS names another file."""
    if named := os.environ.get("LAB_PROGRESS"):
        return Path(named)
    home = Path.home()
    folder = home / "Library" / "Application Support"
    if sys.platform != "darwin":
        folder = Path(os.environ.get("XDG_DATA_HOME") or home / ".local" / "share")
    return folder / "chatroom-lab" / "progress.json"
