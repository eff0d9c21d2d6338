"""One image, everything kept, in order: the steps of an iteration and the formula of every cell.

A :class:`Script` says what is written when, and from what; it depends on the configuration alone. A
trace is the same kernels as descent with n = 1 and everything kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import product as every
from typing import Any

from numpy.typing import NDArray

from engine import passes
from engine.errors import UnknownTensor, require_index
from engine.formula import Cell, Formula, Tensor
from engine.functions import Array
from engine.network import Binding, Network
from engine.notation import Index, Notation
from engine.ops.activation import Activation
from engine.ops.pool import Pool
from engine.optimizers import GradientDescent, Optimizer, Written

__all__ = ["Equation", "Script", "Step", "trace"]


@dataclass(frozen=True)
class Step:
    """One step writes one tensor.

    ``phase`` is forward, cost, backward or update; ``law`` is the equation of a cell in letters, as
    TeX; ``reads`` is derived from the formulas.
    """

    number: int
    phase: str
    layer: str
    writes: Tensor
    reads: tuple[Tensor, ...]
    law: str


@dataclass(frozen=True)
class Equation:
    """A cell, the formula of its value, and one that is the same in exact arithmetic, if any."""

    cell: Cell
    formula: Formula
    notation: Notation
    same: Formula | None = None

    def law(self) -> str:
        """The equation as TeX: ``z^{F1}_{11} = …``; an update is written with an arrow."""
        sign = r"\leftarrow" if self.cell.tensor.of == "next" else "="
        return f"{self._left()} {sign} {self.formula.law(self.notation)}"

    def equal(self) -> str | None:
        """The equation as books write it: ``δ = a − t`` of cross-entropy, ``C = −Σ t ln a``."""
        if self.same is None:
            return None
        return f"{self._left()} = {self.same.law(self.notation)}"

    def _left(self) -> str:
        return self.notation.cell(self.cell.tensor.id, self.cell.index, None)

    def tree(self) -> dict[str, Any]:
        """The formula as data."""
        return self.formula.tree()

    def cells(self) -> list[dict[str, Any]]:
        """The cells that it reads, as data."""
        return [
            {key: v for key, v in c.tree().items() if key != "op"} for c in self.formula.cells()
        ]


CellFormula = Callable[..., Formula]


class Script:
    """The steps of one iteration and the formula of every cell, for a network and an optimizer."""

    def __init__(self, network: Network, optimizer: Optimizer | None = None) -> None:
        self.network = network
        self.optimizer: Optimizer = optimizer if optimizer is not None else GradientDescent()
        self._formulas: dict[str, tuple[Tensor, CellFormula]] = {}
        self._equal: dict[str, Callable[..., Formula | None]] = {}
        self._phases: list[tuple[str, str, str]] = []  # phase, layer, tensor
        self._write_forward()
        self._write_cost()
        self._write_backward()
        self._write_update()
        self._write_derived()

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """What an iteration writes, in order."""
        steps = []
        for number, (phase, layer, tensor) in enumerate(self._phases, start=1):
            law = self.law(tensor)
            reads = law.formula.tensors()
            steps.append(Step(number, phase, layer, law.cell.tensor, reads, law.law()))
        return tuple(steps)

    @property
    def explained(self) -> tuple[str, ...]:
        """The ids of all tensors whose cells have a formula."""
        return tuple(self._formulas)

    def shape(self, tensor: str) -> tuple[int, ...]:
        """The shape of a tensor that has formulas; raises UnknownTensor."""
        return self._find(tensor)[0].shape

    def law(self, tensor: str) -> Equation:
        """The equation of any cell of that tensor, in letters."""
        rank = len(self.shape(tensor))
        return self._equation(tensor, self.network.notation.index_letters(tensor, rank))

    def equation(self, tensor: str, index: tuple[int, ...] = ()) -> Equation:
        """The equation of one cell, 0-based; raises UnknownTensor or UnknownIndex."""
        require_index(tensor, index, self.shape(tensor))
        return self._equation(tensor, index)

    def equations(self, tensor: str) -> Iterator[Equation]:
        """The equations of all cells, row by row."""
        for index in every(*map(range, self.shape(tensor))):
            yield self.equation(tensor, index)

    def explain(self, cell: Cell) -> Formula | None:
        """The formula of a cell, for :meth:`engine.formula.Formula.expand`; None if it has none.

        A parameter is where an image's chain of rules ends; a gradient of the batch is a sum over
        images that no formula of one image holds.
        """
        tensor = cell.tensor
        if tensor.of == "batch" or tensor.id not in self._formulas:
            return None
        target, formula = self._formulas[tensor.id]
        return formula(*cell.index) if target.of == tensor.of else None

    def _equation(self, tensor: str, index: tuple[Index, ...]) -> Equation:
        target, formula = self._find(tensor)
        equal = self._equal.get(tensor)
        same = equal(*index) if equal else None
        return Equation(target[index], formula(*index), self.network.notation, same)

    def _find(self, tensor: str) -> tuple[Tensor, CellFormula]:
        if tensor not in self._formulas:
            raise UnknownTensor(tensor, self._formulas)
        return self._formulas[tensor]

    def _tensor(self, name: str, of: str | None = None) -> Tensor:
        shapes = self.network.shapes
        parameter = ".".join(name.split(".")[:2])
        return Tensor(name, shapes[name] if name in shapes else shapes[parameter], of)

    def _write(self, phase: str, layer: str, target: Tensor, formula: CellFormula) -> None:
        self._formulas[target.id] = (target, formula)
        self._phases.append((phase, layer, target.id))

    def _write_forward(self) -> None:
        for binding in self.network.bindings:
            formula = binding.op.formulas(binding.bound())["y"]
            self._write("forward", binding.layer, self._tensor(binding.y), formula)

    def _write_cost(self) -> None:
        last, loss = self.network.bindings[-1], self.network.loss
        z, a, t = self._tensor(last.x), self._tensor(last.y), self._tensor("t")

        def error(u: Index) -> Formula:
            return loss.error_formula(last.op, z, a, t, u)

        self._write("cost", "C", self._tensor("C"), lambda: loss.cost_formula(last.op, z, a, t))
        self._write("backward", last.layer, self._tensor(last.dy), error)
        self._equal["C"] = lambda: loss.cost_equal(last.op, a, t)
        self._equal[last.dx] = lambda u: loss.delta_equal(a, t, u)

    def _write_backward(self) -> None:
        for binding in reversed(self.network.bindings):
            formulas = binding.op.formulas(binding.bound())
            for role in ("dw", "db"):
                if role in formulas:
                    target = self._tensor(f"{binding.layer}.{role}")
                    self._write("backward", binding.layer, target, formulas[role])
            layer = binding.dx.partition(".")[0]
            self._write("backward", layer, self._tensor(binding.dx), formulas["dx"])

    def _write_update(self) -> None:
        for name in self.network.parameter_shapes:
            layer, _, role = name.partition(".")
            states = {state: f"{name}.{state}" for state in self.optimizer.state}
            written = Written(
                theta=self._tensor(name),
                gradient=self._tensor(f"{layer}.d{role}", "batch"),
                eta=self._tensor("eta"),
                updates=self._tensor("updates"),
                old={state: self._tensor(tensor) for state, tensor in states.items()},
                new={state: self._tensor(tensor, "next") for state, tensor in states.items()},
            )
            for state, tensor in [*states.items(), ("", name)]:
                target = self._tensor(tensor, "next")
                self._write("update", layer, target, self._updating(state, written))

    def _updating(self, state: str, written: Written) -> CellFormula:
        return lambda *index: self.optimizer.formula(state, written, index)

    def _write_derived(self) -> None:
        """Masks and slopes: formulas without steps of their own."""
        for binding in self.network.bindings:
            for name, formula in derived(binding).items():
                tensor = f"{binding.layer}.{name}"
                self._formulas[tensor] = (self._tensor(tensor), formula)


def derived(binding: Binding) -> dict[str, CellFormula]:
    """By name, the formulas of what is computed for looking: a pool's mask, a slope."""
    t, op = binding.bound(), binding.op
    if isinstance(op, Activation):
        return {"slope": lambda *index: op.slope(t, *index)}
    if isinstance(op, Pool) and op.windows.apart:
        return {"mask": op.formulas(t)["mask"]}
    return {}


def trace(
    network: Network, parameters: Mapping[str, Array], image: Array, target: Array
) -> dict[str, NDArray[Any]]:
    """Every tensor of one image by its id, forward and backward, with masks and slopes.

    ``image`` is (channel, row, column), ``target`` is (u,); arrays come without the axis n.
    """
    found = passes.kept(network, parameters, image[None], target[None])
    summed = network.gradients
    tensors: dict[str, NDArray[Any]] = {
        name: array if name in summed else array[0] for name, array in found.items()
    }
    tensors.update(parameters)
    tensors["t"] = target
    return tensors
