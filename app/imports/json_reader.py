"""JSON: a `Dataset` as the wire has it, without an id or with one that is not used."""

from __future__ import annotations

from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from app.imports.base import Imported, ImportProblem, bounded, checked

__all__ = ["read_json"]

FIELDS = {"id", "name", "classes", "images", "labels"}
LARGE = 1e15  # beyond it a double no longer counts in ones


def read_json(name: str, content: bytes) -> Imported:
    """Read `{"images": [[[…]…]…], "labels": […], "classes": […], "name": "…"}`.

    Raises:
        ImportProblem: naming the field and the entry.
    """
    try:
        found = orjson.loads(content.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise ImportProblem("Not JSON", f"It cannot be read: {error.msg}.", where) from error
    if not isinstance(found, dict):
        detail = 'Wanted an object with the fields "images" and "labels".'
        raise ImportProblem("Not a data set", detail, "file")
    images = _array(found, "images", depths=(3, 4))
    labels = _array(found, "labels", depths=(1,))
    notes = [f'The field "{key}" was not read.' for key in sorted(found.keys() - FIELDS)[:10]]
    return checked(_name(found, name), images, labels, _classes(found), notes)


def _name(found: dict[str, Any], name: str) -> str:
    given = found.get("name")
    if given is None:
        return name
    if not isinstance(given, str) or not 0 < len(given.strip()) <= 80:
        raise ImportProblem("Not a name", "Wanted text of 1 to 80 characters.", "name")
    return given.strip()


def _classes(found: dict[str, Any]) -> tuple[str, ...] | None:
    given = found.get("classes")
    if given is None:
        return None
    if not isinstance(given, list) or not given:
        raise ImportProblem("Not classes", "Wanted a list of names.", "classes")
    for at, name in enumerate(given):
        if not isinstance(name, str):
            raise ImportProblem("Not a name", "Wanted text.", f"classes[{at}]")
    return tuple(given)


def _array(found: dict[str, Any], field: str, depths: tuple[int, ...]) -> NDArray[Any]:
    if field not in found:
        raise ImportProblem("A field is missing", f'There is no field "{field}".', field)
    given = found[field]
    depth = _depth(given)
    if depth not in depths:
        wanted = " or ".join(str(d) for d in depths)
        detail = f"Wanted numbers in lists {wanted} deep, came {depth} deep."
        raise ImportProblem("Wrong shape", detail, field)
    shape = []
    level = given
    for _ in range(depth):
        shape.append(len(level))
        level = level[0] if level else []
    if field == "images" and 0 not in shape:
        bounded(tuple(shape))
    _walk(given, shape, field)
    return np.array(given, dtype=np.float64)


def _depth(given: object) -> int:
    depth = 0
    while isinstance(given, list):
        depth += 1
        if not given:
            break
        given = given[0]
    return depth


def _walk(given: object, shape: list[int], where: str) -> None:
    """Refuse the first entry that is no number, or no list of the length of its sisters."""
    if not shape:
        if isinstance(given, bool) or not isinstance(given, (int, float)) or abs(given) > LARGE:
            raise ImportProblem("Not a number", "Wanted a number of ordinary size.", where)
        return
    if not isinstance(given, list) or len(given) != shape[0]:
        came = f"{len(given)} entries" if isinstance(given, list) else "something else"
        detail = f"Wanted a list of {shape[0]}, as the first one is; came {came}."
        raise ImportProblem("Wrong shape", detail, where)
    if len(shape) == 1 and _is_plain(given):
        return
    for at, entry in enumerate(given):
        _walk(entry, shape[1:], f"{where}[{at}]")


def _is_plain(entries: list[object]) -> bool:
    """Tell quickly whether all are numbers of ordinary size, as they usually are."""
    return set(map(type, entries)) <= {int, float} and bool(
        (np.abs(np.array(entries, dtype=np.float64)) <= LARGE).all()
    )
