from __future__ import annotations

import json
from typing import Any

import pytest

from app.imports import ImportProblem, read

GOOD: dict[str, Any] = {
    "images": [[[0, 1], [0.5, 0]], [[1, 1], [0, 0]]],
    "labels": [1, 0],
    "classes": ["cat", "dog"],
    "name": "Pets",
}


def test_a_data_set() -> None:
    """A data set as the wire has it is read, with its name and its classes."""
    found = read("mine.json", json.dumps(GOOD).encode())
    assert (found.name, found.classes) == ("Pets", ("cat", "dog"))
    assert found.images[:, 0].tolist() == GOOD["images"]
    assert found.labels.tolist() == [1, 0]
    assert found.notes == []


def test_channels_and_defaults() -> None:
    """Images may have channels; without classes and name, numbers and the file's name serve."""
    images = [[image, image] for image in GOOD["images"]]
    found = read("dir/mine.json", json.dumps({"images": images, "labels": [0, 2]}).encode())
    assert found.images.tolist() == images
    assert (found.name, found.classes) == ("mine", ("0", "1", "2"))


def test_what_is_kept_for_testing() -> None:
    """``test`` lists the images that are kept for testing; an empty list, or none, keeps none."""
    found = read("mine.json", json.dumps({**GOOD, "test": [1]}).encode())
    assert found.test is not None
    assert found.test.tolist() == [False, True]
    nothing: list[list[int] | None] = [[], None]
    for none in nothing:
        assert read("mine.json", json.dumps({**GOOD, "test": none}).encode()).test is None


def test_other_fields_are_said() -> None:
    """A field that is not read is said."""
    found = read("mine.json", json.dumps({**GOOD, "author": "me"}).encode())
    assert found.notes == ['The field "author" was not read.']


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"images": None}, "images"),
        ({"images": []}, "images"),
        ({"images": [[0, 1]]}, "images"),
        ({"images": [[[[[0]]]]]}, "images"),
        ({"images": [[[]]]}, "images"),
        ({"images": "no"}, "images"),
        ({"images": [[[0, 1], [0]], [[1, 1], [0, 0]]]}, "images[0][1]"),
        ({"images": [[[0, 1], [0, 0]], [[1, 1]]]}, "images[1]"),
        ({"images": [[[0, 1], [0, 0]], 5]}, "images[1]"),
        ({"images": [[[0, 1], [0, "1"]], [[1, 1], [0, 0]]]}, "images[0][1][1]"),
        ({"images": [[[0, True], [0, 1]], [[1, 1], [0, 0]]]}, "images[0][0][1]"),
        ({"images": [[[0, 1e300], [0, 1]], [[1, 1], [0, 0]]]}, "images[0][0][1]"),
        ({"images": [[[0, 1], [0, -1]], [[1, 1], [0, 0]]]}, "images[0][1][1]"),
        ({"images": [[[0, 1], [0, 1.5]], [[1, 1], [0, 0]]]}, "images[0][1][1]"),
        ({"images": [[[0] * 65], [[0] * 65]]}, "images"),
        ({"labels": [0]}, "labels"),
        ({"labels": []}, "labels"),
        ({"labels": [[0], [1]]}, "labels"),
        ({"labels": [0, 2]}, "labels"),
        ({"labels": [0, -1]}, "labels[1]"),
        ({"labels": [0, 0.5]}, "labels[1]"),
        ({"labels": [0, "1"]}, "labels[1]"),
        ({"classes": []}, "classes"),
        ({"classes": "ab"}, "classes"),
        ({"classes": ["a", 1]}, "classes[1]"),
        ({"classes": ["a", "a"]}, "classes[1]"),
        ({"classes": ["a", " "]}, "classes[1]"),
        ({"classes": list(map(str, range(101)))}, "classes"),
        ({"test": [2]}, "test[0]"),
        ({"test": [0, -1]}, "test[1]"),
        ({"test": [0.5]}, "test[0]"),
        ({"test": [True]}, "test[0]"),
        ({"test": [[0]]}, "test"),
        ({"test": "0"}, "test"),
        ({"test": [0, 1]}, "test"),
        ({"name": 3}, "name"),
        ({"name": " "}, "name"),
    ],
)
def test_refusals(change: dict[str, Any], where: str) -> None:
    """A field that is wrong is refused by its path."""
    with pytest.raises(ImportProblem) as caught:
        read("mine.json", json.dumps({**GOOD, **change}).encode())
    assert caught.value.field == where


@pytest.mark.parametrize(
    "content",
    [b"{", b"[1, 2]", b'{"images": NaN}', b'{"labels": [0]}', b'{"images": [[[0]]]}', b"[" * 5000],
)
def test_no_data_set(content: bytes) -> None:
    """What is no JSON, or no data set, is refused."""
    with pytest.raises(ImportProblem):
        read("mine.json", content)
