"""Data sets, in and out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from functools import lru_cache

import numpy as np

from app import i18n, sayings, shelf
from app.bridge.incoming import image
from app.bridge.writing import dumps
from app.imports import Imported, ImportProblem, read
from app.problems import Problem, bad_field
from app.schemas import Datasets, DatasetSummary, NewImage, NewSplit
from app.store.base import Store


def dataset_summaries(cards: Iterable[shelf.Card]) -> Datasets:
    """Data sets without their images."""
    return Datasets(datasets=[DatasetSummary.model_validate(asdict(card)) for card in cards])


def dataset_answer(
    name: str, first: int = 0, count: int | None = None, language: str = i18n.DEFAULT
) -> bytes:
    """A data set with its images: (n, row, column), or (n, channel, row, column).

    Of the images, ``count`` (None: all) from number ``first`` on; of everything else, all. Its
    notes are in ``language``. A problem where there is no such set, or no longer.
    """
    shelf.require(name)
    return written(name, first, count, language)


@lru_cache(maxsize=8)
def written(name: str, first: int, count: int | None, language: str) -> bytes:
    """The same, kept because a set never changes."""
    found = shelf.load(name)
    wanted = found.images[first : None if count is None else first + count]
    images = wanted[:, 0] if wanted.shape[1] == 1 else wanted
    kept = np.flatnonzero(np.zeros(0) if found.test is None else found.test)
    return dumps(
        {
            "id": found.id,
            "name": found.name,
            "classes": list(found.classes),
            "images": np.ascontiguousarray(images),
            "labels": np.ascontiguousarray(found.labels),
            "test": kept,
            "notes": [sayings.said(note, language) for note in shelf.notes(name)],
        }
    )


def imported(filename: str, content: bytes) -> Imported:
    """A data set out of a file; a problem that says which sheet, row or field is wrong."""
    try:
        return read(filename, content)
    except ImportProblem as error:
        fault = {"field": error.field, "wanted": error.wanted, "came": error.came}
        raise Problem(422, str(error), errors=[fault]) from error


def with_image(store: Store, name: str, body: NewImage, limit: int) -> DatasetSummary:
    """A copy of a data set with one more image."""
    found = shelf.load(name)
    if body.label >= len(found.classes):
        raise bad_field("label", f"0 to {len(found.classes) - 1}, one a class", body.label)
    pixels = image(body.pixels, found.shape)
    return told(shelf.add_image(store, name, pixels, body.label, limit))


def with_test(store: Store, name: str, body: NewSplit, limit: int) -> DatasetSummary:
    """A copy of a data set of which a share is kept for testing."""
    return told(shelf.split(store, name, body.share, body.seed, limit))


def told(card: shelf.Card) -> DatasetSummary:
    """A data set that was made just now, its notes in the language of whoever made it."""
    notes = [sayings.said(note) for note in card.notes]
    return DatasetSummary.model_validate({**asdict(card), "notes": notes})
