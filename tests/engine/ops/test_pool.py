"""Pooling."""

import numpy as np
import pytest

from engine.errors import ShapeError
from engine.ops import AveragePool, L2Pool, MaxPool


def test_the_first_largest_cell_wins() -> None:
    """In a tie the winner is the first cell, row by row, and it gets the whole error."""
    x = np.array([[[[1.0, 2.0], [2.0, 2.0]]]])
    op = MaxPool(2, 2)
    outputs = op.forward(x, {})
    assert outputs["switch"].tolist() == [[[[1]]]]
    dx = op.backward(x, {}, outputs, np.full((1, 1, 1, 1), 7.0))
    assert dx.tolist() == [[[[0.0, 7.0], [0.0, 0.0]]]]


def test_a_winner_of_two_blocks_gets_both_errors() -> None:
    """Where blocks overlap, the errors of all blocks that a cell wins add up."""
    x, op = np.array([[[[0.0, 5.0, 0.0], [0.0, 0.0, 0.0]]]]), MaxPool(2, 1)
    outputs = op.forward(x, {})
    dx = op.backward(x, {}, outputs, np.array([[[[3.0, 4.0]]]]))
    assert dx.tolist() == [[[[0.0, 7.0, 0.0], [0.0, 0.0, 0.0]]]]


def test_an_empty_block_of_an_l2_pool_passes_no_error() -> None:
    """Where all cells of a block are 0, its root is 0 and no cell gets any of the error."""
    x, op = np.zeros((1, 1, 2, 2)), L2Pool(2, 2)
    outputs = op.forward(x, {})
    dx = op.backward(x, {}, outputs, np.ones((1, 1, 1, 1)))
    assert outputs["y"].tolist() == [[[[0.0]]]]
    assert not dx.any()


@pytest.mark.parametrize("op", [MaxPool(2, 2), AveragePool(2, 2), L2Pool(2, 2)])
def test_leftover_cells_get_no_error(op: MaxPool | AveragePool | L2Pool) -> None:
    """Rows and columns that fill no block are dropped, and no error comes back to them."""
    x = np.arange(1.0, 16.0).reshape(1, 1, 3, 5)
    outputs = op.forward(x, {})
    assert outputs["y"].shape == (1, 1, 1, 2)
    dx = op.backward(x, {}, outputs, np.ones((1, 1, 1, 2)))
    assert not dx[:, :, 2].any()
    assert not dx[:, :, :, 4].any()
    assert dx.any()


@pytest.mark.parametrize("shape", [(1, 2, 6), (1, 6, 2), (4,)])
def test_a_block_that_does_not_fit(shape: tuple[int, ...]) -> None:
    """A block larger than the maps below it, or no maps at all, is a ShapeError."""
    with pytest.raises(ShapeError, match="pool"):
        MaxPool(3, 1).output_shape(shape)
