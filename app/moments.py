"""Moments: a run as it stood and as it was shown, kept under a short name that can be passed on.

The store keeps what is long, the whole history included; the link holds the name alone. Whoever
opens it gets a run of their own, so that nothing they do changes the run that was shared.
"""

from __future__ import annotations

import re
import secrets
import zlib
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import orjson
from pydantic import ValidationError

from app import bridge, problems
from app.problems import Problem, bad_field
from app.records import packed, pending
from app.run import Run
from app.runs import Runs
from app.schemas import NewMoment, View
from app.settings import Settings
from app.store.base import Chunk, Store
from app.store.uses import sets_in

ID = re.compile(r"[A-Za-z0-9_-]{11}")
PLACES = ("iteration", "step")
NAMES = (*PLACES, *View.model_fields)


class Moments:
    """All moments: made of a run, and made a run again."""

    def __init__(self, runs: Runs, store: Store, settings: Settings) -> None:
        self.runs, self.store, self.settings = runs, store, settings

    def keep(self, run: str, asked: NewMoment) -> dict[str, Any]:
        """Keep a run as it stands, and how it is shown; what is kept, under its name."""
        about, content, sets = self.runs.read(run, lambda it: pictured(it, asked))
        if len(content) > self.settings.moment_bytes:
            words = (
                f"The history of this run is too long to be shared: {len(content)} bytes, "
                f"at most {self.settings.moment_bytes} are kept."
            )
            raise Problem(413, words)
        name = secrets.token_urlsafe(8)
        count, size = self.settings.moments, self.settings.moments_bytes
        self.store.add_moment(name, orjson.dumps(about), content, count, size, sets)
        return {"id": name, **about}

    def read(self, moment: str) -> dict[str, Any]:
        """What a moment is; a problem where there is none of this name."""
        return {"id": moment, **orjson.loads(self.fetched(moment)[0])}

    def view(self, moment: str) -> dict[str, Any]:
        """How a moment is shown."""
        shown: dict[str, Any] = self.read(moment)["view"]
        return shown

    def open(self, moment: str) -> str:
        """Make a run of a moment; the run's id."""
        kept = orjson.loads(zlib.decompress(self.fetched(moment)[1]))
        chunks = [Chunk(kind, key, b64decode(blob)) for kind, key, blob in kept["chunks"]]
        return self.runs.adopt(kept["meta"], chunks)

    def fetched(self, moment: str) -> tuple[bytes, bytes]:
        """A moment as the store has it."""
        found = self.store.moment(moment) if ID.fullmatch(moment) else None
        if found is None:
            raise Problem(404, "There is no moment of this name; its link may be too old.")
        return found


def pictured(run: Run, asked: NewMoment) -> tuple[dict[str, Any], bytes, set[str]]:
    """What is said of a moment; the run's whole history, packed; the brought sets in it."""
    place = asked.model_dump(include=set(PLACES), exclude_unset=True)
    copy = run.fork()
    if place:
        copy.go(**place)
    view = View.model_validate(asked.model_dump(exclude=set(PLACES), exclude_unset=True))
    require(copy, view)
    about = {
        "iteration": copy.iteration,
        "step": copy.step,
        "stage": bridge.stage_out(copy),
        "config_hash": copy.setup.hash,
        "view": view.model_dump(exclude_unset=True),
    }
    return about, *frozen(copy)


def frozen(copy: Run) -> tuple[bytes, set[str]]:
    """A copy of a run with all its chunks, packed, and the brought sets that these name."""
    fresh = replace(
        copy,
        version=1,
        stored_eras=0,
        eras=[replace(era, stored=-1, checkpoints=set(), cut=0) for era in copy.eras],
    )
    chunks, _ = pending(fresh)
    listed = [[one.kind, one.key, b64encode(one.blob).decode()] for one in chunks]
    whole = {"meta": orjson.Fragment(packed(fresh)), "chunks": listed}
    sets = {name for one in chunks for name in sets_in(one.blob)}
    return zlib.compress(orjson.dumps(whole)), sets


def require(run: Run, view: View) -> None:
    """Refuse a view of cells, tensors or maps that the run does not have."""
    shapes = {name: np.shape(value) for name, value in bridge.image_tensors(run).items()}
    for field, tensor in (
        ("cell.tensor", view.cell and view.cell.tensor),
        ("spotlight", view.spotlight),
    ):
        if tensor and tensor not in shapes:
            raise bad_field(field, f"one of {', '.join(shapes)}", tensor)
    if view.cell:
        at = view.cell
        bridge.require_cell(at.tensor, at.index, shapes[at.tensor], "cell.index")
    for letter, map_ in (view.focus or {}).items():
        maps = shapes.get(f"{letter}.z", ())
        if len(maps) != 3 or map_ >= maps[0]:
            raise bad_field(f"focus.{letter}", "a convolution and one of its maps", map_)


def asked_by(query: Mapping[str, str], run: Run) -> tuple[dict[str, Any], list[str]]:
    """What an address asks to be shown, and a sentence for each thing that is refused.

    Each field is judged alone: a bad one is left out, and the others are shown all the same.
    """
    shown: dict[str, Any] = {}
    refused: list[str] = []
    for name in NAMES:
        if name not in query:
            continue
        try:
            asked = NewMoment.model_validate({name: READERS.get(name, text)(query[name])})
            place = asked.model_dump(include=set(PLACES), exclude_unset=True)
            view = asked.model_dump(exclude=set(PLACES), exclude_unset=True)
            run.fork().go(**place)
            require(run, View.model_validate(view))
        except ValidationError as error:
            faults = problems.invalid(error.errors(include_url=False)).errors
            refused += [short(fault) for fault in faults]
        except Problem as problem:
            refused += [short(fault) for fault in problem.errors]
        else:
            shown |= place | view
    return shown, refused


def short(fault: problems.Fault) -> str:
    """A fault in a sentence that has room on the page."""
    return problems.sentence({**fault, "wanted": fault["wanted"].partition(";")[0]})


def text(given: str) -> str:
    """A word as it is."""
    return given


def whole(given: str) -> int | str:
    """A whole number, or what stands there instead of one."""
    return int(given) if given.isascii() and given.isdigit() and len(given) < 16 else given


def words(given: str) -> list[str]:
    """Words between commas."""
    return [word for word in given.split(",") if word]


def pairs(given: str) -> dict[str, int | str]:
    """``F:1,G:0`` as an object."""
    return {letter: whole(number) for letter, _, number in (p.partition(":") for p in words(given))}


def place(given: str) -> dict[str, Any]:
    """``F.z:0,1,2`` as a cell."""
    tensor, _, index = given.partition(":")
    return {"tensor": tensor, "index": [whole(one) for one in words(index)]}


def switch(given: str) -> bool | str:
    """``1`` and ``0`` as true and false."""
    return {"1": True, "0": False}.get(given, given)


READERS: Mapping[str, Callable[[str], object]] = {
    "iteration": whole,
    "step": whole,
    "cell": place,
    "focus": pairs,
    "digits": whole,
    "hide": words,
    "predict": switch,
}
