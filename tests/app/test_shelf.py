"""The shelf of image sets, in a process that has not brought them all itself."""

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
