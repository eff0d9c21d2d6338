"""XLSX: the textbook's workbook, found by its shape, or a table as in CSV."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator
from xml.etree.ElementTree import ParseError

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from app.imports.band import read_band
from app.imports.base import IMAGES, Imported, ImportProblem, number
from app.imports.table import Row, Sheet, read_table

__all__ = ["read_xlsx"]

ROWS = IMAGES + 100
COLUMNS = 16_384
CELLS = 5_000_000  # that are passed, filled or not; a row without any counts as one
BROKEN = (
    InvalidFileException,
    zipfile.BadZipFile,
    zlib.error,
    ParseError,
    KeyError,
    ValueError,
    TypeError,
    IndexError,
    AttributeError,
    OSError,
    EOFError,
    NotImplementedError,
    RuntimeError,
)  # fmt: skip - what openpyxl lets through when a workbook is broken


def read_xlsx(name: str, content: bytes) -> Imported:
    """Read the first band of images of the textbook's layout, or else the first table.

    Raises:
        ImportProblem: naming the sheet, and the row or the cell.
    """
    sheets = _sheets(content)
    for title, sheet in sheets.items():
        found = read_band(name, title, sheet)
        if found is not None:
            return found
    for title, sheet in sheets.items():
        if _is_table(sheet):
            return read_table(name, _rows(title, sheet))
    looked = ", ".join(repr(title) for title in sheets)
    wanted = (
        "a sheet with images as blocks of 6×6 cells of 0 and 1 side by side, each with three "
        "cells of 0 and 1 under its first column, exactly one of them 1; or a sheet with one "
        "image a row, the label first"
    )
    came = f"neither on {looked}"
    raise ImportProblem("No images found", f"sheet {next(iter(sheets))!r}", wanted, came)


def _sheets(content: bytes) -> dict[str, Sheet]:
    sheets: dict[str, Sheet] = {}
    cells = 0
    try:
        # The formulas' last values, not the formulas; row by row, so that no sheet is held twice.
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        for worksheet in book.worksheets:
            sheet: Sheet = {}
            worksheet.reset_dimensions()  # what the file says of its size may be wrong
            for at, row in enumerate(worksheet.iter_rows(max_row=ROWS, values_only=True), 1):
                if len(row) > COLUMNS:
                    row = row[:COLUMNS]  # noqa: PLW2901
                cells += max(1, len(row))
                if cells > CELLS:
                    where = f"sheet {worksheet.title!r}"
                    wanted = f"at most {CELLS} cells, empty ones before others counted too"
                    raise ImportProblem("Too much data", where, wanted, "more")
                if any(value is not None for value in row):
                    sheet[at] = row
            sheets[worksheet.title] = sheet
        book.close()
    except BROKEN as error:
        came = f"what cannot be read ({str(error)[:200]})"
        raise ImportProblem("Broken workbook", "file", "a workbook as XLSX", came) from error
    if not any(sheets.values()):
        raise ImportProblem("Empty workbook", "file", "a sheet with images", "nothing on any")
    return sheets


def _is_table(sheet: Sheet) -> bool:
    """Tell whether most rows are five numbers or more and nothing else."""
    rows = list(sheet.values())
    return 2 * sum(_is_numbers(row) for row in rows) > len(rows) - 1 and any(map(_is_numbers, rows))


def _is_numbers(row: tuple[object, ...]) -> bool:
    filled = [value for value in row if value is not None]
    return len(filled) >= 5 and sum(number(value) is not None for value in filled) >= 0.9 * len(
        filled
    )


def _rows(title: str, sheet: Sheet) -> Iterator[Row]:
    for at, row in sheet.items():
        yield f"sheet {title!r}, row {at:d}", row
