"""What the benchmarks compare computes the same thing."""

import os
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

BENCH = Path(__file__).resolve().parents[2] / "bench"


@pytest.fixture(autouse=True)
def _found(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The benchmarks import each other by name, as a program started there does."""
    before = set(sys.modules)
    monkeypatch.syspath_prepend(str(BENCH))
    yield
    for name in set(sys.modules) - before:
        if str(BENCH) in str(getattr(sys.modules[name], "__file__", "")):
            del sys.modules[name]


@pytest.mark.parametrize("workload", ["a", "b", "c"])
def test_sides_have_the_same_cost_after_fifty_iterations(workload: str) -> None:
    """The plan, the passes and whatever else is here agree to 1e-9; so does C, where CI has it."""
    descent, workloads = import_module("descent"), import_module("workloads")
    sides, missing = descent.ready(workloads.WORKLOADS[workload]())
    assert {"plan", "ordinary passes"} <= sides.keys()
    assert not {"plan", "ordinary passes"} & missing.keys()
    assert not (os.environ.get("CI") and "no C compiler" in missing.values())
    assert set(descent.agree(sides)) == set(sides)


def test_a_side_that_computes_something_else_is_refused() -> None:
    """A cost that differs by a millionth is an error, and names the side."""
    sides = {"right": lambda _: 1.0, "wrong": lambda _: 1.000001}
    with pytest.raises(ValueError, match="wrong"):
        import_module("descent").agree(sides)
