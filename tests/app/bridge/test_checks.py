"""What proves a gradient or shows it: differences, shares, and curves that a slope is drawn on."""

from typing import Any

import pytest


@pytest.mark.parametrize("tensor", ["F.w", "O.b", "I.a", "F.z", "P.a", "O.z"])
def test_check_agrees_with_finite_differences(run: Any, tensor: str) -> None:
    """The derivative by back-propagation is that by central differences, where no kink is near."""
    shape = run.trace()["tensors"][tensor]["shape"]
    index = ",".join("0" for _ in shape)
    found = run("GET", f"check/{tensor}?index={index}").json()
    assert set(found) == {"analytic", "numeric", "difference", "step", "kink"}
    if found["kink"] is None:
        assert found["difference"] <= 1e-6 * max(1, abs(found["analytic"]))
    else:
        assert {"tensor", "index", "reason"} == set(found["kink"])


def test_check_of_the_batch_is_its_gradient(run: Any, refusal: Any) -> None:
    """``?of=batch`` varies C_T: its analytic value is the batch's gradient."""
    gradient = run.trace()["batch"]["gradients"]["O.db"]["values"][1]
    assert run("GET", "check/O.b?index=1&of=batch").json()["analytic"] == pytest.approx(gradient)
    refusal(run("GET", "check/I.a?index=0,0,0&of=batch"), 422)
    refusal(run("GET", "check/O.b?index=1&of=nobody"), 422)


@pytest.mark.parametrize("reduction", ["sum", "mean"])
def test_contributions_add_up(make_run: Any, reduction: str) -> None:
    """Each image's share of a batch gradient; together they are the gradient."""
    run = make_run(config={"training": {"reduction": reduction}})
    found = run("GET", "contributions/F.dw?index=0,0,1,1").json()
    gradient = run.trace()["batch"]["gradients"]["F.dw"]["values"][4]
    assert found["samples"] == list(range(96))
    assert len(found["shares"]) == 96
    assert sum(found["shares"]) == pytest.approx(gradient, rel=1e-10, abs=1e-13)
    assert found["total"] == gradient


@pytest.mark.parametrize("path", ["curve/O.b", "contributions/O.db", "check/O.b", "formulas/O.b"])
@pytest.mark.parametrize("index", ["-1", "3", "0,0"])
def test_an_index_is_that_of_a_cell(run: Any, refusal: Any, path: str, index: str) -> None:
    """Whatever is asked of a cell, an index is counted from 0, and no other than a cell's."""
    (fault,) = refusal(run("GET", f"{path}?index={index}"), 422)["errors"]
    assert fault["field"] == "index"
    assert "whole numbers" in fault["wanted"]
    assert "counted from 0" in fault["wanted"]
    assert index in fault["came"].replace(" ", "")


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
