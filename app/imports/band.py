"""The workbook layout of the textbook's readers: a band of images, found by its shape.

Each image is a block of six columns by six rows of 0 and 1, the blocks stand side by side, and
under each stand three one-hot rows, one value a row in the block's first column. A number above
each block, labels beside them in any language, notes, and further copies of the band may stand
around it; the first band counts. What tells where a block begins are the one-hot cells: to their
right the row is empty.
"""

from __future__ import annotations

import numpy as np
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
DAMAGED = 0.75  # of a block's pixels that are right: it is meant as one

Codes = NDArray[np.int8]


def read_band(name: str, title: str, sheet: Sheet) -> Imported | None:
    """Return the first band's images, or None where the sheet has no band.

    Raises:
        ImportProblem: naming the cell, where a block of the band is damaged.
    """
    codes = _codes(sheet)
    top, left = _first(codes)
    if top < 0:
        return None
    columns = _columns(codes, top, left)
    for column in (left - SIDE, columns[-1] + SIDE):
        _refuse_damaged(codes, top, column, title, sheet)
    images = np.stack([codes[top : top + SIDE, c : c + SIDE] for c in columns])
    under = np.stack([codes[top + SIDE : top + SIDE + CLASSES, c] for c in columns])
    place = f"{get_column_letter(left + 1)}{top + 1}"
    notes = [
        f"Found {len(columns)} images on sheet {title!r}, from cell {place} to the right.",
        'The three rows under the images became the classes "1", "2" and "3".',
    ]
    return checked(name, images, under.argmax(axis=1), ("1", "2", "3"), notes)


def _codes(sheet: Sheet) -> Codes:
    """Return the sheet as 0, 1, EMPTY and OTHER, with room on all sides for a block."""
    rows = {at: row for at, row in sheet.items() if at <= ROWS}
    height = max(rows, default=0)
    width = max(map(len, rows.values()), default=0)
    codes = np.full((height + SIDE + CLASSES, width + 2 * SIDE), EMPTY, dtype=np.int8)
    for at, row in rows.items():
        codes[at - 1, : len(row)] = [_code(value) for value in row]
    return codes


def _code(value: object) -> int:
    if value is None or value == "":
        return EMPTY
    found = number(value)
    if found in {0, 1}:
        return int(found)
    return OTHER


def _first(codes: Codes) -> tuple[int, int]:
    """Return the top row and the left column of the first block, row by row, or (-1, -1)."""
    binary = np.greater_equal(codes, 0)
    height, width = codes.shape[0] - SIDE - CLASSES, codes.shape[1] - SIDE
    if height < 1 or width < 1:
        return -1, -1
    windows = np.lib.stride_tricks.sliding_window_view
    inside: NDArray[np.bool_] = windows(binary, (SIDE, SIDE))[: height + 1, : width + 1]
    blocks = inside.all(axis=(2, 3))
    for top, left in np.argwhere(blocks).tolist():
        if _is_block(codes, top, left):
            return top, left
    return -1, -1


def _is_block(codes: Codes, top: int, left: int) -> bool:
    pixels = codes[top : top + SIDE, left : left + SIDE]
    return (
        pixels.shape == (SIDE, SIDE)
        and bool((pixels >= 0).all())
        and _is_labelled(codes, top, left)
    )


def _is_labelled(codes: Codes, top: int, left: int) -> bool:
    under = codes[top + SIDE : top + SIDE + CLASSES, left : left + SIDE]
    hot = under[:, 0]
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


def _refuse_damaged(codes: Codes, top: int, left: int, title: str, sheet: Sheet) -> None:
    """Refuse what stands beside the band and is almost a block: no image is lost silently."""
    if left < 0:
        return
    pixels = codes[top : top + SIDE, left : left + SIDE]
    if pixels.shape != (SIDE, SIDE) or (pixels >= 0).mean() < DAMAGED:
        return
    wrong = np.argwhere(np.less(pixels, 0))
    if len(wrong):
        row, column = top + int(wrong[0][0]), left + int(wrong[0][1])
        came = _shown(sheet, row, column)
        raise ImportProblem(
            "A pixel is wrong",
            f"{title}!{get_column_letter(column + 1)}{row + 1}",
            "0 or 1, as in the other cells of this image",
            came,
        )
    letter = get_column_letter(left + 1)
    raise ImportProblem(
        "An image without its label",
        f"{title}!{letter}{top + SIDE + 1}:{letter}{top + SIDE + CLASSES}",
        "0 or 1 in each of these three cells, exactly one of them 1, and nothing to their right "
        "under the image",
        _labels_shown(sheet, top + SIDE, left),
    )


def _shown(sheet: Sheet, row: int, column: int) -> str:
    cells = sheet.get(row + 1, ())
    value = cells[column] if column < len(cells) else None
    return shown(value)


def _labels_shown(sheet: Sheet, top: int, left: int) -> str:
    """Return the cells under an image, row by row, as a refusal repeats them."""
    rows = [sheet.get(top + row + 1, ())[left : left + SIDE] for row in range(CLASSES)]
    filled = [[value for value in row if value is not None] for row in rows]
    return ", ".join(" ".join(map(str, row))[:20] or "nothing" for row in filled)
