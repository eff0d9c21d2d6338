from __future__ import annotations

import io
import zipfile
from typing import Any

import numpy as np
import openpyxl
import pytest
from openpyxl.utils import get_column_letter

from app.imports import ImportProblem, read
from app.imports.base import IMAGES


def refusal(content: bytes, filename: str = "mine.xlsx") -> ImportProblem:
    """Return the problem that reading the file raises."""
    with pytest.raises(ImportProblem) as caught:
        read(filename, content)
    return caught.value


def agree(found: Any, books: Any, n: int) -> None:
    """Refuse a set that is not the first n digits."""
    images, labels = books.digits(n)
    assert np.array_equal(found.images[:, 0], images)
    assert found.labels.tolist() == labels.tolist()
    assert found.classes == ("1", "2", "3")


@pytest.mark.parametrize(("top", "left"), [(2, 1), (3, 4), (20, 13), (11, 30)])
def test_band_anywhere(books: Any, top: int, left: int) -> None:
    """The band is found wherever it stands on the sheet."""
    found = read("mine.xlsx", books.saved({"Data": books.band(top, left)}))
    agree(found, books, 6)
    assert found.name == "mine"
    assert "'Data'" in found.notes[0]


def test_band_of_all(books: Any) -> None:
    """A band of all 96 images is read whole, and quickly enough to be waited for."""
    agree(read("a.xlsx", books.saved({"S": books.band(n=96)})), books, 96)


def test_band_in_company(books: Any) -> None:
    """Labels in any language, notes, formulas and further copies of the band do not disturb."""
    cells = books.band(top=12, left=5) | {(40 + r, c): v for (r, c), v in books.band().items()}
    cells |= {
        (1, 1): "Числа для обучения",
        (3, 3): 1,
        (3, 4): 0,
        (12, 2): "数字图像",
        (18, 2): "正解",
        (18, 3): "t1",
        (19, 3): "t2",
        (20, 3): "t3",
        (22, 5): 0.2,
        (23, 5): "=SUM(A1:A9)",
        (25, 60): "ノート",
    }
    # Decoys before the band: a filter of 3×3, and a block of 0 and 1 with nothing under it.
    cells |= {(3 + r, 8 + c): (r + c) % 2 for r in range(3) for c in range(3)}
    cells |= {(2 + r, 20 + c): (r * c) % 2 for r in range(6) for c in range(6)}
    agree(read("a.xlsx", books.saved({"Заметки": {(1, 1): "text"}, "Data": cells})), books, 6)


def test_first_band_counts(books: Any) -> None:
    """Of several bands, one under the other or side by side, the first counts."""
    below = {(r + 10, c): v for (r, c), v in books.band(n=3).items()}
    beside = {(r, c + 40): v for (r, c), v in books.band(n=3).items()}
    agree(read("a.xlsx", books.saved({"S": below | beside | books.band(n=4)})), books, 4)


def test_band_right_under_its_like(books: Any) -> None:
    """A copy that follows at once, with its numbers between, is not taken for more labels."""
    copy = books.band(top=13)
    agree(read("a.xlsx", books.saved({"S": books.band(top=3) | copy})), books, 6)


def test_band_with_gaps_and_without_numbers(books: Any) -> None:
    """Narrow empty columns may part the blocks, and the numbers above may be missing."""
    agree(read("a.xlsx", books.saved({"S": books.band(gap=1, numbered=False)})), books, 6)


def test_band_of_text(books: Any) -> None:
    """Numbers that were stored as text are read all the same."""
    cells = {place: str(value) for place, value in books.band().items()}
    agree(read("a.xlsx", books.saved({"S": cells})), books, 6)


@pytest.mark.parametrize(
    ("place", "value", "where"),
    [
        ((4, 12), 7, "S!L4"),
        ((4, 12), None, "S!L4"),
        ((4, 12), "x", "S!L4"),
        ((4, 5), 2, "S!E4"),
        ((9, 10), 1, "S!J9:J11"),
        ((10, 10), None, "S!J9:J11"),
        ((9, 4), "?", "S!D9:D11"),
    ],
)
def test_damaged_block(books: Any, place: tuple[int, int], value: Any, where: str) -> None:
    """A damaged block of the band is named by its cell, and no image is lost silently."""
    cells = books.band(n=4, numbered=False)
    assert cells[9, 10] == 0
    cells[place] = value
    assert refusal(books.saved({"S": cells})).field == where


def column(block: int, gap: int) -> int:
    """Return where a block of a band begins, counted from 1."""
    return 4 + block * (6 + gap)


def without(cells: dict[Any, Any], left: int, rows: range) -> dict[Any, Any]:
    """Return the cells without those of a block in some rows, counted from 1."""
    return {(r, c): v for (r, c), v in cells.items() if r not in rows or not left <= c < left + 6}


@pytest.mark.parametrize("gap", [0, 1, 2])
@pytest.mark.parametrize("block", [0, 1, 2, 4])
def test_no_block_is_lost(books: Any, gap: int, block: int) -> None:
    """Whatever parts the blocks, one that is damaged is named, be it the first, a later, the last.

    A wrong pixel is named by its own cell, a missing label by its three, and blank rows by the
    first cell that is missing.
    """
    cells, left = books.band(n=5, gap=gap, numbered=False), column(block, gap)
    letter, next_letter = get_column_letter(left), get_column_letter(left + 1)
    wrong = refusal(books.saved({"S": {**cells, (5, left + 1): 7}}))
    assert (wrong.field, wrong.came) == (f"S!{next_letter}5", "'7'")
    unlabelled = without(cells, left, range(9, 12))
    assert refusal(books.saved({"S": unlabelled})).field == f"S!{letter}9:{letter}11"
    blank = without(cells, left, range(3, 5))
    assert refusal(books.saved({"S": blank})).field == f"S!{letter}3"


@pytest.mark.parametrize("gap", [0, 1, 2])
@pytest.mark.parametrize("value", ["x", None])
def test_a_block_beyond_repair_hides_none_behind_it(books: Any, gap: int, value: Any) -> None:
    """A block that is hardly one any more is refused where others follow it."""
    cells, left = books.band(n=5, gap=gap, numbered=False), column(2, gap)
    cells |= {(r, c): value for r in range(3, 8) for c in range(left, left + 6)}
    assert refusal(books.saved({"S": cells})).field == f"S!{get_column_letter(left)}3"


def test_a_band_apart_is_noted(books: Any) -> None:
    """Images on the same rows that stand apart, with words between, are another band: a note."""
    beside = books.band(n=3, left=40) | {(5, 35): "more of them", (9, 38): "t1"}
    found = read("a.xlsx", books.saved({"S": beside | books.band(n=4)}))
    agree(found, books, 4)
    assert found.notes[-1] == "The images from cell AN3 on stand apart and were not read."
    lonely = refusal(books.saved({"S": books.band(n=4, gap=3)}))
    assert (lonely.field, lonely.came) == ("S!M3", "3 columns between the first two")


def test_table(books: Any) -> None:
    """A sheet may hold one image a row, as a CSV does, under a header or not."""
    images, labels = books.digits(5)
    rows = [
        [int(label), *map(int, image.ravel())] for image, label in zip(images, labels, strict=True)
    ]
    header = [["label", *(f"p{i}" for i in range(36))]]
    for lines in (rows, header + rows):
        found = read("a.xlsx", books.saved({"Notes": {(1, 1): "hello"}, "S": books.table(lines)}))
        assert np.array_equal(found.images[:, 0], images)
        assert found.labels.tolist() == labels.tolist()


@pytest.mark.parametrize(
    ("rows", "where"),
    [
        ([[0, 0, 1, 0, 1], [1, 0, 1, 0, 1, 0]], "sheet 'S', row 2"),
        ([[0, 0, 1, 0, 1], [0, 0, 1, 0, 1], [1, 0, "x", 0, 1]], "sheet 'S', row 3, column 3"),
        ([[0, 0, 1, 0, 1], [0.5, 0, 1, 0, 1]], "sheet 'S', row 2, column 1"),
        ([[0, 0, 1, 0, 1], [0, 0, 1, 1.5, 1]], "sheet 'S', row 2, column 4"),
        ([[0, 0, 1, 0, 1], [0, 0, 7, 0.5, 1]], "sheet 'S', row 2, column 4"),
        ([[0, 0, 1, 0, 1], [100, 0, 1, 0, 1]], "sheet 'S', row 2, column 1"),
        ([[0, 0, 1, 0, 1, 0]], "sheet 'S', row 1"),
        ([["hello", "world"]], "sheet 'S'"),
    ],
)
def test_bad_table(books: Any, rows: list[list[Any]], where: str) -> None:
    """A row that is wrong is named with its sheet."""
    assert refusal(books.saved({"S": books.table(rows)})).field == where


def test_a_blank_cell_is_nothing(books: Any) -> None:
    """A refusal says of a blank cell that nothing came."""
    rows = [[0, 0, 1, 0, 1, 0, 1, 0, 1, 0], [1, 0, None, 0, 1, 0, 1, 0, 1, 0]]
    found = refusal(books.saved({"S": books.table(rows)}))
    assert (found.field, found.came) == ("sheet 'S', row 2, column 3", "nothing")


def test_empty(books: Any) -> None:
    """A workbook without a cell is refused."""
    assert refusal(books.saved({"S": {}})).title == "Empty workbook"


def test_broken(books: Any) -> None:
    """A workbook with a part that is cut or missing is refused in words."""
    whole = books.saved({"S": books.band()})
    assert refusal(whole[: len(whole) // 2]).title == "Broken file"
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(whole)) as old, zipfile.ZipFile(stream, "w") as new:
        for part in old.namelist():
            content = old.read(part)
            new.writestr(part, content[:200] if "sheet1" in part else content)
    assert refusal(stream.getvalue()).title == "Broken workbook"


def test_far_cell(books: Any) -> None:
    """A cell in the last row and column of a sheet costs no time and changes nothing."""
    cells = books.band() | {(1_048_576, 16_384): "far"}
    agree(read("a.xlsx", books.saved({"S": cells})), books, 6)


def test_empty_cells_are_bounded_too() -> None:
    """Cells that have a format and nothing in them cost time as others do, and count as others."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in range(1, 400):
        sheet.cell(row, 16_384).number_format = "0.00"
    stream = io.BytesIO()
    book.save(stream)
    found = refusal(stream.getvalue())
    assert (found.title, found.field) == ("Too much data", "sheet 'Sheet'")


def test_too_many_rows() -> None:
    """More images than a set may hold are refused by the row."""
    stream = "\n".join(["0,0,1,0,1"] * (IMAGES + 1)).encode()
    assert refusal(stream, "a.csv").field == f"row {IMAGES + 1}"
