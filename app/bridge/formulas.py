"""Formulas: of one cell, of all cells of a tensor, or of a cell and its neighbours."""

from __future__ import annotations

from functools import lru_cache
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from app.bridge.incoming import require_cell, unknown_index, unknown_tensor
from app.bridge.setups import Setup
from app.bridge.writing import dumps
from app.problems import Problem
from engine.errors import UnknownIndex, UnknownTensor
from engine.trace import Equation

if TYPE_CHECKING:
    from app.settings import Settings as Limits

NEIGHBOURS = 5  # a run of neighbours has this part of what an answer may have


def formula_out(equation: Equation) -> dict[str, Any]:
    """A ``Formula``."""
    cell = equation.cell
    return {
        "tensor": cell.tensor.id,
        "index": list(cell.index),
        "law": equation.law(),
        "equal": equation.equal(),
        "tree": equation.tree(),
        "cells": equation.cells(),
    }


def formula_answer(here: Setup, tensor: str, index: tuple[int, ...]) -> bytes:
    """The formula of one cell."""
    known(here, tensor)
    try:
        return dumps(formula_out(here.script.equation(tensor, index)))
    except UnknownIndex as error:
        raise unknown_index(error) from error


def known(here: Setup, tensor: str) -> tuple[int, ...]:
    """The shape of a tensor that has formulas, or the problem that there is none of this name."""
    try:
        return here.script.shape(tensor)
    except UnknownTensor as error:
        raise unknown_tensor(tensor, here.script.explained, "has formulas") from error


@lru_cache(maxsize=64)
def formulas_written(here: Setup, tensor: str) -> bytes:
    """The formulas of all cells of a tensor, row-major."""
    return dumps({"formulas": [formula_out(one) for one in here.script.equations(tensor)]})


def formulas_answer(here: Setup, tensor: str, limits: Limits) -> bytes:
    """The formulas of all cells of a tensor, up to a bound."""
    cells, terms = effort(here, tensor)
    if cells > limits.formula_cells or terms > limits.formula_terms:
        raise Problem(
            422,
            f"{tensor} has {cells} cells, and their formulas read about {terms} others; an answer "
            f"has at most {limits.formula_cells} cells and {limits.formula_terms} that they read. "
            "Ask for one cell with ?index=.",
        )
    return formulas_written(here, tensor)


def effort(here: Setup, tensor: str) -> tuple[int, int]:
    """How many cells a tensor has, and about how many cells are named in all their formulas."""
    shape = known(here, tensor)
    middle = tuple(n // 2 for n in shape)
    return prod(shape), prod(shape) * (1 + len(here.script.equation(tensor, middle).cells()))


def formulas_around(here: Setup, tensor: str, index: tuple[int, ...], limits: Limits) -> bytes:
    """The formulas of all cells of a tensor, or where they are too many of a run that has a cell.

    Runs are as long for each cell of a tensor, and far below the bound: pointing at a cell of a
    large tensor asks for its neighbours too, and is to be answered at once.
    """
    cells, terms = effort(here, tensor)
    shape = known(here, tensor)
    if cells <= limits.formula_cells and terms <= limits.formula_terms:
        return formulas_written(here, tensor)
    require_cell(tensor, index, shape)
    most = min(limits.formula_cells, limits.formula_terms * cells // terms) // NEIGHBOURS
    count = max(1, most)
    place = int(np.ravel_multi_index(index, shape)) if shape else 0
    first = place - place % count
    places = range(first, min(first + count, cells))
    found = [tuple(int(i) for i in np.unravel_index(n, shape)) for n in places]
    formulas = [formula_out(here.script.equation(tensor, one)) for one in found]
    return dumps({"formulas": formulas, "from": first})
