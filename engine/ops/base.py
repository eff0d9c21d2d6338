"""The contract of an operation, and the registry of all of them.

An operation is a frozen dataclass of hyperparameters, without state. It says its mathematics
twice: as fast kernels over a batch, and as the formula of one cell. It knows roles, not tensors:
``x`` what it reads, ``w`` and ``b`` its parameters, ``y`` what it writes, ``dx dw db dy`` the
gradients of the cost by them, ``switch`` the winners of max pooling. The network binds roles to
tensor ids.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final, Protocol

from numpy.typing import NDArray

from engine.formula import Formula, Tensor
from engine.functions import Array

__all__ = ["REGISTRY", "Bound", "CellFormula", "Op", "Outputs", "Params", "Shape", "register"]

Shape = tuple[int, ...]
Params = Mapping[str, Array]
Outputs = Mapping[str, NDArray[Any]]
CellFormula = Callable[..., Formula]

#: Every operation by its ``type``, as it is called on the wire.
REGISTRY: Final[dict[str, type[Op]]] = {}


def register(kind: type[Op]) -> type[Op]:
    """Put an operation into the registry; a class decorator."""
    REGISTRY[kind.type] = kind
    return kind


@dataclass(frozen=True)
class Bound:
    """The tensors that an operation's formulas read, by role, and the letters of its units."""

    x: Tensor
    y: Tensor
    dy: Tensor
    w: Tensor
    b: Tensor
    switch: Tensor
    unit: str = "n"
    unit_below: str = "m"


class Op(Protocol):
    """What the network, the passes and the explanations ask of an operation.

    Shapes are those of one sample, without the leading axis n; kernels take and give arrays with
    it.
    """

    type: ClassVar[str]

    def output_shape(self, shape: Shape) -> Shape:
        """The shape of ``y`` for an ``x`` of ``shape``; raises ShapeError."""
        ...

    def parameter_shapes(self, shape: Shape) -> dict[str, Shape]:
        """``{"w": …, "b": …}`` for an ``x`` of ``shape``, or ``{}``."""
        ...

    def forward(self, x: Array, params: Params) -> dict[str, NDArray[Any]]:
        """``{"y": …}``, and ``"switch"`` for max pooling."""
        ...

    def kept(self, x: Array, params: Params) -> dict[str, NDArray[Any]]:
        """As ``forward``, with what is derived for looking: ``slope`` or ``mask``, like ``x``."""
        ...

    def backward(self, x: Array, params: Params, outputs: Outputs, dy: Array) -> Array:
        """``dx``: the error passed down, of the shape of ``x``.

        ``outputs`` are those of ``forward``, or of ``kept``: what is there is not computed again.
        """
        ...

    def gradients(self, x: Array, params: Params, dy: Array) -> dict[str, Array]:
        """``{"dw": …, "db": …}``, added up over the samples, or ``{}``."""
        ...

    def formulas(self, t: Bound) -> Mapping[str, CellFormula]:
        """By role (``y``, ``dx``, ``dw``, ``db``), the formula of one cell, given its indices."""
        ...
