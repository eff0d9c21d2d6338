"""RESULTS.md by sections: each program writes its own and leaves the others as they are."""

from __future__ import annotations

import re
from pathlib import Path

__all__ = ["RESULTS", "section", "write"]

RESULTS = Path(__file__).parent / "RESULTS.md"


def section(name: str) -> str:
    """A section as it stands, its heading included; empty where there is none."""
    found = re.search(
        rf"^## {re.escape(name)}\n.*?(?=^## |\Z)", RESULTS.read_text(), re.MULTILINE | re.DOTALL
    )
    return found[0].rstrip() + "\n" if found else ""


def write(name: str, lines: list[str]) -> None:
    """Put a section in the place of the one of that name, or at the end."""
    new = "\n".join([f"## {name}", "", *lines, ""])
    whole, old = RESULTS.read_text(), section(name)
    rest = whole.replace(old, new) if old else f"{whole.rstrip()}\n\n{new}"
    RESULTS.write_text(rest)
