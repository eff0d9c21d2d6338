from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from engine.datasets import DataSet
from engine.errors import DataError

GOOD: dict[str, Any] = {
    "id": "two",
    "name": "Two",
    "classes": ("a", "b"),
    "images": np.zeros((3, 1, 2, 2)),
    "labels": np.array([1, 0, 1]),
}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("classes", ()),
        ("classes", ("a", "")),
        ("classes", ("a", "a")),
        ("images", np.zeros((3, 2, 2))),
        ("images", np.zeros((0, 1, 2, 2))),
        ("images", np.full((3, 1, 2, 2), np.nan)),
        ("images", np.full((3, 1, 2, 2), 1.5)),
        ("images", np.full((3, 1, 2, 2), -0.1)),
        ("labels", np.array([0, 1])),
        ("labels", np.array([0.0, 1.0, 1.0])),
        ("labels", np.array([0, 1, 2])),
        ("labels", np.array([0, 1, -1])),
        ("test", np.array([True, False])),
        ("test", np.array([1, 0, 0])),
        ("test", np.array([True, True, True])),
    ],
)
def test_refuses(field: str, value: Any) -> None:
    """A field of the wrong kind is refused by its name."""
    with pytest.raises(DataError) as refusal:
        DataSet(**{**GOOD, field: value})
    assert refusal.value.field == field


def test_targets() -> None:
    """A target is 1 at the image's label and 0 elsewhere."""
    assert DataSet(**GOOD).targets().tolist() == [[0, 1], [1, 0], [0, 1]]


def test_never_changes() -> None:
    """Neither the set's arrays nor the arrays that it was made from change the set."""
    images = np.zeros((3, 1, 2, 2))
    made = DataSet(**{**GOOD, "images": images})
    images[0] = 1
    assert made.images.sum() == 0
    for array in (made.images, made.labels):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1


def test_training() -> None:
    """What is kept for testing is not learnt from."""
    made = DataSet(**GOOD, test=np.array([False, True, False]))
    assert made.training().tolist() == [0, 2]
    assert DataSet(**GOOD).training().tolist() == [0, 1, 2]
