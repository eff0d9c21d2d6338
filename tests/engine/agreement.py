"""The agreement of an operation's two voices: its kernels and its formulas, and both with limits.

The measure is the one of every number that Backlit shows: |x − y| ≤ 1e-12 · s + 1e-15, s being the
largest absolute value of the tensor; finite differences agree to 1e-6 · max(1, |g|).
"""

from collections.abc import Callable, Mapping
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.formula import Formula, Tensor
from engine.functions import Array
from engine.notation import letters
from engine.ops import Bound, Op, Pool

STEP = 1e-5
SAMPLES = 3
LETTERS = {1: "u", 2: "u m", 3: "k i j", 4: "k c p q"}


def assert_agree(name: str, computed: Any, expected: Any) -> None:
    """Two tensors agree to 1e-12 of their largest absolute value."""
    computed, expected = np.asarray(computed, float), np.asarray(expected, float)
    assert computed.shape == expected.shape, f"{name}: {computed.shape}, not {expected.shape}"
    assert np.isfinite(computed).all(), f"{name} is not finite"
    if expected.size:
        worst = float(np.abs(computed - expected).max())
        allowed = 1e-12 * float(np.abs(expected).max()) + 1e-15
        assert worst <= allowed, f"{name} is off by {worst:g}, allowed {allowed:g}"


def assert_differences_agree(name: str, gradient: Array, numeric: Array) -> None:
    """A gradient agrees with central finite differences to 1e-6 · max(1, |g|)."""
    assert gradient.shape == numeric.shape, name
    allowed = 1e-6 * np.maximum(1.0, np.abs(numeric))
    assert (np.abs(gradient - numeric) <= allowed).all(), f"{name}: {gradient} is not {numeric}"


def differences(cost: Callable[[Array], float], at: Array) -> Array:
    """∂cost/∂at by central finite differences, cell by cell."""
    numeric = np.empty_like(at)
    for index in np.ndindex(at.shape):
        up, down = at.copy(), at.copy()
        up[index] += STEP
        down[index] -= STEP
        numeric[index] = (cost(up) - cost(down)) / (up[index] - down[index])
    return numeric


def cell_by_cell(
    formula: Callable[..., Formula], shape: tuple[int, ...], tensors: Mapping[str, NDArray[Any]]
) -> Array:
    """The tensor whose cells have the values of their formulas."""
    values = np.empty(shape)
    for index in product(*map(range, shape)):
        values[index] = formula(*index).value(tensors)
    return values


def bound(op: Op, shape: tuple[int, ...]) -> Bound:
    """An operation's roles as tensors of their own names."""
    out, parameters = op.output_shape(shape), op.parameter_shapes(shape)
    return Bound(
        x=Tensor("x", shape),
        y=Tensor("y", out),
        dy=Tensor("dy", out),
        w=Tensor("w", parameters.get("w", ())),
        b=Tensor("b", parameters.get("b", ())),
        switch=Tensor("switch", out),
    )


def assert_op_agrees(op: Op, shape: tuple[int, ...], seed: int = 0) -> None:
    """An operation on inputs of ``shape`` does what it says, for every cell that it writes.

    Formula = kernel on numbers, on ties and on zeros; kernel = finite differences where it is
    smooth; batch = sum of singles; shapes as promised; the cells read are of the tensors read.
    """
    rng = np.random.default_rng(seed)
    params = {r: rng.standard_normal(s) for r, s in op.parameter_shapes(shape).items()}
    smooth = rng.standard_normal((SAMPLES, *shape))
    ties = rng.integers(0, 2, (SAMPLES, *shape)).astype(float)
    dy = rng.standard_normal((SAMPLES, *op.output_shape(shape)))
    for x in (smooth, ties, np.zeros_like(smooth)):
        _assert_formulas_give_kernels(op, x, params, dy)
        _assert_batch_is_sum_of_singles(op, x, params, dy)
    _assert_kernels_give_differences(op, smooth, params, dy)
    _assert_reads_as_promised(op, shape)


def written(op: Op, x: Array, params: Mapping[str, Array], dy: Array) -> dict[str, NDArray[Any]]:
    """Everything that an operation's kernels write, by role."""
    outputs = op.forward(x, params)
    tensors = {**outputs, "dx": op.backward(x, params, outputs, dy), **op.gradients(x, params, dy)}
    if isinstance(op, Pool) and op.windows.apart:
        tensors["mask"] = op.backward(x, params, outputs, np.ones_like(dy))
    return tensors


def _assert_formulas_give_kernels(op: Op, x: Array, params: Mapping[str, Array], dy: Array) -> None:
    """Every cell of every tensor has a formula, and its value is the kernel's."""
    shape = x.shape[1:]
    formulas = op.formulas(bound(op, shape))
    one = written(op, x[:1], params, dy[:1])
    tensors = {"x": x[0], "dy": dy[0], "y": one["y"][0], **params}
    if "switch" in one:
        tensors["switch"] = one["switch"][0]
    promised = {"y": op.output_shape(shape), "dx": shape, "mask": shape}
    promised |= {f"d{role}": size for role, size in op.parameter_shapes(shape).items()}
    for role in one.keys() - {"switch"}:
        kernel = one[role] if role in {"dw", "db"} else one[role][0]
        assert kernel.shape == promised[role], role
        assert_agree(role, cell_by_cell(formulas[role], promised[role], tensors), kernel)


def _assert_batch_is_sum_of_singles(
    op: Op, x: Array, params: Mapping[str, Array], dy: Array
) -> None:
    """Samples do not touch each other; gradients are added up over them."""
    batch = written(op, x, params, dy)
    singles = [written(op, x[n : n + 1], params, dy[n : n + 1]) for n in range(len(x))]
    for role, whole in batch.items():
        parts = [single[role] for single in singles]
        assert_agree(role, whole, sum(parts) if role in {"dw", "db"} else np.concatenate(parts))


def _assert_kernels_give_differences(
    op: Op, x: Array, params: Mapping[str, Array], dy: Array
) -> None:
    """With the cost Σ dy · y, the kernels' gradients are its finite differences."""
    found = written(op, x, params, dy)

    def cost(x: Array, params: Mapping[str, Array]) -> float:
        return float((dy * op.forward(x, params)["y"]).sum())

    assert_differences_agree("dx", found["dx"], differences(lambda x: cost(x, params), x))
    for role, value in params.items():
        numeric = differences(lambda v, r=role: cost(x, {**params, r: v}), value)  # type: ignore[misc]
        assert_differences_agree(f"d{role}", found[f"d{role}"], numeric)


def _assert_reads_as_promised(op: Op, shape: tuple[int, ...]) -> None:
    """Each cell reads existing cells, of the tensors that the law with letters names."""
    ranks = {"y": op.output_shape(shape), "dx": shape, "mask": shape}
    ranks |= {f"d{role}": size for role, size in op.parameter_shapes(shape).items()}
    for role, formula in op.formulas(bound(op, shape)).items():
        reads = set(formula(*letters(LETTERS[len(ranks[role])])).tensors())
        for index in product(*map(range, ranks[role])):
            cells = formula(*index).cells()
            assert {cell.tensor for cell in cells} <= reads
            assert all(cell.inside for cell in cells)
            assert len(set(cells)) == len(cells)
