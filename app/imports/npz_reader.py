"""NPZ: arrays `images`, `labels` and perhaps `classes` and `test`, as numpy.savez writes them.

Nothing in the file is executed (no pickles), and an array's header is read before its numbers: one
that claims too much is refused unread.
"""

from __future__ import annotations

import io
import math
import zipfile
import zlib
from tokenize import TokenError
from typing import IO, Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from app.imports.base import CLASSES, IMAGES, Imported, ImportProblem, bounded, checked

__all__ = ["read_npz"]

BYTES = 128 * 1024 * 1024  # of one array
BROKEN = (
    ValueError,
    EOFError,
    OSError,
    zipfile.BadZipFile,
    zlib.error,
    NotImplementedError,
    SyntaxError,
    TokenError,
)  # fmt: skip - what zipfile and NumPy let through; a header is read as a Python literal


def read_npz(name: str, content: bytes) -> Imported:
    """Read images (n, row, column) or (n, channel, row, column), labels (n,), classes (m,), test.

    `test` is (n,) bool, or the numbers of the images that are kept for testing.

    Raises:
        ImportProblem: naming the array.
    """
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        arrays = {e.filename.removesuffix(".npy"): e for e in file.infolist()}
        for field in ("images", "labels"):
            if field not in arrays:
                there = ", ".join(f'"{key[:40]}"' for key in sorted(arrays)[:10]) or "no array"
                raise ImportProblem("An array is missing", field, f'an array "{field}"', there)
        images = _array(file, arrays["images"], "images")
        labels = _array(file, arrays["labels"], "labels")
        classes = None
        if "classes" in arrays:
            classes = _names(_array(file, arrays["classes"], "classes"))
        test = _array(file, arrays["test"], "test") if "test" in arrays else None
    extra = sorted(arrays.keys() - {"images", "labels", "classes", "test"})[:10]
    notes = [f'The array "{key}" was not read.' for key in extra]
    return checked(name, images, labels, classes, notes, test=test)


def _array(file: zipfile.ZipFile, entry: zipfile.ZipInfo, field: str) -> NDArray[Any]:
    try:
        with file.open(entry) as stream:
            shape, dtype = _header(stream)
        _bound(shape, dtype, field)
        with file.open(entry) as stream:
            return np.asarray(npy.read_array(stream, allow_pickle=False))
    except (*BROKEN, RuntimeError) as error:  # RuntimeError: the entry is encrypted
        came = f"what cannot be read ({str(error)[:200]})"
        wanted = "an array as numpy.savez writes it"
        raise ImportProblem("Broken array", field, wanted, came) from error


def _header(stream: IO[bytes]) -> tuple[tuple[int, ...], np.dtype[Any]]:
    version = npy.read_magic(stream)
    if version == (1, 0):
        shape, _, dtype = npy.read_array_header_1_0(stream)
    elif version == (2, 0):
        shape, _, dtype = npy.read_array_header_2_0(stream)
    else:
        raise ValueError(f"version {version} of the format, wanted (1, 0) or (2, 0)")
    return shape, dtype


def _bound(shape: tuple[int, ...], dtype: np.dtype[Any], field: str) -> None:
    kinds = {"images": "biuf", "labels": "iuf", "classes": "iuU", "test": "biu"}[field]
    if dtype.kind not in kinds:
        words = {"classes": "names or whole numbers", "test": "whole numbers, or true and false"}
        wanted = words.get(field, "numbers")
        raise ImportProblem("Not numbers", field, wanted, str(dtype))
    if min(shape, default=0) < 0 or math.prod(shape) * dtype.itemsize > BYTES:
        raise ImportProblem("Too much data", field, f"at most {BYTES} bytes", f"shape {shape}")
    if field == "images" and len(shape) in {3, 4}:
        bounded(shape)
    if field in {"labels", "test"} and len(shape) == 1 and shape[0] > IMAGES:
        raise ImportProblem("Too many numbers", field, f"at most {IMAGES}", str(shape[0]))
    if field == "classes" and (len(shape) != 1 or not 0 < shape[0] <= CLASSES):
        wanted = f"1 to {CLASSES} names in a row"
        raise ImportProblem("Wrong shape", field, wanted, f"the shape {shape}")


def _names(classes: NDArray[Any]) -> tuple[str, ...]:
    return tuple(str(name) for name in classes)
