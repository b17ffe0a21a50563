"""The page in a bundle, as the image's build makes it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
HOW_TO_GET_ONE = "install Node 20 or newer, then npm ci"


def can_bundle() -> bool:
    return shutil.which("node") is not None and (ROOT / "node_modules" / "esbuild").exists()


def make(folder: Path) -> dict[str, str]:
    """Bundle and collect the files of the page; what nodes must have in their environment."""
    environment = {
        "DJANGO_SETTINGS_MODULE": "lab.kit.bundled_settings",
        "BUNDLE_FOLDER": str(folder),
    }
    for command in (
        ["node", "deploy/bundle.js", str(folder / "bundled" / "dist")],
        [sys.executable, "manage.py", "collectstatic", "--noinput", "-v0"],
    ):
        subprocess.run(command, cwd=ROOT, env=os.environ | environment, check=True)  # noqa: S603
    return environment
