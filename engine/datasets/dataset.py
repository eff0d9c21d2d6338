"""The data set: images with labels, checked once, then never changed."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from engine.errors import DataError

__all__ = ["DataSet"]


@dataclass(frozen=True, eq=False)
class DataSet:
    """Labelled images, some of which may be kept for testing.

    Args:
        id: the name that configurations use, such as `digits-123-6x6`.
        name: what people call it.
        classes: one name for each class, in the order of the labels.
        images: (n, channel, row, column) float64, 0 (ground) to 1 (ink).
        labels: (n,) int64, each the index of a class.
        test: (n,) bool, true where an image is kept for testing; None where none is.

    The arrays are copies that cannot be written to.

    Raises:
        DataError: naming the field, what was wanted and what came.
    """

    id: str
    name: str
    classes: tuple[str, ...]
    images: NDArray[np.float64] = field(repr=False)
    labels: NDArray[np.int64] = field(repr=False)
    test: NDArray[np.bool_] | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "classes", _checked_classes(self.classes))
        object.__setattr__(self, "images", _checked_images(self.images))
        n = len(self.images)
        object.__setattr__(self, "labels", _checked_labels(self.labels, n, len(self.classes)))
        object.__setattr__(self, "test", _checked_test(self.test, n))

    def __len__(self) -> int:
        return len(self.images)

    @property
    def shape(self) -> tuple[int, int, int]:
        """The shape of one image: (channels, rows, columns)."""
        channels, rows, columns = self.images.shape[1:]
        return channels, rows, columns

    def targets(self) -> NDArray[np.float64]:
        """Return the one-hot rows t: (n, classes), 1 at each image's label, else 0."""
        return np.eye(len(self.classes))[self.labels]

    def training(self) -> NDArray[np.int64]:
        """Return the indices of the images to learn from, ascending."""
        if self.test is None:
            return np.arange(len(self))
        return np.flatnonzero(~self.test)


def _checked_classes(classes: tuple[str, ...]) -> tuple[str, ...]:
    names = tuple(classes)
    if not names or not all(name.strip() for name in names):
        raise DataError("classes", "at least one name, none of them empty", repr(names))
    if len(set(names)) < len(names):
        raise DataError("classes", "names that differ", repr(names))
    return names


def _checked_images(images: NDArray[np.float64]) -> NDArray[np.float64]:
    pixels = np.array(images, dtype=np.float64)
    if pixels.ndim != 4 or 0 in pixels.shape:
        raise DataError("images", "shape (n, channel, row, column), none 0", str(pixels.shape))
    if not np.isfinite(pixels).all():
        raise DataError("images", "finite numbers", "one that is not")
    if pixels.min() < 0 or pixels.max() > 1:
        raise DataError("images", "pixels from 0 to 1", f"{pixels.min():g} to {pixels.max():g}")
    pixels.flags.writeable = False
    return pixels


def _checked_labels(labels: NDArray[np.int64], n: int, classes: int) -> NDArray[np.int64]:
    given = np.asarray(labels)
    if given.shape != (n,) or given.dtype.kind not in "iu":
        raise DataError("labels", f"{n} whole numbers", f"{given.dtype} of shape {given.shape}")
    if given.min() < 0 or given.max() >= classes:
        raise DataError("labels", f"0 to {classes - 1}", f"{given.min()} to {given.max()}")
    indices = given.astype(np.int64)
    indices.flags.writeable = False
    return indices


def _checked_test(test: NDArray[np.bool_] | None, n: int) -> NDArray[np.bool_] | None:
    if test is None:
        return None
    mask = np.array(test)
    if mask.shape != (n,) or mask.dtype != np.bool_:
        raise DataError("test", f"{n} booleans", f"{mask.dtype} of shape {mask.shape}")
    if mask.all():
        raise DataError("test", "an image left to learn from", "all kept for testing")
    mask.flags.writeable = False
    return mask
