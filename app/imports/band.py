"""The workbook layout of the textbook's readers: a band of images, found by its shape.

Each image is a block of six columns by six rows of 0 and 1, the blocks stand side by side, and
under each stand three one-hot rows, one value a row in the block's first column. A number above
each block, labels beside them in any language, notes, and further copies of the band may stand
around it; the first band counts. What tells where a block begins are the one-hot cells: to their
right the row is empty.

No image is lost silently: what stands beside the band and is meant as a block of it is refused,
and further bands on the same rows are noted.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from openpyxl.utils import get_column_letter

from app.imports.base import Imported, ImportProblem, checked, number, shown
from app.imports.table import Sheet

__all__ = ["read_band"]

SIDE = 6
CLASSES = 3
ROWS = 2_000  # a band is looked for in these
GAP = 2  # empty columns that may part two blocks
EMPTY, OTHER = -1, -2  # what a cell may hold besides 0 and 1
DAMAGED = 0.5  # of a block's pixels that are right: it is meant as one

Codes = NDArray[np.int8]
Marks = NDArray[np.bool_]
Cell = TypeVar("Cell", np.int8, np.bool_)


def read_band(name: str, title: str, sheet: Sheet) -> Imported | None:
    """Return the first band's images, or None where the sheet has no band.

    Raises:
        ImportProblem: naming the cell, where a block of the band is damaged.
    """
    rows = {at - 1: _coded(row) for at, row in sheet.items() if at <= ROWS}
    top, left = _first(rows)
    if top < 0:
        return None
    codes = _stacked(rows, top)
    columns = _columns(codes, top, left)
    _refuse_damaged(codes, top, _before(codes, top, columns), title, sheet)
    first = f"{title!r}, from cell {_cell(left, top)}"
    images = np.stack([codes[top : top + SIDE, c : c + SIDE] for c in columns])
    under = np.stack([codes[top + SIDE : top + SIDE + CLASSES, c] for c in columns])
    notes = [
        f"Found {len(columns)} images on sheet {first} to the right.",
        'The three rows under the images became the classes "1", "2" and "3".',
        *_beyond(codes, top, columns, title, sheet),
    ]
    return checked(name, images, under.argmax(axis=1), ("1", "2", "3"), notes)


def _coded(row: tuple[object, ...]) -> Codes:
    """Return a row's cells as 0, 1, EMPTY and OTHER."""
    return np.array([_code(value) for value in row], dtype=np.int8)


def _stacked(rows: dict[int, Codes], top: int) -> Codes:
    """Return the sheet down to a band's last row, with room to the right for a block.

    Above the band every cell is EMPTY: nothing there is looked at.
    """
    band = {at: rows[at] for at in range(top, top + SIDE + CLASSES)}
    width = max(map(len, band.values()))
    codes = np.full((top + SIDE + CLASSES, width + 2 * SIDE), EMPTY, dtype=np.int8)
    for at, row in band.items():
        codes[at, : len(row)] = row
    return codes


def _code(value: object) -> int:
    if value is None or value == "":
        return EMPTY
    found = number(value)
    if found in {0, 1}:
        return int(found)
    return OTHER


def _first(rows: dict[int, Codes]) -> tuple[int, int]:
    """Return the top row and the left column of the first block, row by row, or (-1, -1).

    ``rows`` are those that hold something, counted from 0. The work is in proportion to their
    cells, not to the rectangle that they span.
    """
    pixels = {at: found for at, row in rows.items() if (found := _pixels(row)).any()}
    for top in sorted(pixels):
        block, under = range(top, top + SIDE), range(top + SIDE, top + SIDE + CLASSES)
        if not all(at in pixels for at in block) or not all(at in rows for at in under):
            continue
        blocks: Marks = np.all(_together([pixels[at] for at in block]), axis=0)
        if not blocks.any():
            continue
        hot = _together([_hot(rows[at]) for at in under])
        labels: Marks = np.logical_and(hot.min(axis=0) >= 0, hot.sum(axis=0) == 1)
        lefts = np.flatnonzero(np.all(_together([blocks, labels]), axis=0))
        if lefts.size:
            return top, int(lefts[0])
    return -1, -1


def _pixels(row: Codes) -> Marks:
    """Return (column) whether a row of a block's pixels may begin there."""
    binary = np.append(np.greater_equal(row, 0), np.zeros(SIDE - 1, dtype=np.bool_))
    found: Marks = np.all(sliding_window_view(binary, SIDE), axis=1)
    return found


def _hot(row: Codes) -> Codes:
    """Return (column) the one-hot cell that stands there with nothing to its right, or OTHER."""
    right = np.append(row[1:], np.full(SIDE - 1, EMPTY, dtype=np.int8))
    alone = np.all(sliding_window_view(right, SIDE - 1) == EMPTY, axis=1)
    return np.where(alone & (row >= 0), row, np.int8(OTHER))


def _together(rows: Sequence[NDArray[Cell]]) -> NDArray[Cell]:
    """Return rows as one array (row, column), as far to the right as the shortest goes."""
    width = min(map(len, rows))
    return np.stack([row[:width] for row in rows])


def _is_block(codes: Codes, top: int, left: int) -> bool:
    pixels = codes[top : top + SIDE, left : left + SIDE]
    return (
        pixels.shape == (SIDE, SIDE)
        and bool((pixels >= 0).all())
        and _is_labelled(codes, top, left)
    )


def _is_labelled(codes: Codes, top: int, left: int) -> bool:
    under = codes[top + SIDE : top + SIDE + CLASSES, left : left + SIDE]
    hot = under[:, :1]
    return bool((hot >= 0).all() and hot.sum() == 1 and (under[:, 1:] == EMPTY).all())


def _columns(codes: Codes, top: int, left: int) -> list[int]:
    """Return the left columns of all blocks of the band, from the first to the right."""
    columns = [left]
    while True:
        start = columns[-1] + SIDE
        following = [c for c in range(start, start + GAP + 1) if _is_block(codes, top, c)]
        if not following or (codes[top : top + SIDE, start : following[0]] != EMPTY).any():
            return columns
        columns.append(following[0])


def _before(codes: Codes, top: int, columns: list[int]) -> list[int]:
    """Return where the block before the band may begin, the likeliest place first."""
    places = [columns[0] - SIDE - gap for gap in range(GAP + 1)]
    return _likeliest(codes, top, columns, [left for left in places if left >= 0])


def _after(codes: Codes, top: int, columns: list[int]) -> list[int]:
    """Return where the block after the band may begin, the likeliest place first."""
    return _likeliest(codes, top, columns, [columns[-1] + SIDE + gap for gap in range(GAP + 1)])


def _likeliest(codes: Codes, top: int, columns: list[int], places: list[int]) -> list[int]:
    """Sort places by the band's own pitch, or by what stands there where it has one block only."""
    if len(columns) > 1:
        pitch = columns[1] - columns[0]
        return sorted(places, key=lambda left: (left - columns[0]) % pitch != 0)

    def doubt(left: int) -> tuple[bool, float]:
        return not _is_labelled(codes, top, left), -_right(codes, top, left)

    return sorted(places, key=doubt)


def _right(codes: Codes, top: int, left: int) -> float:
    """Return the share of a block's pixels that are 0 or 1; 0 beyond the sheet's edge."""
    pixels = codes[top : top + SIDE, left : left + SIDE]
    return float((pixels >= 0).mean()) if pixels.shape == (SIDE, SIDE) else 0.0


def _refuse_damaged(codes: Codes, top: int, places: list[int], title: str, sheet: Sheet) -> None:
    """Refuse the first of the places that holds almost a block."""
    for left in places:
        if _right(codes, top, left) > DAMAGED:
            raise _damaged(codes, top, left, title, sheet)


def _beyond(codes: Codes, top: int, columns: list[int], title: str, sheet: Sheet) -> list[str]:
    """Return a note where another band begins on the same rows, to the right.

    Raises:
        ImportProblem: where what stands there is the rest of this one.
    """
    end = columns[-1] + SIDE
    following = next((c for c in range(end, codes.shape[1]) if _is_block(codes, top, c)), None)
    if following is None:
        _refuse_damaged(codes, top, _after(codes, top, columns), title, sheet)
        return []
    between = codes[top : top + SIDE, end:following]
    if (between >= 0).any() or (between != EMPTY).sum() > SIDE:
        raise _damaged(codes, top, _after(codes, top, columns)[0], title, sheet)
    place = _cell(following, top)
    if len(columns) == 1:
        wanted = f"images side by side, at most {GAP} empty columns between them"
        came = f"{following - end} columns between the first two"
        raise ImportProblem("Images too far apart", f"{title}!{place}", wanted, came)
    return [f"The images from cell {place} on stand apart and were not read."]


def _damaged(codes: Codes, top: int, left: int, title: str, sheet: Sheet) -> ImportProblem:
    """Return what is wrong with a block, its first wrong pixel or else its label."""
    wrong = np.argwhere(np.less(codes[top : top + SIDE, left : left + SIDE], 0))
    if len(wrong):
        row, column = top + int(wrong[0][0]), left + int(wrong[0][1])
        return ImportProblem(
            "A pixel is wrong",
            f"{title}!{_cell(column, row)}",
            "0 or 1, as in the other cells of this image",
            _shown(sheet, row, column),
        )
    below = top + SIDE
    return ImportProblem(
        "An image without its label",
        f"{title}!{_cell(left, below)}:{_cell(left, below + CLASSES - 1)}",
        "0 or 1 in each of these three cells, exactly one of them 1, and nothing to their right "
        "under the image",
        _labels_shown(sheet, below, left),
    )


def _cell(column: int, row: int) -> str:
    return f"{get_column_letter(column + 1)}{row + 1}"


def _shown(sheet: Sheet, row: int, column: int) -> str:
    cells = sheet.get(row + 1, ())
    value = cells[column] if column < len(cells) else None
    return shown(value)


def _labels_shown(sheet: Sheet, top: int, left: int) -> str:
    """Return the cells under an image, row by row, as a refusal repeats them."""
    rows = [sheet.get(top + row + 1, ())[left : left + SIDE] for row in range(CLASSES)]
    filled = [[value for value in row if value is not None] for row in rows]
    first, second, third = (" ".join(map(str, row))[:20] or "nothing" for row in filled)
    return f"{first}, {second}, {third}"
