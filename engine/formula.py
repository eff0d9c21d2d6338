"""The mathematics of one cell, as a small tree that cannot be changed.

An operation builds its formula with ``+ * /`` and :func:`total`, so that it reads like the
textbook. The tree can then be read in several ways: :meth:`Formula.value` computes it,
:meth:`Formula.cells` says which cells it reads, :meth:`Formula.law` writes it with letters,
:meth:`Formula.terms` with numbers, :meth:`Formula.expand` replaces a cell by its own formula (the
chain rule, one level), :meth:`Formula.tree` gives it as data.

``Sum`` holds a function of its indices: called with letters it prints the law, called with numbers
it gives the terms; so the law and the terms have one source. A cell outside its tensor's shape
reads 0, so that a convolution's padding needs no special case.

    >>> import numpy as np
    >>> x, w = Tensor("I.a", (3,)), Tensor("O.w", (3,))
    >>> dot = total(lambda p: w[p] * x[p], p=range(3))
    >>> dot.value({"I.a": np.array([1.0, 2.0, 3.0]), "O.w": np.array([1.0, 0.0, -1.0])})
    -2.0
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import product as every
from typing import Any, NamedTuple

from numpy.typing import NDArray

from engine.functions import SCALARS, write_function
from engine.notation import Index, Letter, Notation, letter, write_index

__all__ = [
    "Apply",
    "Cell",
    "Formula",
    "Indicator",
    "Max",
    "Number",
    "Place",
    "Power",
    "Product",
    "Quotient",
    "Sum",
    "Tensor",
    "Term",
    "apply",
    "indicator",
    "largest",
    "total",
]

ADDING, NEGATING, MULTIPLYING, ATOM = range(4)


@dataclass(frozen=True)
class Tensor:
    """A tensor that formulas read: its id, its shape, and whose it is.

    ``of`` is None for the image on stage, ``"batch"`` for the gradients of the coming update,
    ``"next"`` for what the update writes.
    """

    id: str
    shape: tuple[int, ...]
    of: str | None = None

    @property
    def key(self) -> str:
        """Where :meth:`Formula.value` looks it up: ``F.w``, ``batch:F.dw``, ``next:F.w``."""
        return self.id if self.of is None else f"{self.of}:{self.id}"

    def __getitem__(self, index: Index | tuple[Index, ...]) -> Cell:
        return Cell(self, index if isinstance(index, tuple) else (index,))


class Term(NamedTuple):
    """One term of a formula's sum, and its value."""

    formula: Formula
    value: float


class Formula:
    """A node of the tree. Nodes are immutable; operators build new ones."""

    def __add__(self, other: Formula | float) -> Sum:
        return Sum((self, lift(other)))

    def __sub__(self, other: Formula | float) -> Sum:
        return Sum((self, -lift(other)))

    def __rsub__(self, other: float) -> Sum:
        return Sum((lift(other), -self))

    def __neg__(self) -> Product:
        return Product((Number(-1.0), self))

    def __mul__(self, other: Formula | float) -> Product:
        return Product((self, lift(other)))

    def __truediv__(self, other: Formula | float) -> Quotient:
        return Quotient(self, lift(other))

    def __pow__(self, other: Formula | float) -> Power:
        return Power(self, lift(other))

    def __radd__(self, other: float) -> Sum:
        return Sum((lift(other), self))

    def __rmul__(self, other: float) -> Product:
        return Product((lift(other), self))

    def children(self) -> tuple[Formula, ...]:
        """The nodes right below this one, all of them written out."""
        return ()

    def samples(self) -> tuple[Formula, ...]:
        """The nodes right below, a sum shown by one term with letters; works without ranges."""
        return self.children()

    def value(self, tensors: Mapping[str, NDArray[Any]]) -> float:
        """The number: ``tensors`` maps :attr:`Tensor.key` to an array of the tensor's shape."""
        raise NotImplementedError

    def cells(self) -> tuple[Cell, ...]:
        """The cells that it reads, in order, each once; cells outside their tensor left out."""
        found: dict[Cell, None] = {}
        for node in self.walk():
            if isinstance(node, Cell) and node.inside:
                found[node] = None
        return tuple(found)

    def walk(self) -> Iterator[Formula]:
        """This node and all below it, from the left."""
        yield self
        for child in self.children():
            yield from child.walk()

    def tensors(self) -> tuple[Tensor, ...]:
        """The tensors that it reads, in order, each once; works for a law with letters, too."""
        found: dict[Tensor, None] = {}
        nodes: list[Formula] = [self]
        while nodes:
            node = nodes.pop(0)
            if isinstance(node, Cell):
                found[node.tensor] = None
            nodes = [*node.samples(), *nodes]
        return tuple(found)

    def law(self, notation: Notation) -> str:
        """The formula with letters, as TeX."""
        return self._tex(notation)[0]

    def terms(self, tensors: Mapping[str, NDArray[Any]]) -> tuple[Term, ...]:
        """The terms of the topmost sum (one if there is none); their values add up to the value."""
        parts = self.children() if isinstance(self, Sum) else (self,)
        return tuple(Term(part, part.value(tensors)) for part in parts)

    def expand(self, explain: Callable[[Cell], Formula | None]) -> Formula:
        """The same value one level deeper: each cell replaced by ``explain(cell)`` unless None."""
        return self.rebuild(tuple(child.expand(explain) for child in self.children()))

    def rebuild(self, children: tuple[Formula, ...]) -> Formula:
        """This node over other children."""
        return self

    def tree(self) -> dict[str, Any]:
        """The formula as plain data, as it goes over the wire."""
        raise NotImplementedError

    def _tex(self, notation: Notation) -> tuple[str, int]:
        """TeX, and how tightly its outermost operation binds."""
        raise NotImplementedError

    def _wrapped(self, notation: Notation, tightness: int) -> str:
        text, own = self._tex(notation)
        return text if own >= tightness else rf"\left({text}\right)"


def lift(value: Formula | float) -> Formula:
    """A plain number as a formula."""
    return value if isinstance(value, Formula) else Number(float(value))


@dataclass(frozen=True)
class Number(Formula):
    """A number that the configuration fixes; nothing that can change is ever one."""

    number: float

    def value(self, tensors: Mapping[str, NDArray[Any]]) -> float:
        return self.number

    def tree(self) -> dict[str, Any]:
        return {"op": "number", "value": self.number}

    def _tex(self, notation: Notation) -> tuple[str, int]:
        if self.number == 0.5:
            return r"\tfrac{1}{2}", ATOM
        return f"{self.number:g}", ATOM if self.number >= 0 else NEGATING


@dataclass(frozen=True)
class Place(Formula):
    """An index as a number: 0-based as a value, written from 1."""

    index: Index

    def value(self, tensors: Mapping[str, NDArray[Any]]) -> float:
        return float(numeric(self.index))

    def tree(self) -> dict[str, Any]:
        return {"op": "number", "value": numeric(self.index)}

    def _tex(self, notation: Notation) -> tuple[str, int]:
        return write_index(self.index), ATOM


@dataclass(frozen=True)
class Cell(Formula):
    """One cell of a tensor; 0 where the index lies outside the shape."""

    tensor: Tensor
    index: tuple[Index, ...]

    @property
    def inside(self) -> bool:
        """Whether the tensor has this cell; false for the padding around an image."""
        pairs = zip(self.index, self.tensor.shape, strict=True)
        return all(0 <= numeric(i) < size for i, size in pairs)

    def value(self, tensors: Mapping[str, NDArray[Any]]) -> float:
        place = tuple(numeric(one) for one in self.index)
        return float(tensors[self.tensor.key][place]) if self.inside else 0.0

    def expand(self, explain: Callable[[Cell], Formula | None]) -> Formula:
        return (explain(self) if self.inside else None) or self

    def tree(self) -> dict[str, Any]:
        node: dict[str, Any] = {"op": "cell", "tensor": self.tensor.id, "index": list(self.index)}
        return node if self.tensor.of is None else {**node, "of": self.tensor.of}

    def _tex(self, notation: Notation) -> tuple[str, int]:
        return notation.cell(self.tensor.id, self.index, self.tensor.of), ATOM


class Family:
    """Formulas counted by letters: written out for numbers, shown once for letters.

    ``over`` maps each index letter to the numbers that it takes, or to None in a law whose own
    cell is given by letters. ``alone`` says that at most one of them exists, so that a law needs no
    sum sign.
    """

    def __init__(
        self,
        body: Callable[..., Formula],
        over: Mapping[str, Iterable[int] | None],
        *,
        alone: bool = False,
    ) -> None:
        self.body, self.letters, self.alone = body, tuple(over), alone
        self.ranges = {name: None if some is None else tuple(some) for name, some in over.items()}

    @cached_property
    def pattern(self) -> Formula:
        """The body with letters; a letter that takes one number only is that number."""
        only = [some[0] if some and len(some) == 1 else None for some in self.ranges.values()]
        pairs = zip(self.letters, only, strict=True)
        return self.body(*(letter(name) if one is None else one for name, one in pairs))

    @property
    def counted(self) -> str:
        """The letters that take more than one number, as they stand under a sum sign."""
        return ",".join(n for n, some in self.ranges.items() if some is None or len(some) != 1)

    @cached_property
    def members(self) -> tuple[Formula, ...]:
        """The body for every choice of numbers, the last letter running fastest."""
        ranges = [some for some in self.ranges.values() if some is not None]
        if len(ranges) < len(self.letters):
            raise TypeError("a law with letters has no terms; ask for the formula of a cell")
        return tuple(self.body(*numbers) for numbers in every(*ranges))


class Gathering(Formula):
    """A node over any number of formulas, given one by one or as a family."""

    op = ""

    def __init__(self, parts: tuple[Formula, ...] | Family) -> None:
        self.parts = parts

    def children(self) -> tuple[Formula, ...]:
        return self.parts.members if isinstance(self.parts, Family) else self.parts

    def samples(self) -> tuple[Formula, ...]:
        return (self.parts.pattern,) if isinstance(self.parts, Family) else self.parts

    def rebuild(self, children: tuple[Formula, ...]) -> Formula:
        return type(self)(children)

    def tree(self) -> dict[str, Any]:
        return {"op": self.op, "args": [child.tree() for child in self.children()]}


class Sum(Gathering):
    """A sum; of no terms, 0."""

    op = "sum"

    def value(self, tensors: Mapping[str, NDArray[Any]]) -> float:
        return float(sum(child.value(tensors) for child in self.children()))

    def _tex(self, notation: Notation) -> tuple[str, int]:
        if isinstance(self.parts, Family):
            return self._family_tex(self.parts, notation)
        text = ""
        for part in self.parts:
            one = part._wrapped(notation, NEGATING)
            text += one if not text or one.startswith("-") else f"+{one}"
        return text or "0", ADDING

    def _family_tex(self, family: Family, notation: Notation) -> tuple[str, int]:
        known = all(some is not None for some in family.ranges.values())
        if known and not family.members:
            return "0", ATOM
        if known and len(family.members) == 1:
            return family.members[0]._tex(notation)
        if not known and family.alone:
            return family.pattern._tex(notation)
        body = family.pattern._wrapped(notation, NEGATING)
        return rf"\sum_{{{family.counted}}} {body}", NEGATING


class Max(Gathering):
    """The largest."""

    op = "max"

    def value(self, tensors: Mapping[str, NDArray[Any]]) -> float:
        return max(child.value(tensors) for child in self.children())

    def _tex(self, notation: Notation) -> tuple[str, int]:
        if isinstance(self.parts, Family) and any(v is None for v in self.parts.ranges.values()):
            body = self.parts.pattern._tex(notation)[0]
            return rf"\max_{{{self.parts.counted}}} {body}", MULTIPLYING
        inside = r",\,".join(child._tex(notation)[0] for child in self.children())
        return rf"\max\left({inside}\right)", ATOM


class Product(Gathering):
    """A product."""

    op = "product"

    def value(self, tensors: Mapping[str, NDArray[Any]]) -> float:
        result = 1.0
        for child in self.children():
            result *= child.value(tensors)
        return result

    def _tex(self, notation: Notation) -> tuple[str, int]:
        factors = list(self.children())
        negative = factors[0] == Number(-1.0) and len(factors) > 1
        written = [one._wrapped(notation, MULTIPLYING) for one in factors[negative:-1]]
        last = factors[-1]
        open_end = isinstance(last, Gathering) and isinstance(last.parts, Family)
        written.append(last._wrapped(notation, NEGATING if open_end else MULTIPLYING))
        text = r" \cdot ".join(written)
        return (f"-{text}", NEGATING) if negative else (text, MULTIPLYING)


@dataclass(frozen=True)
class Quotient(Formula):
    """A quotient; 0 where the denominator is 0."""

    numerator: Formula
    denominator: Formula

    def children(self) -> tuple[Formula, ...]:
        return self.numerator, self.denominator

    def rebuild(self, children: tuple[Formula, ...]) -> Formula:
        return Quotient(*children)

    def value(self, tensors: Mapping[str, NDArray[Any]]) -> float:
        below = self.denominator.value(tensors)
        return self.numerator.value(tensors) / below if below != 0.0 else 0.0

    def tree(self) -> dict[str, Any]:
        return {"op": "quotient", "args": [one.tree() for one in self.children()]}

    def _tex(self, notation: Notation) -> tuple[str, int]:
        above, below = (one._tex(notation)[0] for one in self.children())
        return rf"\frac{{{above}}}{{{below}}}", ATOM


@dataclass(frozen=True)
class Power(Formula):
    """A power."""

    base: Formula
    exponent: Formula

    def children(self) -> tuple[Formula, ...]:
        return self.base, self.exponent

    def rebuild(self, children: tuple[Formula, ...]) -> Formula:
        return Power(*children)

    def value(self, tensors: Mapping[str, NDArray[Any]]) -> float:
        return float(self.base.value(tensors) ** self.exponent.value(tensors))

    def tree(self) -> dict[str, Any]:
        return {"op": "power", "args": [one.tree() for one in self.children()]}

    def _tex(self, notation: Notation) -> tuple[str, int]:
        base, exponent = self.base._wrapped(notation, ATOM), self.exponent._tex(notation)[0]
        if isinstance(self.base, Cell):
            base = rf"\left({base}\right)"
        return f"{{{base}}}^{{{exponent}}}", MULTIPLYING


class Apply(Gathering):
    """A named function of one number, or of many (``logsumexp``)."""

    op = "apply"

    def __init__(self, function: str, parts: tuple[Formula, ...] | Family) -> None:
        super().__init__(parts)
        self.function = function

    def rebuild(self, children: tuple[Formula, ...]) -> Formula:
        return Apply(self.function, children)

    def value(self, tensors: Mapping[str, NDArray[Any]]) -> float:
        return SCALARS[self.function](*(child.value(tensors) for child in self.children()))

    def tree(self) -> dict[str, Any]:
        return {**super().tree(), "function": self.function}

    def _tex(self, notation: Notation) -> tuple[str, int]:
        if isinstance(self.parts, Family):
            inside = self.parts.pattern._tex(notation)[0]
            return rf"\ln \sum_{{{self.parts.counted}}} e^{{{inside}}}", NEGATING
        inside = ",".join(child._tex(notation)[0] for child in self.children())
        return write_function(self.function, inside), ATOM


@dataclass(frozen=True)
class Indicator(Formula):
    """1 where the two sides are equal, else 0.

    ``arrow``, where given, is how the law writes it: the switch on the left points to that cell.
    """

    left: Formula
    right: Formula
    arrow: tuple[Index, ...] | None = None

    def children(self) -> tuple[Formula, ...]:
        return self.left, self.right

    def rebuild(self, children: tuple[Formula, ...]) -> Formula:
        left, right = children
        return Indicator(left, right, self.arrow)

    def value(self, tensors: Mapping[str, NDArray[Any]]) -> float:
        return float(self.left.value(tensors) == self.right.value(tensors))

    def tree(self) -> dict[str, Any]:
        return {"op": "indicator", "args": [one.tree() for one in self.children()]}

    def _tex(self, notation: Notation) -> tuple[str, int]:
        left, right = (one._tex(notation)[0] for one in self.children())
        if self.arrow is not None:
            place = ",".join(write_index(index) for index in self.arrow)
            return rf"[\,{left} \to ({place})\,]", ATOM
        return rf"[\,{left} = {right}\,]", ATOM


def numeric(index: Index) -> int:
    """An index that must be a number by now."""
    if isinstance(index, Letter):
        raise TypeError(f"{write_index(index)} is a letter; a value needs the formula of a cell")
    return index


def total(body: Callable[..., Formula], **over: Iterable[int] | None) -> Sum:
    """Σ of ``body`` over its index letters, each with the numbers that it takes; ``i_`` is i′."""
    return Sum(Family(body, {name.replace("_", "'"): some for name, some in over.items()}))


def largest(body: Callable[..., Formula], **over: Iterable[int] | None) -> Max:
    """The largest of ``body`` over its index letters."""
    return Max(Family(body, over))


def apply(function: str, *arguments: Formula) -> Apply:
    """A named function of formulas."""
    return Apply(function, arguments)


def indicator(left: Formula, right: Formula, arrow: tuple[Index, ...] | None = None) -> Indicator:
    """1 where ``left`` equals ``right``, else 0."""
    return Indicator(left, right, arrow)
