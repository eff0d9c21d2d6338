"""Every operation of the registry agrees with itself, on shapes that try its edges."""

import pytest

from engine.functions import FUNCTIONS
from engine.ops import (
    REGISTRY,
    Activation,
    AveragePool,
    Conv,
    Dense,
    L2Pool,
    MaxPool,
    Op,
    Softmax,
)
from tests.engine.agreement import assert_op_agrees

POOLINGS = (
    (2, 2, (3, 4, 4)),  # the textbook's
    (2, 1, (2, 4, 4)),  # overlaps
    (3, 2, (1, 5, 6)),  # overlaps, a leftover column
    (2, 3, (2, 5, 5)),  # gaps
    (2, 2, (1, 5, 3)),  # leftovers on both sides
    (1, 1, (1, 2, 2)),  # nothing is pooled
    (3, 3, (2, 3, 3)),  # one block is all
)

CASES: tuple[tuple[Op, tuple[int, ...]], ...] = (
    (Conv(3, 3), (1, 6, 6)),
    (Conv(2, 3), (3, 4, 5)),
    (Conv(2, 3, stride=2), (2, 6, 7)),
    (Conv(2, 3, padding=1), (2, 3, 4)),
    (Conv(2, 2, stride=2, padding=1), (1, 4, 5)),
    (Conv(1, 1, stride=2), (2, 4, 3)),
    (Conv(2, 3, padding=3), (1, 1, 1)),
    (Conv(2, 1, stride=3), (1, 1, 1)),
    (Dense(3), (3, 2, 2)),
    (Dense(2), (5,)),
    (Dense(1), (1,)),
    (Dense(1), (1, 1, 1)),
    *((Activation(name), (2, 2, 3)) for name in FUNCTIONS),
    *((Activation(name), (4,)) for name in FUNCTIONS),
    (Softmax(), (4,)),
    (Softmax(), (1,)),
    *((kind(size, by), on) for kind in (MaxPool, AveragePool, L2Pool) for size, by, on in POOLINGS),
)


@pytest.mark.parametrize(("op", "shape"), CASES, ids=str)
def test_kernels_formulas_and_differences_agree(op: Op, shape: tuple[int, ...]) -> None:
    """Formula = kernel = finite differences, batch = sum of singles, shapes and reads as said."""
    assert_op_agrees(op, shape)


def test_every_operation_is_tried() -> None:
    """An operation without a case of its own fails here."""
    assert {op.type for op, _ in CASES} == set(REGISTRY)
