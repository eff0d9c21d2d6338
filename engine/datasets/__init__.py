"""The built-in image sets, by name: `names()`, `load("digits-123-6x6")`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

import numpy as np

from engine.datasets import glyphs
from engine.datasets.dataset import DataSet
from engine.errors import DataError

__all__ = ["DataSet", "load", "names"]

HERE = Path(__file__).parent


def names() -> tuple[str, ...]:
    """Return the ids of the built-in sets, the textbook's first."""
    return tuple(BUILT_IN)


@cache
def load(id: str) -> DataSet:  # noqa: A002 - the field's name, here and on the wire
    """Return a built-in set, read once and then kept.

    Raises:
        DataError: where there is none of that id.
    """
    if id not in BUILT_IN:
        raise DataError("dataset", f"one of {', '.join(names())}", repr(id))
    return BUILT_IN[id]()


def _digits_123_6x6() -> DataSet:
    with np.load(HERE / "digits_123_6x6.npz") as file:
        images, labels = file["images"], file["labels"]
    return DataSet(
        id="digits-123-6x6",
        name="Handwritten 1, 2, 3",
        classes=("1", "2", "3"),
        images=images[:, np.newaxis].astype(np.float64),
        labels=labels,
    )


def _digits_8x8() -> DataSet:
    with np.load(HERE / "digits_8x8.npz") as file:
        images, labels = file["images"], file["labels"]
    return DataSet(
        id="digits-8x8",
        name="Handwritten digits, 8×8",
        classes=tuple("0123456789"),
        images=images[:, np.newaxis] / 16,
        labels=labels,
        test=np.arange(len(labels)) >= len(labels) * 4 // 5,
    )


def _glyphs_28x28() -> DataSet:
    images, labels = glyphs.drawn(each=500, seed=0)
    return DataSet(
        id="glyphs-28x28",
        name="Drawn digits, 28×28",
        classes=tuple("0123456789"),
        images=images[:, np.newaxis],
        labels=labels,
        test=np.arange(len(labels)) >= len(labels) * 4 // 5,
    )


BUILT_IN: Mapping[str, Callable[[], DataSet]] = MappingProxyType(
    {
        "digits-123-6x6": _digits_123_6x6,
        "digits-8x8": _digits_8x8,
        "glyphs-28x28": _glyphs_28x28,
    }
)
