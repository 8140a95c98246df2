"""Fetch the wheel of one package, without what it depends on and without running anything of it."""

import re
import subprocess
import sys
from pathlib import Path

# a name, and a version or none
PACKAGE_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?(==[A-Za-z0-9.!+_-]+)?")
DOWNLOAD_SECONDS = 1800  # at most
MAX_ERROR_CHARACTERS = 500


class DownloadFailed(Exception):
    """There is no such wheel, or pip cannot be used; the message says what pip said."""


def is_package(name: str) -> bool:
    """Whether this may be the name of a package, with its version or without."""
    return PACKAGE_NAME.fullmatch(name) is not None


def download_wheel(package: str, folder: Path) -> Path:
    """Fetch the wheel of a package into an empty folder, and return it. Raises DownloadFailed.

    Only wheels: to read a source distribution, pip would run its code.
    """
    if not is_package(package):
        raise DownloadFailed(f"{package} is no name of a package.")
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
    command += ["--only-binary", ":all:", "--dest", str(folder), package]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=DOWNLOAD_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        raise DownloadFailed(f"{package} was not there after {DOWNLOAD_SECONDS // 60} minutes.") from None
    wheels = list(folder.glob("*.whl"))
    if done.returncode or len(wheels) != 1:
        said = done.stderr.strip()[-MAX_ERROR_CHARACTERS:]
        raise DownloadFailed(f"{package} cannot be fetched; pip says:\n{said or 'no wheel'}")
    return wheels[0]
