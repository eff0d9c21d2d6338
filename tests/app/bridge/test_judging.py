"""How well a network does: on what it learnt from, and on what it has never seen."""

from typing import Any

import numpy as np
import pytest

from app.shelf import load


def test_predictions_are_what_each_image_on_stage_gets(run: Any, refusal: Any) -> None:
    """The network's answer to every training image, and how many are right."""
    batch = run.descend(20)["batch"]
    found = run("GET", "predictions").json()
    assert (found["iteration"], len(found["predictions"])) == (20, 96)
    assert found["correct"] == pytest.approx(96 * batch["accuracy"])
    for sample in (0, 40, 95):
        answer = run("PUT", "stage", {"sample": sample}).json()
        assert answer["prediction"] == found["predictions"][sample]
    run("PATCH", "config", {"input": {"height": 8}})
    refusal(run("GET", "predictions"), 409)


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
