"""Traces equal what PyTorch computed once, in float64, by the script make.py beside this file."""

from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest

from engine import CrossEntropy, trace
from tests.engine.agreement import assert_agree
from tests.engine.stacks import STACKS

with np.load(Path(__file__).with_name("traces.npz")) as stored:
    GOLDEN: dict[str, dict[str, np.ndarray]] = defaultdict(dict)
    for name in stored.files:
        case, _, tensor = name.rpartition("/")
        GOLDEN[case][tensor] = stored[name]


@pytest.mark.parametrize("case", sorted(GOLDEN))
def test_trace_equals_pytorch(case: str) -> None:
    """Every tensor that PyTorch kept is the trace's, ties included."""
    expected = dict(GOLDEN[case])
    network = STACKS[case.partition("/")[0]]
    parameters = {name: expected[name] for name in network.parameter_shapes}
    computed = trace(network, parameters, expected.pop("image"), expected["t"])
    for tensor, array in expected.items():
        assert_agree(tensor, computed[tensor], array)


@pytest.mark.parametrize("case", sorted(GOLDEN))
def test_pytorch_kept_every_tensor(case: str) -> None:
    """The golden file leaves out only what PyTorch has no name for, or fuses away."""
    network = STACKS[case.partition("/")[0]]
    unnamed = {"eta", "iteration", "updates"}
    unnamed |= {n for n in network.shapes if n.endswith((".slope", ".mask", ".switch"))}
    if isinstance(network.loss, CrossEntropy):
        unnamed.add("O.da")
    assert GOLDEN[case].keys() - {"image"} == network.shapes.keys() - unnamed


def test_every_stack_is_golden() -> None:
    """Each stack was computed on a grey and on a tied image."""
    assert set(GOLDEN) == {f"{name}/{kind}" for name in STACKS for kind in ("grey", "tied")}
