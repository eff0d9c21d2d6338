"""CSV: separated by commas, semicolons or tabs, in any encoding that a spreadsheet writes."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from itertools import islice

from app.imports.base import Imported, ImportProblem
from app.imports.table import Row, read_table

__all__ = ["read_csv"]

LINES = 10  # that tell what separates the cells


def read_csv(name: str, content: bytes) -> Imported:
    """Read one image a row: the label, then the pixels row by row; a header is passed over.

    Raises:
        ImportProblem: naming the row and the column.
    """
    text = _decoded(content)
    return read_table(name, _rows(text, _delimiter(text)))


def _delimiter(text: str) -> str:
    """Return what separates most cells in the first lines, below a title if there is one."""
    lines = islice((line for line in io.StringIO(text) if line.strip()), LINES)
    first = "".join(lines)
    return max(";\t,", key=first.count)  # of equals a comma is the decimal point of the others


def _decoded(content: bytes) -> str:
    encoding = "utf-16" if content.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        # Chinese Excel's own encoding; where it is yet another, only the header suffers.
        return content.decode("gb18030", errors="replace")


def _rows(text: str, delimiter: str) -> Iterator[Row]:
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        for cells in rows:
            # Where semicolons separate, a comma is what others write as a decimal point.
            numbers = [c.replace(",", ".") for c in cells] if delimiter == ";" else cells
            yield f"row {rows.line_num}", [cell.strip() for cell in numbers]
    except csv.Error as error:
        where = f"row {rows.line_num}"
        wanted = "cells with separators between them"
        raise ImportProblem("Not CSV", where, wanted, f"what cannot be read ({error})") from error
