"""The network: a stack of operations with letters, shapes, and roles bound to tensor ids."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from math import prod
from typing import Final

import numpy as np

from engine.errors import CombinationError, ShapeError
from engine.formula import Tensor
from engine.functions import Array
from engine.initializers import INITIALIZERS
from engine.losses import Loss, SquaredError
from engine.notation import Notation
from engine.ops.base import Bound, Op, Shape
from engine.ops.pool import MaxPool, Pool

__all__ = ["Binding", "Layer", "Network"]

WEIGHTED: Final = ("conv", "dense")
ACTIVATING: Final = ("activation", "softmax")
NOWHERE: Final = Tensor("", ())


@dataclass(frozen=True)
class Layer:
    """One layer as people count them: a weighted op with its activation, or a pool.

    ``shape`` is what it gives, (map, row, column) or (unit,); ``parameters`` counts its numbers.
    """

    letter: str
    type: str
    shape: Shape
    parameters: int


@dataclass(frozen=True)
class Binding:
    """An operation in its place: which tensor each of its roles is, and the shapes there."""

    op: Op
    layer: str
    x: str
    y: str
    dx: str
    dy: str
    x_shape: Shape
    y_shape: Shape
    parameters: Mapping[str, str]  # role → tensor id

    @cached_property
    def ids(self) -> Mapping[str, str]:
        """The tensor of each role that it may write besides the error below: role → tensor id."""
        own = ("switch", "mask", "slope", "dw", "db")
        return {"y": self.y} | {role: f"{self.layer}.{role}" for role in own}

    def bound(self) -> Bound:
        """The tensors of its roles, for formulas."""
        shapes = self.op.parameter_shapes(self.x_shape)
        return Bound(
            x=Tensor(self.x, self.x_shape),
            y=Tensor(self.y, self.y_shape),
            dy=Tensor(self.dy, self.y_shape),
            w=Tensor(self.parameters["w"], shapes["w"]) if shapes else NOWHERE,
            b=Tensor(self.parameters["b"], shapes["b"]) if shapes else NOWHERE,
            switch=Tensor(f"{self.layer}.switch", self.y_shape),
            unit="n" if self.layer == "O" else "m",
            unit_below="m" if self.layer == "O" else "l",
        )


class Network:
    """A sequential network: shapes checked, layers lettered, every tensor named.

    ``input_shape`` is (channels, rows, columns). ``ops`` are in the order of the data; a
    convolution or dense op is followed by its activation. Raises ShapeError or CombinationError
    naming the layer.

    >>> from engine.ops import Activation, Conv, Dense, MaxPool
    >>> Network(
    ...     (1, 6, 6),
    ...     [Conv(3, 3), Activation(), MaxPool(2, 2), Dense(3), Activation()],
    ... ).parameter_count
    69
    """

    def __init__(self, input_shape: Shape, ops: Sequence[Op], loss: Loss | None = None) -> None:
        self.input_shape = tuple(input_shape)
        self.ops = tuple(ops)
        self.loss: Loss = loss if loss is not None else SquaredError()
        self._check_order()
        self.bindings = self._bind()
        self._check_loss()

    def __repr__(self) -> str:
        ops = ", ".join(map(repr, self.ops))
        return f"Network({self.input_shape}, [{ops}], {self.loss!r})"

    def _check_order(self) -> None:
        kinds = [op.type for op in self.ops]
        wanted = "an activation right after each weighted layer, and nowhere else"
        if kinds and kinds[0] in ACTIVATING:
            raise CombinationError("the first layer", wanted, kinds[0], 0)
        for place, (kind, after) in enumerate(pairwise(kinds)):
            if (kind in WEIGHTED) != (after in ACTIVATING):
                raise CombinationError(self._name(place), wanted, after, place)
        if len(kinds) < 2 or kinds[-2] != "dense":
            came, last = self._name(len(kinds) - 1) if kinds else "nothing", self._head(len(kinds))
            raise CombinationError(
                "the last layer", "a dense layer with its activation", came, last
            )
        if "softmax" in kinds[:-1]:
            place, wanted = kinds.index("softmax"), "softmax on the output layer alone"
            raise CombinationError(self._name(place), wanted, "softmax below it", place)

    def _check_loss(self) -> None:
        try:
            self.loss.require(self.ops[-1])
        except CombinationError as error:
            last, wanted = len(self.ops) - 1, f"{error.wanted} with {error.layer}"
            raise CombinationError(self._name(last), wanted, error.came, last) from None

    def _head(self, place: int) -> int:
        """The place of the op that the one here stands with: itself, or what it activates."""
        heads = [n for n, op in enumerate(self.ops[: place + 1]) if op.type not in ACTIVATING]
        return heads[-1] if heads else 0

    def _name(self, place: int) -> str:
        """The layer of an op, as errors name it."""
        return f"layer {self._letters()[place]} ({self.ops[self._head(place)].type})"

    def _letters(self) -> list[str]:
        """A letter for each op; an activation shares the letter of the op before it."""
        dense = [place for place, op in enumerate(self.ops) if op.type == "dense"]
        bare = []
        for place, op in enumerate(self.ops):
            family = op.type.partition("/")[0]
            if family == "dense":
                bare.append("O" if place == dense[-1] else "H")
            else:
                bare.append({"conv": "F", "pool": "P"}.get(family) or bare[-1])
        heads = [op.type not in ACTIVATING for op in self.ops]
        counts = {c: sum(h and c == b for b, h in zip(bare, heads, strict=True)) for c in bare}
        seen: dict[str, int] = {}
        lettered = []
        for one, head in zip(bare, heads, strict=True):
            seen[one] = seen.get(one, 0) + head
            lettered.append(one if counts[one] == 1 else f"{one}{seen[one]}")
        return lettered

    def _bind(self) -> tuple[Binding, ...]:
        bindings: list[Binding] = []
        shape, x, dx = self.input_shape, "I.a", "I.da"
        for place, (op, layer) in enumerate(zip(self.ops, self._letters(), strict=True)):
            try:
                out = op.output_shape(shape)
            except ShapeError as error:
                wanted, came = error.wanted, error.came
                raise ShapeError(self._name(place), wanted, came, place) from None
            weighted = op.type in WEIGHTED
            y, dy = (
                f"{layer}.{'z' if weighted else 'a'}",
                f"{layer}.{'delta' if weighted else 'da'}",
            )
            names = {role: f"{layer}.{role}" for role in op.parameter_shapes(shape)}
            bindings.append(Binding(op, layer, x, y, dx, dy, shape, out, names))
            shape, x, dx = out, y, dy
        return tuple(bindings)

    @cached_property
    def layers(self) -> tuple[Layer, ...]:
        """The layers above the input, in the order of the data."""
        by_letter: dict[str, Layer] = {}
        for binding in self.bindings:
            count = sum(map(prod, binding.op.parameter_shapes(binding.x_shape).values()))
            old = by_letter.get(binding.layer)
            by_letter[binding.layer] = Layer(
                binding.layer,
                old.type if old else binding.op.type,
                binding.y_shape,
                count + (old.parameters if old else 0),
            )
        return tuple(by_letter.values())

    @cached_property
    def notation(self) -> Notation:
        """How its cells are written."""
        heads = [b for b in self.bindings if b.op.type not in ACTIVATING]
        kinds = {b.layer: b.op.type.partition("/")[0] for b in heads}
        channels = {b.layer: b.x_shape[0] for b in heads}
        return Notation({"I": "input", **kinds}, {"I": self.input_shape[0], **channels})

    @cached_property
    def parameter_shapes(self) -> dict[str, Shape]:
        """The shape of every parameter by its id, in the order of the layers."""
        return {
            binding.parameters[role]: shape
            for binding in self.bindings
            for role, shape in binding.op.parameter_shapes(binding.x_shape).items()
        }

    @cached_property
    def gradients(self) -> frozenset[str]:
        """The ids of its parameters' gradients, which are added up over the samples."""
        return frozenset(
            f"{binding.layer}.d{role}" for binding in self.bindings for role in binding.parameters
        )

    @property
    def parameter_count(self) -> int:
        """How many numbers it learns."""
        return sum(map(prod, self.parameter_shapes.values()))

    @property
    def outputs(self) -> int:
        """How many output neurons, one a class."""
        return self.bindings[-1].y_shape[0]

    @cached_property
    def shapes(self) -> dict[str, Shape]:
        """The shape of every tensor of one image, by its id."""
        shapes: dict[str, Shape] = {"I.a": self.input_shape, "I.da": self.input_shape}
        shapes |= self.parameter_shapes
        for binding in self.bindings:
            shapes[binding.y] = shapes[binding.dy] = binding.y_shape
            for role, tensor in binding.parameters.items():
                shapes[f"{binding.layer}.d{role}"] = shapes[tensor]
            if binding.op.type == "activation":
                shapes[f"{binding.layer}.slope"] = binding.y_shape
            if isinstance(binding.op, MaxPool):
                shapes[f"{binding.layer}.switch"] = binding.y_shape
            if isinstance(binding.op, Pool) and binding.op.windows.apart:
                shapes[f"{binding.layer}.mask"] = binding.x_shape
        return shapes | {"t": (self.outputs,), "C": (), "eta": (), "iteration": (), "updates": ()}

    def initial(self, scheme: str, seed: int) -> dict[str, Array]:
        """The first parameters: the same scheme and seed give the same bits."""
        if scheme not in INITIALIZERS:
            raise CombinationError("initial", f"one of {', '.join(INITIALIZERS)}", scheme)
        rng, parameters = np.random.default_rng(seed), {}
        for binding in self.bindings:
            shapes = binding.op.parameter_shapes(binding.x_shape)
            for role, shape in shapes.items():
                fan_in = prod(shapes["w"][1:])
                fan_out = shapes["w"][0] * (
                    prod(shapes["w"][2:]) if len(binding.y_shape) == 3 else 1
                )
                draw = INITIALIZERS[scheme]
                parameters[binding.parameters[role]] = draw(rng, shape, fan_in, fan_out)
        return parameters
