r"""How people write what the engine computes.

A tensor has an id, ``LAYER.name`` (``F.w``, ``P.a``, ``O.delta``), and indices counted from 0.
People write symbols and count from 1. Only this module translates.

Layer letters: ``I`` input, ``F`` filter (convolution), ``P`` pooling, ``H`` hidden dense, ``O``
output; numbered only when there are several (``F1``, ``F2``). Index letters: ``k`` map (filter),
``c`` input map, ``i, j`` row and column, ``p, q`` row and column in a filter, ``u`` unit (written n
in the output layer and m in a hidden one, as in the textbook).

The textbook is *The Math of Deep Learning* by Yoshiyuki and Sadami Wakui, whose notation is
followed: :math:`w^{Fk}_{pq}`, :math:`w^{On}_{k\text{-}ij}`, :math:`\delta^{Fk}_{ij}`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

__all__ = ["GREEK_AND_PARTIAL", "Index", "Letter", "Notation", "letter", "letters", "write_index"]

#: Names of tensors that belong to no layer.
FREE: Final[Mapping[str, str]] = {
    "C": "C",
    "iteration": r"\text{iteration}",
    "eta": r"\eta",
    "updates": r"\tau",
}
#: Names whose cells are written as a derivative of the cost by another cell.
GREEK_AND_PARTIAL: Final[Mapping[str, str]] = {"da": "a", "dw": "w", "db": "b"}


@dataclass(frozen=True)
class Letter:
    """A sum of index letters with whole factors, plus a constant; letters count from 0.

    >>> i, p = letters("i p")
    >>> write_index(i + p)  # both count from 1 on paper
    'i+p-1'
    """

    factors: tuple[tuple[str, int], ...]
    constant: int = 0

    def __add__(self, other: Index) -> Letter:
        if isinstance(other, int):
            return Letter(self.factors, self.constant + other)
        factors = dict(self.factors)
        for name, factor in other.factors:
            factors[name] = factors.get(name, 0) + factor
        kept = tuple((name, factor) for name, factor in factors.items() if factor)
        return Letter(kept, self.constant + other.constant)

    def __mul__(self, factor: int) -> Letter:
        kept = tuple((name, one * factor) for name, one in self.factors)
        return Letter(kept, self.constant * factor)

    def __sub__(self, other: Index) -> Letter:
        return self + (other * -1)

    def __rsub__(self, other: int) -> Letter:
        return self * -1 + other

    __radd__ = __add__
    __rmul__ = __mul__


Index = int | Letter


def letter(name: str) -> Letter:
    """The index letter of that name."""
    return Letter(((name, 1),))


def letters(names: str) -> tuple[Letter, ...]:
    """Several index letters, by their names with blanks between."""
    return tuple(letter(name) for name in names.split())


def write_index(index: Index) -> str:
    """An index as people write it, counted from 1.

    Every letter L counts from 1 on paper, so L is put as L − 1 and the whole is raised by 1.
    """
    if isinstance(index, int):
        return str(index + 1)
    constant = index.constant + 1 - sum(factor for _, factor in index.factors)
    parts = [
        (factor, f"{'' if abs(factor) == 1 else abs(factor)}{name}")
        for name, factor in index.factors
    ]
    if constant or not parts:
        parts.append((constant, str(abs(constant))))
    parts.sort(key=lambda part: part[0] < 0)
    return "".join(f"{'-' if sign < 0 else '+'}{text}" for sign, text in parts).removeprefix("+")


def path(first: Index, rest: tuple[Index, ...]) -> str:
    """A map and a place in it: ``2-13``, but ``2,12,3`` where a dash could be taken for a minus."""
    written = run(rest)
    return (
        f"{write_index(first)},{written}"
        if "," in written
        else rf"{write_index(first)}\text{{-}}{written}"
    )


def run(indices: tuple[Index, ...]) -> str:
    """Several indices in a row: ``23``, ``ij``, but ``12,3`` and ``i+p-1,j+q-1``."""
    written = [write_index(index) for index in indices]
    narrow = all(len(text.replace("'", "")) == 1 for text in written)
    return ("" if narrow else ",").join(written)


@dataclass(frozen=True)
class Notation:
    """The symbols of one network: what is written depends on how many layers and maps there are.

    ``kinds`` maps a layer's letter to ``input``, ``conv``, ``pool`` or ``dense``; ``channels`` maps
    a letter to the number of maps that the layer reads (the input layer: its own).
    """

    kinds: Mapping[str, str]
    channels: Mapping[str, int]

    def symbol(self, tensor: str, of: str | None = None) -> str:
        r"""The symbol of a whole tensor, as TeX: ``\delta^{F}``."""
        return self._write(tensor, None, of)

    def cell(self, tensor: str, index: tuple[Index, ...], of: str | None = None) -> str:
        r"""The symbol of one cell, as TeX: ``\delta^{F1}_{23}`` for ``F.delta`` at (0, 1, 2)."""
        return self._write(tensor, index, of)

    def index_letters(self, tensor: str, rank: int) -> tuple[Letter, ...]:
        """The letters with which a law counts the cells of that tensor."""
        return letters(" ".join(self._letter_names(tensor, rank)))

    def unit(self, layer: str) -> str:
        """The letter that counts the units of a dense layer: n for outputs, m for hidden ones."""
        return "n" if layer == "O" else "m"

    def unit_below(self, layer: str) -> str:
        """The letter that counts the units that a dense layer reads."""
        return "m" if layer == "O" else "l"

    def _letter_names(self, tensor: str, rank: int) -> Iterator[str]:
        if tensor == "t":
            return iter("n")
        layer, _, name = tensor.partition(".")
        kind, name = self.kinds.get(layer, "free"), name.split(".")[0].removeprefix("d")
        if kind == "dense" and name == "w":
            below = ["k", "i", "j"] if rank == 4 else [self.unit_below(layer)]
            return iter([self.unit(layer), *below])
        if kind == "dense":
            return iter([self.unit(layer)][:rank])
        if kind == "conv" and name == "w":
            return iter("kcpq")
        return iter(["c" if kind == "input" else "k", "i", "j"][:rank])

    def _write(self, tensor: str, index: tuple[Index, ...] | None, of: str | None) -> str:
        if tensor in FREE:
            return "C_T" if tensor == "C" and of == "batch" else FREE[tensor]
        if tensor == "t":
            return "t" if index is None else f"t_{{{run(index)}}}"
        layer, _, name = tensor.partition(".")
        if "." in name:
            return self._state(layer, name, index, of)
        if name in GREEK_AND_PARTIAL:
            below = self._plain(layer, GREEK_AND_PARTIAL[name], index)
            cost = "C_T" if of == "batch" else "C"
            return rf"\frac{{\partial {cost}}}{{\partial {below}}}"
        if name == "slope":
            return f"a'({self._plain(layer, 'z', index)})"
        return self._plain(layer, name, index)

    def _state(self, layer: str, name: str, index: tuple[Index, ...] | None, of: str | None) -> str:
        parameter, _, kind = name.partition(".")
        mark = r"_{\text{new}}" if of == "next" else ""
        head = {"velocity": "v", "m": "m", "v": "v"}[kind]
        return rf"{head}{mark}[{self._plain(layer, parameter, index)}]"

    def _plain(self, layer: str, name: str, index: tuple[Index, ...] | None) -> str:
        head = {"delta": r"\delta", "switch": "s", "mask": "m"}.get(name, name)
        above, below = self._layer(layer), ""
        kind = self.kinds[layer]
        if kind == "input":
            head, above = "x", ""
        if index is not None:
            above, below = self._indices(layer, kind, name, index, above)
        return head + (f"^{{{above}}}" if above else "") + (f"_{{{below}}}" if below else "")

    def _indices(
        self, layer: str, kind: str, name: str, index: tuple[Index, ...], above: str
    ) -> tuple[str, str]:
        if kind == "input":
            return (write_index(index[0]) if self.channels[layer] > 1 else ""), run(index[1:])
        if kind == "dense":
            if name != "w":
                return above, run(index)
            inner = index[1:]
            below = path(inner[0], inner[1:]) if len(inner) > 1 else run(inner)
            return self._numbered(above, index[0]), below
        numbered = self._numbered(above, index[0])
        if name == "b":
            return numbered, ""
        if name == "w":
            several = self.channels[layer] > 1
            return numbered, path(index[1], index[2:]) if several else run(index[2:])
        return numbered, run(index[1:])

    @staticmethod
    def _layer(layer: str) -> str:
        return layer if len(layer) == 1 else f"{layer[0]}_{{{layer[1:]}}}"

    @staticmethod
    def _numbered(above: str, number: Index) -> str:
        """The filter's number behind the letter: F1; F_{2},1 where layers are numbered too."""
        return f"{above},{write_index(number)}" if "_" in above else above + write_index(number)
