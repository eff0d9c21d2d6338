from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray

from app.imports import ImportProblem, read

WHOLE = arrays.arrays(np.uint8, (3, 2, 2))


@given(images=WHOLE, labels=st.lists(st.integers(0, 9), min_size=3, max_size=3))
def test_what_was_written_is_read(images: NDArray[np.uint8], labels: list[int]) -> None:
    """Whole numbers come back divided by the largest, labels as they were."""
    assume([labels[0], *images[0].ravel()] not in ([0, 1, 2, 3, 4], [1, 2, 3, 4, 5]))  # a header
    rows = (
        ",".join(map(str, [label, *image.ravel()]))
        for label, image in zip(labels, images, strict=True)
    )
    found = read("mine.csv", "\r\n".join(rows).encode())
    largest = max(int(images.max()), 1)
    assert np.array_equal(found.images[:, 0], images / largest)
    assert found.labels.tolist() == labels
    assert found.classes == tuple(map(str, range(max(labels) + 1)))
    assert any(f"divided by {largest}," in note for note in found.notes) == (largest > 1)


@pytest.mark.parametrize(
    "text",
    [
        b"1,0,1,0,1\n0,1,1,0,0\n",
        b"label,a,b,c,d\n1,0,1,0,1\n0,1,1,0,0",
        b"1;0;1;0;1\n0;1;1;0;0\n",
        b"1;0,0;1,0;0;1\n0;1;1;0;0\n",
        b"1\t0\t1\t0\t1\n\n0\t1\t1\t0\t0\n",
        b"\xef\xbb\xbf1,0,1,0,1\r\n0,1,1,0,0,,\r\n",
        "标签,a,b,c,d\n1,0,1,0,1\n0,1,1,0,0".encode("gb18030"),
        "标签\ta\tb\tc\td\n1\t0\t1\t0\t1\n0\t1\t1\t0\t0".encode("utf-16"),
        b'"1","0","1","0","1"\n0, 1, 1, 0, 0\n',
        b"0,1,2,3,4\n1,0,1,0,1\n0,1,1,0,0\n",
        b"1,2,3,4,5\n1,0,1,0,1\n0,1,1,0,0\n",
        b"My digits\n\nlabel,a,b,c,d\n1,0,1,0,1\n0,1,1,0,0\n",
        b"My digits\nlabel;a;b;c;d\n1;0;1;0;1\n0;1;1;0;0\n",
        b"# of Monday, by me\n# twice\n1,0,1,0,1\n0,1,1,0,0\n",
        b"1;0,0;1,0;0,0;1,0\n0;1,0;1,0;0,0;0,0\n",
    ],
)
def test_dialects(text: bytes) -> None:
    """Headers, separators and encodings of all spreadsheets are read alike."""
    found = read("mine.csv", text)
    assert found.labels.tolist() == [1, 0]
    assert found.images[:, 0].tolist() == [[[0, 1], [0, 1]], [[1, 1], [0, 0]]]


def test_what_is_passed_over_is_said() -> None:
    """Titles and the header, be it the columns' numbers, are no images, and a note says so."""
    numbered = ",".join(map(str, range(37)))
    found = read("mine.csv", f"Ours\n{numbered}\n{','.join('1' * 37)}\n".encode())
    assert (len(found.images), found.images.min(), found.labels.tolist()) == (1, 1, [1])
    assert found.notes == [
        "The title in row 1 was passed over.",
        "The header in row 2 was passed over.",
    ]


def test_one_pixel_is_an_image_too() -> None:
    """A first row of 0, 1 is a label and a pixel: it is too short to count columns."""
    assert read("mine.csv", b"0,1\n1,0\n").labels.tolist() == [0, 1]


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("label,a,b,c,d", "file"),
        ("0,1,0,1", "row 1"),
        ("0," + ",".join("0" * 65 * 65), "row 1"),
        ("0,0,1,0,1\n1,0,1,0", "row 2"),
        ("0,0,1,0,1\n1,0,,0,1", "row 2, column 3"),
        ("h,0,1,0,1\nlabel,0,1,0,1", "row 2, column 1"),
        ("0,0,1,0,1\n-1,0,1,0,1", "row 2, column 1"),
        ("0,0,1,0,1\n1.5,0,1,0,1", "row 2, column 1"),
        ("0,0,1,0,1\ninf,0,1,0,1", "row 2, column 1"),
        ("0,0,1,0,1\n1,0,nan,0,1", "row 2, column 3"),
        ("0,0,1,0,1\n1,0,1e999,0,1", "row 2, column 3"),
        ("0,0,1,0,1\n1,0,1_0,0,1", "row 2, column 3"),
        ("0,1,2,3,4\n0,1,2,3,x", "row 2, column 5"),
        ("h,0,1,0,1\n# no title\n1,0,1,0,1", "row 2"),
        ("0,0,1,0,1\n1,0,-1,0,1", "row 2, column 3"),
        ("0,0,1,0,1\n100,0,1,0,1", "row 2, column 1"),
        ("0,0,1,0,1\n1,0,0.5,0,3", "row 2, column 3"),
        ("h,,,,\n\n0,0,1,0,1\n1,0,1,0,1.5", "row 4, column 5"),
        ("0,0,1,0,1\n1," + "1" * 200_000, "row 2"),
    ],
)
def test_refusals(text: str, where: str) -> None:
    """A file that is wrong is refused by row and column."""
    with pytest.raises(ImportProblem) as caught:
        read("mine.csv", text.encode())
    assert caught.value.field == where
