"""The image sets: those that come built in, and those that people have brought.

A set that was brought is named after its content, so its id never means anything else: whoever
has read it may keep it, in any process. Sets are never changed; one with another drawing in it is
another set.

A set goes when nothing has named it for long, or when there is no room (see ``app/expiry.py`` and
the store). What is in use never goes: the store notes what a run names in the transaction that
writes it, and whoever is about to name a set claims it first.
"""

from __future__ import annotations

import io
import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from hashlib import blake2b
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from app.imports import Imported
from app.logs import log
from app.problems import Problem, bad_field, unavailable
from app.store.base import SPARED, Store, Unavailable
from engine import datasets as built_in
from engine.datasets import DataSet

PREFIX = "set-"
KEPT = "are kept for testing."  # how the note of a split ends
COPY = re.compile(r"(.*) \+(\d+)")

STORES: list[Store] = []  # of the applications in this process, the newest last


@dataclass(frozen=True)
class Card:
    """What a list says of a set: all but its images.

    ``grown_from`` is the id of the set that this one is a copy of, with one more image; None for
    every other set, and for those that an earlier version stored.
    """

    id: str
    name: str
    size: int
    shape: tuple[int, ...]
    classes: tuple[str, ...]
    test: int
    notes: tuple[str, ...]
    grown_from: str | None = None


def attach(store: Store) -> None:
    """Look for sets in this store too."""
    STORES.append(store)


def detach(store: Store) -> None:
    """Look there no longer."""
    STORES.remove(store)


def card(found: DataSet, notes: tuple[str, ...] = (), grown_from: str | None = None) -> Card:
    """What a list says of a set."""
    kept = 0 if found.test is None else int(found.test.sum())
    parts = found.id, found.name, len(found), found.shape, found.classes, kept, notes
    return Card(*parts, grown_from)


def built_in_card(name: str) -> Card:
    """What a list says of a set that is built in."""
    about = built_in.about(name)
    return Card(name, about.name, about.size, about.shape, about.classes, about.test, ())


def cards(store: Store) -> list[Card]:
    """Every set: the built-in ones, then those of a store, the oldest first."""
    return [*map(built_in_card, built_in.names()), *brought(store)]


def brought(store: Store) -> Iterator[Card]:
    """The sets of a store; one whose card is damaged is left out, and says so when asked for."""
    for name, meta in store.datasets():
        try:
            yield uncarded(orjson.loads(meta))
        except (ValueError, KeyError, TypeError):
            log.warning("a data set is damaged in the store", dataset=name)


def uncarded(meta: Mapping[str, Any]) -> Card:
    """A card as the store has it."""
    lists: dict[str, Any] = {name: tuple(meta[name]) for name in ("shape", "classes", "notes")}
    return Card(**{**meta, **lists})


def told(name: str, meta: bytes) -> Card:
    """What the store says of a set; a problem where it is damaged."""
    try:
        return uncarded(orjson.loads(meta))
    except (ValueError, KeyError, TypeError) as error:
        raise DamagedSet(name) from error


def claim(name: str) -> bool:
    """Whether there is a set of this id; whoever is about to name it has half an hour for that."""
    if name in built_in.names():
        return True
    return name.startswith(PREFIX) and any(store.touch_dataset(name) for store in reversed(STORES))


def require(name: str) -> None:
    """Refuse the id of a set that is not there, or is there no longer."""
    there = name in built_in.names() or any(store.has_dataset(name) for store in reversed(STORES))
    if not there:
        raise unknown(name)


def load(name: str) -> DataSet:
    """A set by its id; an unknown one is a problem."""
    if name in built_in.names():
        return built_in.load(name)
    require(name)
    return fetched(name)


def notes(name: str) -> tuple[str, ...]:
    """What was said when a set was brought."""
    for store in reversed(STORES):
        if name.startswith(PREFIX) and (found := store.dataset(name)) is not None:
            return told(name, found[0]).notes
    return ()


@lru_cache(maxsize=8)
def fetched(name: str) -> DataSet:
    """A set of a store, kept because it never changes; an unknown one is a problem.

    That there is none is not kept: another process may bring it at any moment. That there is one is
    not told by this: it may have gone since.
    """
    for store in reversed(STORES):
        if name.startswith(PREFIX) and (found := store.dataset(name)) is not None:
            return whole(name, *found)
    raise unknown(name)


def known() -> str:
    """The built-in sets, for a refusal."""
    return ", ".join(built_in.names())


def unknown(name: str) -> Problem:
    """The refusal of an unknown id."""
    words = f"There is no data set {name[:60]!r}; {known()} and the sets that were brought are."
    return Problem(404, words)


# Bringing ---------------------------------------------------------------------------------------


def bring(store: Store, imported: Imported, limit: int) -> Card:
    """Put a set that was read from a file on the shelf."""
    arrays = imported.images, imported.labels, imported.test
    made = DataSet("new", imported.name, imported.classes, *arrays)
    return kept(store, made, tuple(imported.notes), limit)


def add_image(store: Store, name: str, pixels: NDArray[np.float64], label: int, limit: int) -> Card:
    """A copy of a set with one more image in it, to be learnt from.

    ``pixels`` is (channel, row, column), ``label`` the index of its class.
    """
    below = load(name)
    match = COPY.fullmatch(below.name)
    stem, count = (match[1], int(match[2])) if match else (below.name, 0)
    made = replace(
        below,
        name=f"{stem} +{count + 1}",
        images=np.concatenate([below.images, pixels[None]]),
        labels=np.append(below.labels, label),
        test=None if below.test is None else np.append(below.test, False),
    )
    return kept(store, made, notes(name), limit, grown_from=name)


def split(store: Store, name: str, share: float, seed: int, limit: int) -> Card:
    """A copy of a set in which a share of each class, drawn by a seed, is kept for testing.

    ``share`` is above 0 and below 1; of a class of n images ``share · n``, rounded down.
    """
    whole = load(name)
    rng = np.random.default_rng(seed)
    test = np.zeros(len(whole), np.bool_)
    for label in range(len(whole.classes)):
        drawn = rng.permutation(np.flatnonzero(whole.labels == label))
        test[drawn[: int(share * len(drawn))]] = True
    if not test.any():
        wanted = f"a share that keeps at least one of the {len(whole)} images"
        raise bad_field("share", wanted, share)
    said = [note for note in notes(name) if not note.endswith(KEPT)]
    note = f"{int(test.sum())} of {len(whole)} images, drawn by seed {seed}, are kept for testing."
    return kept(store, replace(whole, test=test), (*said, note), limit)


def kept(
    store: Store,
    made: DataSet,
    said: tuple[str, ...],
    limit: int,
    grown_from: str | None = None,
) -> Card:
    """Store a set under the name of its content; a problem where the shelf is full.

    One that is there already stays as it is, with all that was said of it then. A full shelf makes
    room if there is a set on it that nothing names and that rested for an hour.
    """
    content = packed(made)
    named = replace(made, id=f"{PREFIX}{digest(made)}")
    found = card(named, said, grown_from)
    try:
        there = store.dataset(named.id) if store.touch_dataset(named.id) else None
        if there is not None:
            return told(named.id, there[0])
        spared = time.time() - SPARED
        if not store.add_dataset(named.id, orjson.dumps(found), content, limit, spared):
            raise full(limit)
    except Unavailable as error:
        raise unavailable(error) from error
    return found


def full(limit: int) -> Problem:
    """The refusal of a set for which there is no room."""
    words = (
        f"The server keeps {limit} data sets, and has as many already, all of them in use or used "
        "within the last hour."
    )
    return Problem(409, words)


def digest(made: DataSet) -> str:
    """What a set is named after: all that it is."""
    head = orjson.dumps([made.name, made.classes])
    test = b"" if made.test is None else made.test.tobytes()
    numbers = made.images.tobytes() + made.labels.tobytes() + test
    return blake2b(head + numbers, digest_size=10).hexdigest()


def packed(made: DataSet) -> bytes:
    """The arrays of a set as they are stored."""
    file = io.BytesIO()
    test = np.zeros(0, np.bool_) if made.test is None else made.test
    np.savez_compressed(file, images=made.images, labels=made.labels, test=test)
    return file.getvalue()


def whole(name: str, meta: bytes, content: bytes) -> DataSet:
    """A set as the store has it, if that is what was written; else a problem."""
    try:
        found = unpacked(uncarded(orjson.loads(meta)), content)
    except Exception as error:
        raise DamagedSet(name) from error
    if found.id != name or PREFIX + digest(found) != name:
        raise DamagedSet(name)
    return found


class DamagedSet(Problem):
    """The refusal of a set that is not what was written."""

    def __init__(self, name: str) -> None:
        super().__init__(503, f"The data set {name} is damaged in the store.")


def unpacked(about: Card, content: bytes) -> DataSet:
    """A set from its bytes."""
    with np.load(io.BytesIO(content)) as file:
        test = file["test"] if file["test"].size else None
        return DataSet(about.id, about.name, about.classes, file["images"], file["labels"], test)
