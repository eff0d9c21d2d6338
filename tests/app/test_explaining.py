"""Curves that a slope is drawn on, and what would be: read, and nothing changed."""

from typing import Any

import numpy as np
import pytest


def test_the_tangent_is_the_gradient(run: Any) -> None:
    """The slope on the cost's curve is the gradient, of the image and of the batch."""
    trace = run.trace()
    at = "index=1,0,2,0"
    place = 9 + 6
    image = run("GET", f"curve/F.w?{at}").json()
    assert image["slope"] == pytest.approx(trace["tensors"]["F.dw"]["values"][place])
    assert image["C"] == pytest.approx(trace["tensors"]["C"]["values"][0])
    batch = run("GET", f"curve/F.w?{at}&of=batch&points=5&span=0.5").json()
    assert batch["slope"] == pytest.approx(trace["batch"]["gradients"]["F.dw"]["values"][place])
    assert batch["C"] == pytest.approx(trace["batch"]["C"])
    assert batch["value"] == trace["tensors"]["F.w"]["values"][place]
    assert len(batch["values"]) == len(batch["costs"]) == 5
    assert batch["values"][-1] == pytest.approx(batch["value"] + 0.5)


def test_the_curve_follows_the_mean(make_run: Any) -> None:
    """Where learning takes the mean, so do the curve and its slope."""
    run = make_run(config={"training": {"reduction": "mean"}})
    found = run("GET", "curve/O.b?index=2&of=batch").json()
    trace = run.trace()
    assert found["slope"] == pytest.approx(trace["batch"]["gradients"]["O.db"]["values"][2])


def test_curves_are_refused_in_words(run: Any, refusal: Any) -> None:
    """What is no parameter, no cell or too much work says so."""
    refusal(run("GET", "curve/F.z?index=0,0,0"), 404)
    refusal(run("GET", "curve/F.b?index=7"), 422)
    refusal(run("GET", "curve/F.b?index=0&points=2"), 422)
    refusal(run("GET", "curve/F.b?index=0&span=0"), 422)


@pytest.mark.parametrize("path", ["curve/O.b", "contributions/O.db", "check/O.b", "formulas/O.b"])
@pytest.mark.parametrize("index", ["-1", "3", "0,0"])
def test_an_index_is_that_of_a_cell(run: Any, refusal: Any, path: str, index: str) -> None:
    """Whatever is asked of a cell, an index is counted from 0, and no other than a cell's."""
    (fault,) = refusal(run("GET", f"{path}?index={index}"), 422)["errors"]
    assert fault["field"] == "index"
    assert "whole numbers" in fault["wanted"]
    assert "counted from 0" in fault["wanted"]
    assert index in fault["came"].replace(" ", "")


def test_too_much_work_is_refused(make_run: Any, refusal: Any) -> None:
    """Points times images are bounded, and the refusal names the bound."""
    run = make_run(preset="glyphs-28x28")
    said = refusal(run("GET", "curve/O.b?index=0&of=batch&points=61"), 422)
    assert "of=image" in said["detail"]


def test_an_activation_is_a_curve(run: Any, refusal: Any) -> None:
    """It reaches as far as it is asked to; a pool has none, nor has what is not there."""
    found = run("GET", "activation/F?points=31&reach=9.5").json()
    assert found["function"] == "sigmoid"
    assert len(found["z"]) == len(found["a"]) == len(found["slope"]) == 31
    assert (found["z"][0], found["z"][-1]) == (-9.5, 9.5)
    refusal(run("GET", "activation/F?reach=-1"), 422)
    refusal(run("GET", "activation/P"), 404)
    refusal(run("GET", "activation/Q"), 404)


def test_a_preview_is_what_an_edit_would_give(run: Any) -> None:
    """The trace that would be is, to the bit, that of the edit; without it nothing has changed."""
    run.descend(3)
    edit = {"F.w": [{"index": [1, 0, 2, 0], "value": 0.75}]}
    before = run("GET", "trace").json()
    seen = run("POST", "preview", edit).json()
    assert run("GET", "trace").json() == before
    made = run("PATCH", "parameters", edit).json()
    assert seen["tensors"] == made["tensors"]
    assert seen["batch"] == made["batch"]


def test_a_preview_keeps_the_future(run: Any) -> None:
    """Looking at what would be at an earlier iteration discards nothing."""
    run.descend(4)
    run("PUT", "position", {"iteration": 1, "step": 5})
    seen = run("POST", "preview", {"O.b": [0.0, 0.1, -0.1]}).json()
    assert (seen["iteration"], seen["step"]) == (1, 5)
    assert run.run()["iterations"] == 4


def test_a_preview_tells_the_cost_after_the_update(run: Any) -> None:
    """With the coming parameters, C_T is what it is after the update."""
    updated = run.trace()["batch"]["updated"]
    asked = {
        name: np.reshape(one["values"], one["shape"]).tolist() for name, one in updated.items()
    }
    seen = run("POST", "preview", asked)
    assert seen.status_code == 200
    assert seen.json()["batch"]["C"] == run.descend(1)["batch"]["C"]


def test_a_preview_is_refused_as_an_edit_is(run: Any, refusal: Any) -> None:
    """Unknown tensors, cells and numbers are refused."""
    refusal(run("POST", "preview", {}), 422)
    refusal(run("POST", "preview", {"F.z": [0.0]}), 422)
    refusal(run("POST", "preview", {"F.b": [{"index": [9], "value": 0.1}]}), 422)
    refusal(run("POST", "preview", {"F.b": [{"index": [0], "value": 1e9}]}), 422)
