"""Chooses the reader by what is in the file, and by its name where that leaves a choice."""

from __future__ import annotations

import io
import zipfile
from pathlib import PurePosixPath

from app.imports.base import Imported, ImportProblem
from app.imports.csv_reader import read_csv
from app.imports.json_reader import read_json
from app.imports.npz_reader import read_npz
from app.imports.xlsx_reader import read_xlsx

__all__ = ["read"]

NAME = 80  # characters of a set's name
ENTRIES = 1_000  # files inside a zip
UNPACKED = 256 * 1024 * 1024  # bytes inside a zip
KINDS = "a data set as JSON, CSV, NPZ or XLSX"
OLD_EXCEL = b"\xd0\xcf\x11\xe0"


def read(filename: str, content: bytes) -> Imported:
    """Read a data set from a file of one of the four kinds.

    Args:
        filename: as its owner calls it; gives the set its name where the file has none.
        content: the whole file; its size was bounded before.

    Raises:
        ImportProblem: saying what is wrong, where, and what was wanted.
    """
    path = PurePosixPath(filename.replace("\\", "/"))
    name = "".join(c for c in path.stem if c.isprintable()).strip()[:NAME] or "My images"
    if not content.strip():
        raise ImportProblem("Empty file", "file", KINDS, "nothing")
    if content.startswith(OLD_EXCEL):
        wanted = "a workbook that was saved as .xlsx"
        raise ImportProblem("Unknown kind of file", "file", wanted, "one of old Excel (.xls)")
    if content.startswith(b"PK"):
        return _read_zip(name, content)
    if _is_json(path.suffix.lower(), content):
        return read_json(name, content)
    utf16 = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    if b"\0" in content and not utf16:
        raise ImportProblem("Unknown kind of file", "file", KINDS, "none of them")
    return read_csv(name, content)


def _is_json(suffix: str, content: bytes) -> bool:
    return suffix == ".json" or content.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in {b"{", b"["}


def _read_zip(name: str, content: bytes) -> Imported:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as file:
            entries = file.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as error:
        came = f"a zip file that cannot be unpacked ({error})"
        raise ImportProblem("Broken file", "file", "a whole NPZ or XLSX file", came) from error
    size = sum(entry.file_size for entry in entries)
    if len(entries) > ENTRIES or size > UNPACKED:
        wanted = f"at most {ENTRIES} parts and {UNPACKED} bytes when unpacked"
        raise ImportProblem("Too much data", "file", wanted, f"{len(entries)} parts, {size} bytes")
    if any(entry.filename.endswith(".npy") for entry in entries):
        return read_npz(name, content)
    if any(entry.filename.startswith("xl/") for entry in entries):
        return read_xlsx(name, content)
    raise ImportProblem("Unknown kind of file", "file", KINDS, "a zip file that is none of them")
