"""JSON: a `Dataset` as the wire has it; an id and notes that it may have are not used."""

from __future__ import annotations

from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from app.imports.base import Imported, ImportProblem, bounded, checked, shown

__all__ = ["read_json"]

FIELDS = {"id", "name", "classes", "images", "labels", "test", "notes"}
LARGE = 1e15  # beyond it a double no longer counts in ones


def read_json(name: str, content: bytes) -> Imported:
    """Read `{"images": [[[…]…]…], "labels": […], "classes": […], "name": "…", "test": […]}`.

    Raises:
        ImportProblem: naming the field and the entry.
    """
    try:
        found = orjson.loads(content.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        came = f"what cannot be read ({error.msg})"
        raise ImportProblem("Not JSON", where, "a data set as JSON", came) from error
    if not isinstance(found, dict):
        wanted = 'an object with the fields "images" and "labels"'
        raise ImportProblem("Not a data set", "file", wanted, _kind(found))
    images = _array(found, "images", depths=(3, 4))
    labels = _array(found, "labels", depths=(1,))
    notes = [f'The field "{key}" was not read.' for key in sorted(found.keys() - FIELDS)[:10]]
    test = _array(found, "test", depths=(1,)) if found.get("test") is not None else None
    return checked(_name(found, name), images, labels, _classes(found), notes, test=test)


def _name(found: dict[str, Any], name: str) -> str:
    given = found.get("name")
    if given is None:
        return name
    if not isinstance(given, str) or not 0 < len(given.strip()) <= 80:
        came = _kind(given) if not isinstance(given, str) else f"{len(given.strip())} characters"
        raise ImportProblem("Not a name", "name", "text of 1 to 80 characters", came)
    return given.strip()


def _classes(found: dict[str, Any]) -> tuple[str, ...] | None:
    given = found.get("classes")
    if given is None:
        return None
    if not isinstance(given, list) or not given:
        raise ImportProblem("Not classes", "classes", "a list of names", _kind(given))
    for at, name in enumerate(given):
        if not isinstance(name, str):
            raise ImportProblem("Not a name", f"classes[{at}]", "text", _kind(name))
    return tuple(given)


def _array(found: dict[str, Any], field: str, depths: tuple[int, ...]) -> NDArray[Any]:
    if field not in found:
        there = ", ".join(f'"{key[:40]}"' for key in list(found)[:10]) or "no field"
        raise ImportProblem("A field is missing", field, f'a field "{field}"', there)
    given = found[field]
    depth = _depth(given)
    if depth not in depths:
        wanted = " or ".join(str(d) for d in depths)
        came = f"lists {depth} deep" if depth else _kind(given)
        raise ImportProblem("Wrong shape", field, f"numbers in lists {wanted} deep", came)
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
            raise ImportProblem("Not a number", where, "a number of ordinary size", _kind(given))
        return
    if not isinstance(given, list) or len(given) != shape[0]:
        wanted = f"a list of {shape[0]}, as the first one is"
        raise ImportProblem("Wrong shape", where, wanted, _kind(given))
    if len(shape) == 1 and _is_plain(given):
        return
    for at, entry in enumerate(given):
        _walk(entry, shape[1:], f"{where}[{at}]")


def _kind(given: object) -> str:
    """Return what came, as a refusal repeats it."""
    if isinstance(given, list):
        return f"a list of {len(given)}"
    if isinstance(given, dict):
        return f"an object of {len(given)} fields"
    if given is None or isinstance(given, bool):
        return {None: "null", True: "true", False: "false"}[given]
    return shown(given) if isinstance(given, str) else f"{given:g}"


def _is_plain(entries: list[object]) -> bool:
    """Tell quickly whether all are numbers of ordinary size, as they usually are."""
    return set(map(type, entries)) <= {int, float} and bool(
        (np.abs(np.array(entries, dtype=np.float64)) <= LARGE).all()
    )
