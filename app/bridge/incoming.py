"""What comes in: lists of numbers become arrays, bodies become what is done to a run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from pydantic import TypeAdapter, ValidationError

from app import problems
from app.problems import Problem, bad_field, unlike
from app.schemas import (
    LARGEST_PARAMETER,
    CellValue,
    NewTraining,
    StageChange,
    TrainingAlteration,
)
from app.training import Training
from engine.errors import UnknownIndex, require_index
from engine.functions import Array

if TYPE_CHECKING:
    from app.run import Run

CELLS = TypeAdapter(list[CellValue])


def numbers(
    given: object, shape: Sequence[int], low: float, high: float, field: str
) -> list[float]:
    """Lists of lists as one flat list, row-major; raises a problem naming the first bad field."""
    if not shape:
        return [number(given, low, high, field)]
    if not isinstance(given, list) or len(given) != shape[0]:
        raise bad_field(field, f"a list of {shape[0]} (the shape is {list(shape)} here)", given)
    flat: list[float] = []
    for place, part in enumerate(given):
        flat += numbers(part, shape[1:], low, high, f"{field}.{place}")
    return flat


def number(given: object, low: float, high: float, field: str) -> float:
    """A finite number within bounds; raises a problem where it is not."""
    is_number = isinstance(given, int | float) and not isinstance(given, bool)
    if not is_number or not low <= given <= high:  # type: ignore[operator]
        raise bad_field(field, f"a number from {low:g} to {high:g}", given)
    return float(given)  # type: ignore[arg-type]


def image(given: list[Any], shape: tuple[int, ...]) -> Array:
    """Pixels (row, column), or (channel, row, column), as an array of the network's input shape."""
    is_flat = bool(given) and isinstance(given[0], list) and not holds_lists(given[0])
    wanted = shape[1:] if is_flat and shape[0] == 1 else shape
    return np.array(numbers(given, wanted, 0, 1, "pixels"), np.float64).reshape(shape)


def holds_lists(given: list[Any]) -> bool:
    """Whether the first thing in a list is a list."""
    return bool(given) and isinstance(given[0], list)


def stage_change(body: StageChange) -> dict[str, Any]:
    """What is put on the stage, as keywords."""
    return {name: getattr(body, name) for name in body.model_fields_set}


def edited(run: Run, body: Mapping[str, list[Any]]) -> dict[str, Array]:
    """The run's parameters with the edits made; the run itself is left as it is."""
    parameters = dict(run.state().parameters)
    if not body:
        raise unlike("body", f"one of {', '.join(parameters)}", "no tensor")
    for tensor, given in body.items():
        if tensor not in parameters:
            raise bad_field("body", f"one of {', '.join(parameters)}", tensor)
        old = parameters[tensor]
        if given and isinstance(given[0], dict):
            parameters[tensor] = with_cells(old, tensor, given)
        else:
            flat = numbers(given, old.shape, -LARGEST_PARAMETER, LARGEST_PARAMETER, tensor)
            parameters[tensor] = np.array(flat, np.float64).reshape(old.shape)
    return parameters


def with_cells(old: Array, tensor: str, given: list[Any]) -> Array:
    """A copy of a parameter in which some cells have new values."""
    try:
        cells = CELLS.validate_python(given)
    except ValidationError as error:
        faults = [{**one, "loc": (tensor, *one["loc"])} for one in error.errors()]
        raise problems.invalid(faults) from error
    new = old.copy()
    for place, cell in enumerate(cells):
        require_cell(tensor, cell.index, old.shape, f"{tensor}.{place}.index")
        new[tuple(cell.index)] = cell.value
    return new


def training(body: NewTraining) -> Training:
    """A training as it is asked for, without the iteration where it begins."""
    return Training(**body.model_dump(exclude={"iterations"}))


def training_change(body: TrainingAlteration) -> dict[str, Any]:
    """What is to be another way about a training."""
    changes = body.model_dump(exclude_unset=True)
    if "paused" in changes:
        changes["state"] = "paused" if changes.pop("paused") else "running"
    return changes


def unknown_tensor(tensor: str, there: Iterable[str], what: str) -> Problem:
    """The problem of a tensor's id."""
    words = f"No tensor {problems.shown(tensor)} {what} here; there are {', '.join(there)}."
    return Problem(404, words)


def unknown_index(error: UnknownIndex, field: str = "index") -> Problem:
    """The problem of a cell's index."""
    wanted = f"{len(error.shape)} whole numbers below {list(error.shape)}, counted from 0"
    return bad_field(field, wanted, str(list(error.index)))


def require_cell(
    tensor: str, index: Sequence[int], shape: tuple[int, ...], field: str = "index"
) -> None:
    """Refuse an index that is no cell's; ``field`` is where it came."""
    try:
        require_index(tensor, tuple(index), shape)
    except UnknownIndex as error:
        raise unknown_index(error, field) from error
