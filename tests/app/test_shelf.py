"""The shelf of image sets, in a process that has not brought them all itself."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from app import shelf
from app.imports import Imported
from app.problems import Problem
from app.store.sqlite import SqliteStore

STROKES = Imported(
    "Strokes, brought elsewhere",
    ("across", "down"),
    np.array([[[[1.0, 1.0], [0.0, 0.0]]], [[[1.0, 0.0], [1.0, 0.0]]]]),
    np.array([0, 1]),
    [],
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    """A store of a test's own, on which sets are looked for."""
    opened = SqliteStore(tmp_path)
    shelf.attach(opened)
    yield opened
    shelf.detach(opened)
    shelf.fetched.cache_clear()
    opened.close()


def test_a_set_is_named_by_its_content_alone(store: SqliteStore) -> None:
    """The id does not depend on what it grew from; it is the one that it always was."""
    below = shelf.bring(store, STROKES, 9)
    assert below.id == "set-723ce019a6f1fb8f725a"
    grown = shelf.add_image(store, below.id, STROKES.images[0], 1, 9)
    assert (grown.id, grown.grown_from) == ("set-e55d96c2d4dedf1e7943", below.id)


def test_a_card_of_before_has_grown_from_nothing(store: SqliteStore) -> None:
    """A set that an earlier version stored is listed, and can grow on."""
    name = shelf.bring(store, STROKES, 9).id
    with store.transaction() as file:
        file.execute("UPDATE datasets SET meta = json_remove(CAST(meta AS TEXT), '$.grown_from')")
    assert [one.grown_from for one in shelf.brought(store)] == [None]
    assert shelf.add_image(store, name, STROKES.images[0], 1, 9).grown_from == name


def test_a_set_that_another_process_brings_is_found(tmp_path: Path) -> None:
    """That a set was not there yet is not remembered: it is found as soon as it is."""
    elsewhere, here = SqliteStore(tmp_path / "elsewhere"), SqliteStore(tmp_path / "here")
    name = shelf.bring(elsewhere, STROKES, 1).id
    brought = elsewhere.dataset(name)
    assert brought is not None
    shelf.attach(here)
    try:
        with pytest.raises(Problem, match="There is no data set"):
            shelf.load(name)
        other = SqliteStore(tmp_path / "here")  # as another process has it
        other.add_dataset(name, *brought)
        other.close()
        assert (shelf.load(name).images == STROKES.images).all()
    finally:
        shelf.detach(here)
        here.close()
        elsewhere.close()
