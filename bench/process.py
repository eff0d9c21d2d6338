"""A Backlit server in a process of its own, as people start it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Process", "running"]

ROOT = Path(__file__).resolve().parents[1]


@dataclass
class Process:
    """A running server and its address, without a slash at the end."""

    url: str
    process: subprocess.Popen[str]

    @classmethod
    def start(cls, folder: Path, **settings: object) -> Process:
        """Start it over a folder; settings are named as in ``app/settings.py``."""
        given = {f"BACKLIT_{name.upper()}": str(value) for name, value in settings.items()}
        process = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-m", "app.main", "--port", "0", "--data", str(folder)],
            env={**os.environ, "BACKLIT_RATE": "0", **given},
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None  # noqa: S101 - a pipe was asked for
        said = process.stdout.readline()
        if " at http" not in said:
            process.kill()
            raise RuntimeError(f"the server did not start: {said}")
        return cls(said.split(" at ")[1].split("/ ")[0], process)

    def kill(self) -> None:
        """End it at once (SIGKILL)."""
        self.process.kill()
        self.process.wait()
        if self.process.stdout:
            self.process.stdout.close()

    def memory(self) -> int:
        """The bytes that it has in memory."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        kilobytes = next(line.split()[1] for line in status.splitlines() if "VmRSS" in line)
        return int(kilobytes) * 1024


@contextmanager
def running(folder: Path, **settings: object) -> Iterator[Process]:
    """A server that ends with the block."""
    server = Process.start(folder, **settings)
    try:
        yield server
    finally:
        server.kill()
