"""Makes the secrets that are missing, one a file: `docker-compose.yml` runs it at each start.

With `rotate` the key that signs becomes a former one, and a fresh one takes its place. Nobody is
signed out: what former keys signed is believed until they are dropped, two rotations later.
"""

import os
import sys
from pathlib import Path
from secrets import token_urlsafe

FOLDER = Path("/secrets")
FORMER_KEYS_KEPT = 2
# Root writes; the group that this runs as reads, and nobody else.
MODE = 0o440


def main(folder: Path, *, rotate: bool) -> None:
    keep_or_make(folder / "secret_key", token_urlsafe(50))
    keep_or_make(folder / "secret_key_fallbacks", "")
    password = keep_or_make(folder / "postgres_password", token_urlsafe(32))
    write(folder / "database_url", f"postgres://chatroom:{password}@postgres:5432/chatroom")
    if rotate:
        give_a_new_key(folder / "secret_key", folder / "secret_key_fallbacks")


def keep_or_make(file: Path, value: str) -> str:
    if not file.exists():
        write(file, value)
    # Those that an earlier version made were for everyone to read.
    os.chown(file, -1, os.getegid())
    file.chmod(MODE)
    return file.read_text("utf-8")


def give_a_new_key(key: Path, former: Path) -> None:
    """The former keys first: whatever stops this half-way, no session is lost."""
    keys = [key.read_text("utf-8"), *filter(None, former.read_text("utf-8").split(","))]
    write(former, ",".join(keys[:FORMER_KEYS_KEPT]))
    write(key, token_urlsafe(50))
    print("There is a new key. deploy/roll brings it to the nodes.")


def write(file: Path, value: str) -> None:
    """Whole or not at all, also when the power fails; and never for others to read."""
    fresh = file.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, MODE), "wb") as written:
        written.write(value.encode())
        written.flush()
        os.fsync(written.fileno())
    fresh.replace(file)


if __name__ == "__main__":
    main(FOLDER, rotate=sys.argv[1:] == ["rotate"])
