"""Workbooks made on the spot, for the tests of the readers."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import openpyxl
import pytest

from engine.datasets import load


def digits(n: int = 6) -> tuple[Any, Any]:
    """Return images (n, 6, 6) of 0 and 1 and labels (n,) 0 to 2."""
    found = load("digits-123-6x6")
    return found.images[:n, 0].astype(int), found.labels[:n]


def saved(sheets: Mapping[str, Mapping[tuple[int, int], object]]) -> bytes:
    """Return a workbook of sheets of cells by (row, column), both counted from 1."""
    book = openpyxl.Workbook()
    del book[book.sheetnames[0]]
    for title, cells in sheets.items():
        sheet = book.create_sheet(title)
        for (row, column), value in cells.items():
            sheet.cell(row, column, value)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def band(
    top: int = 3, left: int = 4, n: int = 6, gap: int = 0, *, numbered: bool = True
) -> dict[tuple[int, int], object]:
    """Return the textbook's band of n images, its first pixel at (top, left)."""
    images, labels = digits(n)
    cells: dict[tuple[int, int], object] = {}
    for at, (image, label) in enumerate(zip(images, labels, strict=True)):
        start = left + at * (6 + gap)
        if numbered:
            cells[top - 1, start] = at + 1
        for (row, column), pixel in np.ndenumerate(image):
            cells[top + row, start + column] = int(pixel)
        for row in range(3):
            cells[top + 6 + row, start] = int(row == label)
    return cells


def table(rows: Sequence[Sequence[object]]) -> dict[tuple[int, int], object]:
    """Return rows of cells from A1."""
    return {(r, c): value for r, row in enumerate(rows, 1) for c, value in enumerate(row, 1)}


class Books:
    """What the tests of the readers make their files from."""

    digits = staticmethod(digits)
    saved = staticmethod(saved)
    band = staticmethod(band)
    table = staticmethod(table)


@pytest.fixture(scope="session")
def books() -> type[Books]:
    """The makers of workbooks."""
    return Books
