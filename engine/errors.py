"""Everything that can go wrong in the engine, as one tree.

    BacklitError
    ├── ShapeError         a layer cannot stand on the shape below it
    ├── CombinationError   two parts that do not go together (cross-entropy on tanh outputs)
    ├── DataError          images, labels or targets of the wrong kind
    ├── UnknownTensor      no tensor of that id in this network
    ├── UnknownIndex       no such cell in the tensor
    └── Diverged           the next numbers of a descent would not be finite

Each message says where, what was wanted and what came.
"""

from __future__ import annotations

from collections.abc import Iterable

__all__ = [
    "BacklitError",
    "CombinationError",
    "DataError",
    "Diverged",
    "ShapeError",
    "UnknownIndex",
    "UnknownTensor",
    "require_index",
]


class BacklitError(Exception):
    """The root of the tree: catch this to catch them all."""


class ShapeError(BacklitError):
    """A layer cannot stand on the shape below it; ``place`` counts operations from 0, if known."""

    def __init__(self, layer: str, wanted: str, came: str, place: int | None = None) -> None:
        super().__init__(f"{layer}: wanted {wanted}, came {came}")
        self.layer, self.wanted, self.came, self.place = layer, wanted, came, place


class CombinationError(BacklitError):
    """Two parts that do not go together; ``place`` counts operations from 0, if known."""

    def __init__(self, layer: str, wanted: str, came: str, place: int | None = None) -> None:
        super().__init__(f"{layer}: wanted {wanted}, came {came}")
        self.layer, self.wanted, self.came, self.place = layer, wanted, came, place


class DataError(BacklitError):
    """Images, labels or targets of the wrong kind."""

    def __init__(self, field: str, wanted: str, came: str) -> None:
        super().__init__(f"{field}: wanted {wanted}, came {came}")
        self.field, self.wanted, self.came = field, wanted, came


class UnknownTensor(BacklitError):
    """No tensor of that id in this network."""

    def __init__(self, tensor: str, known: Iterable[str]) -> None:
        names = ", ".join(sorted(known))
        super().__init__(f"no tensor {tensor!r} here; there are {names}")
        self.tensor = tensor


class UnknownIndex(BacklitError):
    """No such cell in the tensor."""

    def __init__(self, tensor: str, index: tuple[int, ...], shape: tuple[int, ...]) -> None:
        super().__init__(
            f"{tensor} has no cell {list(index)}: wanted {len(shape)} whole numbers below "
            f"{list(shape)}, counted from 0"
        )
        self.tensor, self.index, self.shape = tensor, index, shape


class Diverged(BacklitError):
    """The next numbers of a descent would not be finite; the last finite iteration is kept."""

    def __init__(self, iteration: int, tensor: str) -> None:
        super().__init__(
            f"the update after iteration {iteration} would make {tensor} infinite: "
            "the learning rate is too large"
        )
        self.iteration, self.tensor = iteration, tensor


def require_index(tensor: str, index: tuple[int, ...], shape: tuple[int, ...]) -> None:
    """Raise UnknownIndex for an index that is no cell's, 0-based; none counts from the end."""
    if len(index) != len(shape) or not all(0 <= i < n for i, n in zip(index, shape, strict=True)):
        raise UnknownIndex(tensor, index, shape)
