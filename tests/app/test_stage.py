"""The stage: images of the set, drawings, and learning from what is there."""

from typing import Any

import httpx
import numpy as np
import pytest

DRAWING = [[0, 0, 1, 1, 0, 0]] * 6


def test_a_sample_on_stage_brings_its_label(run: Any, http: httpx.Client) -> None:
    """``{"sample": 5}`` puts pixels and label of the set's image on stage."""
    data = http.get("/api/datasets/digits-123-6x6").json()
    trace = run("PUT", "stage", {"sample": 5}).json()
    assert trace["stage"] == {"sample": 5, "label": data["labels"][5]}
    assert trace["tensors"]["I.a"]["values"] == np.ravel(data["images"][5]).tolist()


def test_a_drawing_keeps_the_label_unless_it_has_one(run: Any) -> None:
    """Pixels without a label keep the one on stage; with one, take it."""
    run("PUT", "stage", {"sample": 5})
    label = run.run()["stage"]["label"]
    kept = run("PUT", "stage", {"pixels": DRAWING}).json()
    taken = run("PUT", "stage", {"pixels": [DRAWING], "label": 1}).json()
    assert kept["stage"] == {"sample": None, "label": label}
    assert kept["tensors"]["I.a"]["values"] == np.ravel(DRAWING).tolist()
    assert taken["stage"] == {"sample": None, "label": 1}


def test_the_stage_leaves_batch_and_position(run: Any) -> None:
    """The batch does not depend on the stage, and the stage is no part of the position."""
    run.descend(3)
    before = run.move(iteration=2, step=9)
    after = run("PUT", "stage", {"pixels": DRAWING, "label": 0}).json()
    assert after["batch"] == before["batch"]
    assert (after["iteration"], after["step"], after["iterations"]) == (2, 9, 3)


def test_learning_from_the_stage_is_the_drawing_alone(run: Any) -> None:
    """The update is that of the drawing on stage, recorded with its pixels and label."""
    run("PATCH", "config", {"training": {"learn_from": "stage"}})
    first = run("PUT", "stage", {"pixels": DRAWING, "label": 1}).json()
    assert set(first["batch"]["gradients"]) == {"F.dw", "F.db", "O.dw", "O.db"}
    assert set(first["batch"]["updated"]) == {"F.w", "F.b", "O.w", "O.b"}
    for name, gradient in first["batch"]["gradients"].items():
        assert gradient["values"] == pytest.approx(first["tensors"][name]["values"], rel=1e-12)
    second = run.descend(1)
    for name, tensor in first["batch"]["updated"].items():
        assert second["tensors"][name] == tensor
    run("PUT", "stage", {"pixels": np.eye(6).tolist(), "label": 2})
    run.descend(1)
    assert run("PUT", "stage", {"pixels": DRAWING, "label": 1}).status_code == 200
    assert run.move(iteration=0)["tensors"] == first["tensors"]
    assert run.move(iteration=1)["tensors"]["F.w"] == second["tensors"]["F.w"]


def test_learning_another_drawing_in_the_past_is_an_edit(run: Any) -> None:
    """Descent with another image on stage than was learnt from discards what came after."""
    run("PATCH", "config", {"training": {"learn_from": "stage"}})
    run("PUT", "stage", {"pixels": DRAWING, "label": 1})
    run.descend(5)
    run.move(iteration=2)
    assert run.descend(1)["iterations"] == 5
    run.move(iteration=2)
    run("PUT", "stage", {"pixels": np.eye(6).tolist(), "label": 1})
    assert run.run()["iterations"] == 5
    assert run.descend(1)["iterations"] == 3
