"""The band of images on a sheet is the one that a search of every place finds."""

from __future__ import annotations

import time

from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.utils import get_column_letter

from app.imports.band import CLASSES, SIDE, read_band
from app.imports.base import Imported, ImportProblem
from app.imports.table import Sheet

Cells = dict[tuple[int, int], object]  # by (row, column), both counted from 1

PLACES = st.tuples(st.integers(1, 14), st.integers(1, 30))
HOT = st.sampled_from([(1, 0, 0), (0, 1, 0), (0, 0, 1), (1, 1, 0), (0, 0, 0)])
BLOCKS = st.lists(st.tuples(PLACES, HOT), max_size=4)
OTHERS = st.dictionaries(PLACES, st.sampled_from([0, 1, "1", 0.5, "x", "", None]), max_size=4)


def sheet_of(cells: Cells) -> Sheet:
    """Return cells as the reader has them: rows that hold something, as far as they reach."""
    rows: Sheet = {}
    for at in sorted({row for (row, _), value in cells.items() if value is not None}):
        filled = {c: value for (row, c), value in cells.items() if row == at and value is not None}
        rows[at] = tuple(filled.get(column) for column in range(1, max(filled) + 1))
    return rows


def block(at: tuple[int, int], hot: tuple[int, ...]) -> Cells:
    """Return an image of stripes and its three one-hot cells, with nothing to their right."""
    top, left = at
    under: Cells = {(top + SIDE + r, left + c): None for r in range(CLASSES) for c in range(SIDE)}
    pixels: Cells = {(top + r, left + c): c % 2 for r in range(SIDE) for c in range(SIDE)}
    labels: Cells = {(top + SIDE + r, left): value for r, value in enumerate(hot)}
    return {**under, **pixels, **labels}


def first(cells: Cells) -> tuple[int, int] | None:
    """Return where the first block stands: every place is tried, row by row."""
    for top in range(1, 16):
        for left in range(1, 32):
            pixels = [cells.get((top + r, left + c)) for r in range(SIDE) for c in range(SIDE)]
            under = [[cells.get((top + SIDE + r, left + c)) for c in range(SIDE)] for r in range(3)]
            hot = [row[0] for row in under]
            others = [value for row in under for value in row[1:]]
            binary = all(str(value) in {"0", "1"} for value in [*pixels, *hot])
            if binary and sum(int(str(value)) for value in hot) == 1 and not any(map(full, others)):
                return top, left
    return None


def full(value: object) -> bool:
    """Tell whether a cell holds anything."""
    return value is not None and value != ""


@settings(deadline=None)  # the machine may be busy
@given(BLOCKS, OTHERS)
def test_the_first_block_is_the_one_that_every_place_was_tried_for(
    blocks: list[tuple[tuple[int, int], tuple[int, ...]]], others: Cells
) -> None:
    """Blocks that overlap, are damaged or stand apart: the first whole one, row by row, counts."""
    cells: Cells = {}
    for at, hot in blocks:
        cells |= block(at, hot)
    cells |= others
    wanted = first(cells)
    try:
        found = read_band("a", "S", sheet_of(cells))
    except ImportProblem:
        assert wanted is not None
        return
    assert (found is None) == (wanted is None)
    if found is not None and wanted is not None:
        assert f"'S', from cell {get_column_letter(wanted[1])}{wanted[0]} " in found.notes[0]
        assert found.images[0, 0].tolist() == pixels_at(cells, *wanted)


def pixels_at(cells: Cells, top: int, left: int) -> list[list[float]]:
    """Return the pixels of the block at a place."""
    rows = [[str(cells[top + r, left + c]) for c in range(SIDE)] for r in range(SIDE)]
    return [[float(value) for value in row] for row in rows]


def test_a_band_at_the_far_end_is_found() -> None:
    """In the last columns of the last rows in which a band is looked for."""
    found = read_band("a", "S", sheet_of(block((1_992, 16_379), (0, 0, 1))))
    assert isinstance(found, Imported)
    assert found.labels.tolist() == [2]
    assert read_band("a", "S", sheet_of(block((1_993, 16_379), (0, 0, 1)))) is None


def test_the_time_is_that_of_the_cells() -> None:
    """Twenty sheets of two cells, as far apart as can be, take less than a second."""
    sheet = sheet_of({(1, 16_384): "x", (2_000, 1): 1})
    begun = time.process_time()
    assert all(read_band("a", "S", sheet) is None for _ in range(20))
    assert time.process_time() - begun < 1
