from __future__ import annotations

import io
import zipfile
from typing import Any

import numpy as np
import pytest

from app.imports import ImportProblem, read
from app.imports.base import IMAGES

IMAGES_IN = np.arange(24).reshape(2, 3, 4)
GOOD: dict[str, Any] = {"images": IMAGES_IN, "labels": np.array([1, 0])}


def packed(arrays: dict[str, Any]) -> bytes:
    """Return an NPZ file of the arrays."""
    stream = io.BytesIO()
    np.savez_compressed(stream, **arrays)
    return stream.getvalue()


def test_arrays() -> None:
    """Images of any height and width, labels and classes are read; large numbers are scaled."""
    found = read("mine.npz", packed({**GOOD, "classes": np.array(["a", "b"])}))
    assert np.array_equal(found.images[:, 0], IMAGES_IN / 23)
    assert (found.labels.tolist(), found.classes) == ([1, 0], ("a", "b"))
    assert found.notes == ["Pixels were divided by 23, the largest in the file."]


def test_channels_booleans_and_more() -> None:
    """Channels and booleans are images too; an array that is not read is said."""
    images = np.zeros((2, 3, 4, 4), dtype=bool)
    found = read("mine.npz", packed({**GOOD, "images": images, "more": np.zeros(3)}))
    assert found.images.shape == (2, 3, 4, 4)
    assert found.notes == ['The array "more" was not read.']


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"images": np.zeros((2, 3))}, "images"),
        ({"images": np.zeros((0, 3, 3))}, "images"),
        ({"images": np.zeros((2, 65, 3))}, "images"),
        ({"images": np.zeros((IMAGES + 1, 1, 1))}, "images"),
        ({"images": np.zeros((2, 3, 3), dtype=complex)}, "images"),
        ({"images": np.array([["a"]])}, "images"),
        ({"images": np.full((2, 1, 1), np.nan)}, "images[0][0][0]"),
        ({"images": np.full((2, 1, 1), np.inf)}, "images[0][0][0]"),
        ({"labels": np.array([[1, 0]])}, "labels"),
        ({"labels": np.array([1, 0, 1])}, "labels"),
        ({"labels": np.array([1, np.nan])}, "labels[1]"),
        ({"labels": np.array([True, False])}, "labels"),
        ({"labels": np.zeros(IMAGES + 1, dtype=int)}, "labels"),
        ({"test": np.array([2])}, "test[0]"),
        ({"test": np.array([-1])}, "test[0]"),
        ({"test": np.array([True])}, "test"),
        ({"test": np.array([True, True])}, "test"),
        ({"test": np.array([[0]])}, "test"),
        ({"test": np.array([0.5])}, "test"),
        ({"test": np.zeros(IMAGES + 1, dtype=int)}, "test"),
        ({"classes": np.array(["a"])}, "labels"),
        ({"classes": np.array([["a", "b"]])}, "classes"),
        ({"classes": np.array([0.5, 1])}, "classes"),
    ],
)
def test_refusals(change: dict[str, Any], where: str) -> None:
    """An array that is wrong is refused by its name."""
    with pytest.raises(ImportProblem) as caught:
        read("mine.npz", packed({**GOOD, **change}))
    assert caught.value.field == where


@pytest.mark.parametrize("test", [np.array([1]), np.array([False, True])])
def test_what_is_kept_for_testing(test: Any) -> None:
    """``test`` says which images are kept for testing: their numbers, or true for each of them."""
    found = read("mine.npz", packed({**GOOD, "test": test}))
    assert found.test is not None
    assert found.test.tolist() == [False, True]
    assert not any("not read" in note for note in found.notes)


def test_missing() -> None:
    """An array that is missing is named, with those that there are."""
    with pytest.raises(ImportProblem, match="pixels") as caught:
        read("mine.npz", packed({"pixels": IMAGES_IN, "labels": np.array([0, 1])}))
    assert caught.value.field == "images"


def test_pickles_are_not_opened() -> None:
    """An array of objects is refused unread."""
    with pytest.raises(ImportProblem) as caught:
        read("mine.npz", packed({**GOOD, "labels": np.array([1, None])}))
    assert caught.value.field == "labels"


def claimed(shape: str, size: int = 16) -> bytes:
    """Return an NPZ file whose headers claim a shape that its content does not have."""
    header = f"{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}}}".ljust(117) + "\n"
    array = b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header.encode() + b"0" * size
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("images.npy", array)
        file.writestr("labels.npy", array)
    return stream.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        claimed("(1000000, 1000000, 1000000)"),
        claimed("(20000, 64, 64)"),
        claimed("(2, 3, 3)"),
        claimed("(-1, 3, 3)"),
        claimed("nonsense("),
        claimed("(2, 3, 3)", size=300_000_000),
        packed(GOOD)[:-30],
        b"PK\x03\x04 and nothing",
    ],
    ids=["huge", "large", "short", "negative", "nonsense", "bomb", "cut", "no zip"],
)
def test_lies(content: bytes) -> None:
    """Headers that claim too much, cut files and zip bombs are refused in words."""
    with pytest.raises(ImportProblem):
        read("mine.npz", content)
