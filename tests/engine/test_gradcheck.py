"""The analytic gradient beside a numerical one, and where that means little."""

import numpy as np
import pytest

from engine import Activation, Conv, Dense, L2Pool, MaxPool, Network, check
from engine.errors import UnknownIndex, UnknownTensor
from engine.functions import Array
from engine.gradcheck import Kink
from tests.engine.stacks import STACKS, grey


@pytest.mark.parametrize("name", STACKS)
def test_every_kind_of_tensor_agrees(name: str) -> None:
    """For parameters, pixels, z and a, analytic and numeric differ by 1e-6 at most."""
    network = STACKS[name]
    parameters, image, target = grey(network)
    tensors = [t for t in network.shapes if t.endswith((".w", ".b", ".z", ".a"))]
    for tensor in tensors:
        index = tuple(size // 2 for size in network.shapes[tensor])
        found = check(network, parameters, image[None], target[None], tensor, index)
        assert found.difference == abs(found.analytic - found.numeric)
        if found.kink is None:
            assert found.difference <= 1e-6 * max(1.0, abs(found.numeric)), tensor


def test_a_parameter_is_checked_over_all_images() -> None:
    """With several images the check is of the summed cost."""
    network = STACKS["textbook"]
    rng = np.random.default_rng(5)
    parameters, images, targets = (
        grey(network)[0],
        rng.random((4, 1, 6, 6)),
        np.eye(3)[[0, 1, 2, 0]],
    )
    whole = check(network, parameters, images, targets, "F.w", (0, 0, 1, 1))
    single = [
        check(network, parameters, images[n : n + 1], targets[n : n + 1], "F.w", (0, 0, 1, 1))
        for n in range(4)
    ]
    assert whole.analytic == pytest.approx(sum(one.analytic for one in single), rel=1e-12)
    assert whole.difference <= 1e-6


def small(*ops: Activation | MaxPool | L2Pool) -> Network:
    """A 2×2 image through a filter of one cell and these."""
    return Network((1, 2, 2), [Conv(1, 1), *ops, Dense(1), Activation("identity")])


ONES = {"F.w": np.ones((1, 1, 1, 1)), "F.b": np.zeros(1), "O.b": np.zeros(1)}


def kink(network: Network, image: Array) -> Kink | None:
    """The kink that varying the first pixel meets."""
    size = network.shapes["O.w"]
    parameters = {**ONES, "O.w": np.ones(size)}
    return check(network, parameters, image, np.zeros((1, 1)), "I.a", (0, 0, 0)).kink


def test_a_tie_is_a_kink() -> None:
    """Where the winner of a block changes within the step, the check names the block."""
    network = small(Activation("identity"), MaxPool(2, 2))
    assert kink(network, np.ones((1, 1, 2, 2))) == Kink("P.a", (0, 0, 0), "winner")
    assert kink(network, np.array([[[[3.0, 1.0], [0.0, 2.0]]]])) is None


def test_a_relu_at_zero_is_a_kink() -> None:
    """Where a weighted input passes 0 within the step, the check names it."""
    network = small(Activation("relu"))
    assert kink(network, np.zeros((1, 1, 2, 2))) == Kink("F.z", (0, 0, 0), "relu")
    assert kink(network, np.ones((1, 1, 2, 2))) is None


def test_an_empty_l2_block_is_a_kink() -> None:
    """Where a block of an L2 pool is all 0, the check names it."""
    network = small(Activation("identity"), L2Pool(2, 2))
    assert kink(network, np.zeros((1, 1, 2, 2))) == Kink("P.a", (0, 0, 0), "l2")


def test_unknown_cells_are_refused() -> None:
    """Only parameters, pixels, z and a can be varied, at cells that there are."""
    network = STACKS["textbook"]
    parameters, image, target = grey(network)
    with pytest.raises(UnknownTensor, match=r"no tensor 'F\.delta' here"):
        check(network, parameters, image[None], target[None], "F.delta", (0, 0, 0))
    with pytest.raises(UnknownIndex, match=r"F\.w has no cell"):
        check(network, parameters, image[None], target[None], "F.w", (0, 0, 0, 3))
