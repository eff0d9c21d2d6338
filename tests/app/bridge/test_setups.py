"""Configurations: laid over each other, made ready, and the data sets that fit them."""

from typing import Any

import httpx


def test_seeds_fix_the_parameters(make_run: Any) -> None:
    """The same seed gives the same weights, another one others."""
    first, again = make_run(), make_run(config={"training": {"seed": 0}})
    other = make_run(config={"training": {"seed": 1}})
    assert first.parameters() == again.parameters()
    assert first.parameters() != other.parameters()


def test_a_config_can_be_posted_back(run: Any, make_run: Any) -> None:
    """``GET`` of a config can be posted back unchanged, and makes the same run."""
    config = run.run()["config"]
    again = make_run(config=config)
    assert again.run()["config"] == config
    assert again.parameters() == run.parameters()
    assert run("PATCH", "config", config).json()["config"] == config


def test_config_is_laid_over_the_preset(make_run: Any) -> None:
    """Objects are merged, lists are replaced whole."""
    layers = [{"type": "dense", "units": 3, "activation": "tanh"}]
    made = make_run(preset="textbook", config={"layers": layers, "training": {"seed": 4}}).run()
    assert made["config"]["layers"] == layers
    assert made["config"]["training"]["seed"] == 4
    assert made["config"]["training"]["learning_rate"] == 0.2
    assert made["config"]["dataset"] == "digits-123-6x6"


def test_config_hash_is_of_what_formulas_depend_on(run: Any) -> None:
    """Learning rate and seed leave the hash; an activation changes it."""
    first = run.run()["config_hash"]
    assert run("PATCH", "config", {"training": {"learning_rate": 1}}).json()["config_hash"] == first
    layers = run.run()["config"]["layers"]
    layers[0]["activation"] = "tanh"
    assert run("PATCH", "config", {"layers": layers}).json()["config_hash"] != first


def test_an_inherited_set_that_does_not_fit_is_left_out(make_run: Any, refusal: Any) -> None:
    """Dataset and batch are null, the stage is a blank drawing, descent is refused."""
    run = make_run(config={"input": {"height": 8, "width": 8}})
    trace = run.trace()
    assert run.run()["config"]["dataset"] is None
    assert run.run()["stage"] == {"sample": None, "label": 0}
    assert trace["batch"] is None
    assert trace["tensors"]["I.a"] == {"shape": [1, 8, 8], "values": [0] * 64}
    assert "learn from" in refusal(run("POST", "descent", {"iterations": 1}), 409)["detail"]
    refusal(run("GET", "contributions/F.dw?index=0,0,0,0"), 409)
    refusal(run("PUT", "stage", {"sample": 0}), 422)
    assert run("GET", "costs").json() == {"iterations": [], "C": [], "accuracy": []}
    run("PATCH", "config", {"training": {"learn_from": "stage"}})
    assert run.descend(2)["iteration"] == 2


def test_a_set_that_is_asked_for_must_fit(run: Any, http: httpx.Client, refusal: Any) -> None:
    """A data set that a configuration names and that does not fit is refused."""
    config = {"input": {"height": 8, "width": 8}, "dataset": "digits-123-6x6"}
    assert refusal(http.post("/api/runs", json={"config": config}), 422)["errors"]
    refusal(run("PATCH", "config", config), 422)
    refusal(run("PATCH", "config", {"dataset": "nowhere"}), 422)
