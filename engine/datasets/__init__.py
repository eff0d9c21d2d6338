"""The built-in image sets, by name: `names()`, `about(…)` at once, `load("digits-123-6x6")`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.datasets import glyphs
from engine.datasets.dataset import DataSet
from engine.errors import DataError

__all__ = ["About", "DataSet", "about", "load", "names"]

HERE = Path(__file__).parent

Images = tuple[NDArray[np.float64], NDArray[np.int64]]


class About(NamedTuple):
    """What a set is, without its images: `glyphs-28x28` takes seconds to draw.

    Args:
        name: what people call it.
        classes: one name for each class.
        size: how many images it has.
        shape: of one image, (channel, row, column).
        test: how many of the images, the last ones, are kept for testing.
    """

    name: str
    classes: tuple[str, ...]
    size: int
    shape: tuple[int, int, int]
    test: int = 0

    def kept(self) -> NDArray[np.bool_] | None:
        """Return which images are kept for testing, (size,) bool; None where none is."""
        return np.arange(self.size) >= self.size - self.test if self.test else None


ABOUT: Mapping[str, About] = MappingProxyType(
    {
        "digits-123-6x6": About("Handwritten 1, 2, 3", ("1", "2", "3"), 96, (1, 6, 6)),
        "digits-8x8": About("Handwritten digits, 8×8", tuple("0123456789"), 1797, (1, 8, 8), 360),
        "glyphs-28x28": About("Drawn digits, 28×28", tuple("0123456789"), 5000, (1, 28, 28), 1000),
    }
)


def names() -> tuple[str, ...]:
    """Return the ids of the built-in sets, the textbook's first."""
    return tuple(ABOUT)


def about(id: str) -> About:  # noqa: A002 - as in load
    """Return what a built-in set is, at once.

    Raises:
        DataError: where there is none of that id.
    """
    if id not in ABOUT:
        raise DataError("dataset", f"one of {', '.join(names())}", repr(id))
    return ABOUT[id]


@cache
def load(id: str) -> DataSet:  # noqa: A002 - the field's name, here and on the wire
    """Return a built-in set, read once and then kept.

    Raises:
        DataError: where there is none of that id.
    """
    known = about(id)
    images, labels = IMAGES[id]()
    return DataSet(id, known.name, known.classes, images[:, np.newaxis], labels, known.kept())


def _handwritten(file: str, largest: float) -> Images:
    with np.load(HERE / file) as arrays:
        return arrays["images"] / largest, arrays["labels"]


#: What makes the images (n, row, column), 0 to 1, and labels (n,) of each set.
IMAGES: Mapping[str, Callable[[], Images]] = MappingProxyType(
    {
        "digits-123-6x6": lambda: _handwritten("digits_123_6x6.npz", 1.0),
        "digits-8x8": lambda: _handwritten("digits_8x8.npz", 16.0),
        "glyphs-28x28": lambda: glyphs.drawn(each=500, seed=0),
    }
)
