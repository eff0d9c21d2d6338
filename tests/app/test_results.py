"""How well a network does: on what it learnt from, and on what it has never seen."""

from typing import Any

import httpx
import numpy as np

from app.kinds import kinds
from app.shelf import load


def test_without_a_test_set_only_training_is_judged(run: Any) -> None:
    """The confusion matrix counts every training image; C and accuracy are the batch's."""
    batch = run.descend(60)["batch"]
    found = run("GET", "results").json()
    assert (found["iteration"], found["test"]) == (60, None)
    judged = found["training"]
    assert np.sum(judged["confusion"], axis=1).tolist() == [32, 32, 32]
    assert np.trace(judged["confusion"]) / 96 == judged["accuracy"] == batch["accuracy"]
    assert np.isclose(judged["C"], batch["C"], rtol=1e-12)


def test_test_images_are_not_learnt_from(make_run: Any) -> None:
    """With a test set the update's images are training images alone; both are judged."""
    run = make_run(preset="digits-8x8")
    kept = load("digits-8x8").test
    assert kept is not None
    trace = run.descend(90)
    assert not kept[trace["batch"]["samples"]].any()
    found = run("GET", "results").json()
    assert found["training"]["count"] == int((~kept).sum())
    assert found["test"]["count"] == int(kept.sum()) == np.sum(found["test"]["confusion"])
    assert found["test"]["accuracy"] > 0.8


def test_results_follow_the_position(run: Any) -> None:
    """Back at iteration 0 the results are those of iteration 0."""
    first = run("GET", "results").json()
    run.descend(30)
    assert run("GET", "results").json() != first
    run.move(iteration=0)
    assert run("GET", "results").json() == first


def test_results_need_a_data_set(make_run: Any, refusal: Any) -> None:
    """Where no data set fits, there is nothing to judge: 409."""
    layers = [{"type": "dense", "units": 4}]
    refusal(make_run(config={"layers": layers})("GET", "results"), 409)


def test_kinds_name_words_and_bounds(http: httpx.Client) -> None:
    """``GET /api/kinds`` gives the bounds that a configuration is checked with."""
    found = http.get("/api/kinds").json()
    assert found == kinds().model_dump()
    filters = found["layers"]["conv"]["filters"]
    assert (filters["minimum"], filters["maximum"]) == (1, 64)
    too_many = {"layers": [{"type": "conv", "filters": 65, "size": 3}]}
    assert http.post("/api/runs", json={"config": too_many}).status_code == 422
    assert found["training"]["learning_rate"]["default"] == 0.2
    assert found["training"]["batch"]["values"] == ["all"]
    assert found["layers"]["pool"]["kind"]["values"] == ["max", "average", "l2"]
