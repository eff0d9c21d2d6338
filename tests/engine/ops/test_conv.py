"""Convolution."""

import numpy as np
import pytest

from engine.errors import ShapeError
from engine.ops import Conv


@pytest.mark.parametrize("count", [1, 7, 33])
@pytest.mark.parametrize("filters", [1, 3, 5])
@pytest.mark.parametrize("size", [2, 3, 5])
def test_equal_patches_give_equal_bits(size: int, filters: int, count: int) -> None:
    """Wherever a patch lies, in whichever image, its weighted inputs have the same bits."""
    rng = np.random.default_rng(size + filters + count)
    images = np.tile(rng.random((count, 1, 3, 3)), (1, 1, 4, 3))  # every patch comes again
    op = Conv(filters, size)
    params = {r: rng.standard_normal(s) for r, s in op.parameter_shapes((1, 12, 9)).items()}
    y = op.forward(images, params)["y"]
    seen: dict[bytes, bytes] = {}
    for n, i, j in np.ndindex(count, *y.shape[2:]):
        patch = images[n, 0, i : i + size, j : j + size].tobytes()
        assert seen.setdefault(patch, y[n, :, i, j].tobytes()) == y[n, :, i, j].tobytes()
    assert len(seen) == 9 * count


def test_one_image_gives_the_bits_that_it_gives_in_a_batch() -> None:
    """The stage shows exactly the numbers that descent computes."""
    rng = np.random.default_rng(0)
    x, op = rng.random((5, 2, 6, 6)), Conv(3, 3, padding=1)
    params = {r: rng.standard_normal(s) for r, s in op.parameter_shapes((2, 6, 6)).items()}
    whole = op.forward(x, params)["y"]
    for n in range(5):
        np.testing.assert_array_equal(op.forward(x[n : n + 1], params)["y"][0], whole[n])


def test_the_filter_is_not_flipped() -> None:
    """Convolution here is cross-correlation: a filter answers to its own picture."""
    picture = np.arange(4.0).reshape(1, 1, 2, 2)
    y = Conv(1, 2).forward(picture, {"w": picture, "b": np.array([0.5])})["y"]
    assert y.tolist() == [[[[14.5]]]]


@pytest.mark.parametrize("shape", [(1, 2, 6), (1, 6, 2), (4,)])
def test_a_filter_that_does_not_fit(shape: tuple[int, ...]) -> None:
    """A filter larger than the maps below it, or no maps at all, is a ShapeError."""
    with pytest.raises(ShapeError, match="conv"):
        Conv(1, 3).output_shape(shape)
