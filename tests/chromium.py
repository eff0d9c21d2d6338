"""Finds the browser that the tests drive, and installs one where the machine has none.

`python tests/chromium.py` is the part of `make test` that sets the browser up.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MAC = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
MISSING = (
    "The browser tests need Chromium, and none could be found or installed: install Chromium or "
    "Chrome (on Debian: apt-get install chromium), or name one in BACKLIT_CHROMIUM."
)


def found() -> str | None:
    """The path of a Chromium or Chrome of this machine; None where there is none.

    Raises:
        SystemExit: BACKLIT_CHROMIUM names a file that does not exist.
    """
    named = os.environ.get("BACKLIT_CHROMIUM")
    if named:
        if not Path(named).is_file():
            raise SystemExit(f"BACKLIT_CHROMIUM names {named}, which does not exist.")
        return named
    for name in NAMES:
        path = shutil.which(name)
        if path:
            return path
    return str(MAC) if MAC.is_file() else playwrights_own()


def playwrights_own() -> str | None:
    """The path of the Chromium that Playwright downloaded; None where it has not."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - slow, and seldom needed

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).is_file() else None


def install() -> None:
    """Install Chromium from Debian's packages where one may, else through Playwright."""
    if shutil.which("apt-get") and os.geteuid() == 0:
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        package = ["apt-get", "install", "--yes", "--no-install-recommends", "chromium"]
        for command in (["apt-get", "update"], package):
            subprocess.run(command, env=environment, check=False)
    if found() is None:
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False)


def main() -> None:
    """See to it that there is a browser, or say in one sentence what to do."""
    if found() is None:
        install()
    if found() is None:
        raise SystemExit(MISSING)


if __name__ == "__main__":
    main()
