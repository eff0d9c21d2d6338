"""What every reader ends in: the checks, the bounds, the answer and the problem."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "CLASSES",
    "IMAGES",
    "PIXELS",
    "SIDE",
    "ImportProblem",
    "Imported",
    "Places",
    "bounded",
    "checked",
    "number",
    "shown",
]

IMAGES = 20_000  # images in a set
SIDE = 64  # rows or columns of an image
CHANNELS = 16  # channels of an image
CLASSES = 100  # classes of a set
PIXELS = 16_000_000  # numbers in all images together
CLASS_NAME = 80  # characters of a class's name
SHOWN = 40  # characters of a wrong cell that a refusal repeats


class ImportProblem(Exception):
    """A file that cannot be read, and why.

    Attributes:
        title: what is wrong in a few words.
        field: the sheet, row or field, such as `images[3]`, `row 7` or `Sheet1!C5`.
        wanted: what should have been there, in words that follow “wanted”.
        came: what was there instead, in words that follow “came”.
    """

    def __init__(self, title: str, field: str, wanted: str, came: str) -> None:
        super().__init__(f"{field}: {title}. Wanted {wanted}; came {came}.")
        self.title, self.field, self.wanted, self.came = title, field, wanted, came


@dataclass(frozen=True)
class Imported:
    """A data set as it was found in a file.

    Args:
        name: what the file calls it, or the file's own name.
        classes: the names of the classes, in the order of the labels.
        images: (n, channel, row, column) float64, 0 to 1.
        labels: (n,) int64.
        notes: what was changed or left out on the way, for people to read.
        test: (n,) bool, true where an image is kept for testing; None where none is.
    """

    name: str
    classes: tuple[str, ...]
    images: NDArray[np.float64] = field(repr=False)
    labels: NDArray[np.int64] = field(repr=False)
    notes: list[str]
    test: NDArray[np.bool_] | None = field(default=None, repr=False)


class Places:
    """Where in the file the numbers of a set stand, as a refusal names it: here, in two arrays."""

    def pixel(self, image: int, *index: int) -> str:
        """Return the place of one pixel: (row, column), or (channel, row, column)."""
        return "images" + "".join(f"[{at}]" for at in (image, *index))

    def label(self, image: int) -> str:
        """Return the place of one label."""
        return f"labels[{image}]"


def checked(
    name: str,
    images: NDArray[Any],
    labels: NDArray[Any],
    classes: tuple[str, ...] | None,
    notes: list[str],
    *,
    test: NDArray[Any] | None = None,
    places: Places | None = None,
) -> Imported:
    """Return the set if it keeps to the bounds; whole numbers above 1 are scaled, and noted.

    `test` lists the images that are kept for testing, or says of each whether it is.

    Raises:
        ImportProblem: naming `images`, `labels`, `classes` or `test`, and the entry.
    """
    stand = places or Places()
    pixels = _shaped(images)
    given = _labelled(labels, len(pixels), stand)
    names = _named(classes, int(given.max()))
    said = list(notes)
    tested = None if test is None else _tested(test, len(pixels))
    return Imported(name, names, _scaled(pixels, said, stand), given, said, tested)


def number(value: object) -> float | None:
    """Return a cell or an entry as a number, or None where it is none.

    `1_0` is a number in Python alone.
    """
    if isinstance(value, bool) or value is None or "_" in str(value):
        return None
    if isinstance(value, (int, float, str)):
        try:
            return float(value)
        except (ValueError, OverflowError):
            return None
    return None


def shown(value: object) -> str:
    """Return a cell or an entry as a refusal repeats it."""
    return "nothing" if value is None or value == "" else repr(str(value)[:SHOWN])


def _shaped(images: NDArray[Any]) -> NDArray[np.float64]:
    if images.dtype.kind not in "biuf":
        raise ImportProblem("Not numbers", "images", "numbers", str(images.dtype))
    if images.ndim not in {3, 4} or 0 in images.shape:
        wanted = "images as (n, row, column) or (n, channel, row, column), none of them 0"
        raise ImportProblem("Wrong shape", "images", wanted, str(images.shape))
    bounded(images.shape)
    pixels = images.astype(np.float64)
    return pixels[:, np.newaxis] if pixels.ndim == 3 else pixels


def bounded(shape: tuple[int, ...]) -> None:
    """Refuse images that are too many or too large: (n, row, column) or (n, channel, …).

    Raises:
        ImportProblem: naming the bound.
    """
    n, rows, columns = shape[0], shape[-2], shape[-1]
    channels = shape[1] if len(shape) == 4 else 1
    if n > IMAGES:
        raise ImportProblem("Too many images", "images", f"at most {IMAGES}", str(n))
    if max(rows, columns) > SIDE or channels > CHANNELS:
        wanted = f"at most {SIDE}×{SIDE} pixels and {CHANNELS} channels"
        came = f"{rows}×{columns} pixels and {channels} channels"
        raise ImportProblem("Images too large", "images", wanted, came)
    if n * channels * rows * columns > PIXELS:
        total = n * channels * rows * columns
        wanted = f"at most {PIXELS} pixels in all images together"
        raise ImportProblem("Too much data", "images", wanted, str(total))


def _labelled(labels: NDArray[Any], n: int, places: Places) -> NDArray[np.int64]:
    if labels.ndim != 1 or len(labels) != n:
        wanted = f"one label for each of the {n} images"
        came = str(len(labels)) if labels.ndim == 1 else f"the shape {labels.shape}"
        raise ImportProblem("Labels do not fit", "labels", wanted, came)
    if labels.dtype.kind not in "iuf":
        raise ImportProblem("Not numbers", "labels", "whole numbers", str(labels.dtype))
    wrong = ~((labels >= 0) & (labels < CLASSES) & (labels == np.floor(labels)))
    if wrong.any():
        at = int(np.argmax(wrong))
        wanted = f"a whole number from 0 to {CLASSES - 1}"
        raise ImportProblem("A label is out of range", places.label(at), wanted, f"{labels[at]:g}")
    return labels.astype(np.int64)


def _named(classes: tuple[str, ...] | None, largest: int) -> tuple[str, ...]:
    if classes is None:
        return tuple(str(label) for label in range(largest + 1))
    if len(classes) > CLASSES:
        raise ImportProblem("Too many classes", "classes", f"at most {CLASSES}", str(len(classes)))
    for place, name in enumerate(classes):
        if not name.strip() or len(name) > CLASS_NAME or name in classes[:place]:
            wanted = f"a name of 1 to {CLASS_NAME} characters that comes once only"
            raise ImportProblem(
                "A class without a name of its own", f"classes[{place}]", wanted, shown(name)
            )
    if largest >= len(classes):
        wanted = f"labels from 0 to {len(classes) - 1}, one for each class"
        raise ImportProblem("A label without a class", "labels", wanted, str(largest))
    return classes


def _tested(test: NDArray[Any], n: int) -> NDArray[np.bool_] | None:
    if test.ndim != 1 or (test.dtype.kind == "b" and len(test) != n):
        wanted = f"the numbers of images in a row, or {n} times true or false"
        raise ImportProblem("Wrong shape", "test", wanted, f"the shape {test.shape}")
    listed = np.flatnonzero(test) if test.dtype.kind == "b" else test
    wrong = ~((listed >= 0) & (listed < n) & (listed == np.floor(listed)))
    if wrong.any():
        at = int(np.argmax(wrong))
        wanted = f"the number of an image, a whole one from 0 to {n - 1}"
        raise ImportProblem("No such image", f"test[{at}]", wanted, f"{listed[at]:g}")
    kept = np.zeros(n, dtype=np.bool_)
    kept[listed.astype(np.int64)] = True
    if kept.all():
        wanted = "at least one image that is not kept for testing, to learn from"
        raise ImportProblem("Nothing to learn from", "test", wanted, f"all {n}")
    return kept if kept.any() else None


def _scaled(pixels: NDArray[np.float64], notes: list[str], places: Places) -> NDArray[np.float64]:
    wrong = ~(np.isfinite(pixels) & (pixels >= 0))
    if wrong.any():
        raise _pixel(pixels, wrong, "a number from 0 to 1, or a whole number", places)
    largest = float(pixels.max())
    if largest <= 1:
        return pixels
    broken = pixels != np.floor(pixels)
    if broken.any():
        wanted = f"a whole number, since the largest pixel is {largest:g}"
        raise _pixel(pixels, broken, wanted, places)
    notes.append(f"Pixels were divided by {largest:g}, the largest in the file.")
    return pixels / largest


def _pixel(
    pixels: NDArray[np.float64], wrong: NDArray[np.bool_], wanted: str, places: Places
) -> ImportProblem:
    at = np.unravel_index(int(np.argmax(wrong)), pixels.shape)
    image, channel, row, column = map(int, at)
    index = (row, column) if pixels.shape[1] == 1 else (channel, row, column)
    where = places.pixel(image, *index)
    return ImportProblem("A pixel is out of range", where, wanted, f"{pixels[at]:g}")
