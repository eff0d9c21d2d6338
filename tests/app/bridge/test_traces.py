"""Traces: everything of one iteration, and everything as it would be."""

from typing import Any

import numpy as np
import pytest

STEPS = (
    "F.z F.a P.a O.z O.a C O.da O.delta O.dw O.db P.da F.da F.delta F.dw F.db I.da F.w F.b O.w O.b"
)


def test_the_trace_holds_the_steps_in_order(run: Any) -> None:
    """The textbook has twenty steps, and each tensor that a step writes is in the trace."""
    trace = run.trace()
    assert " ".join(step["writes"] for step in trace["steps"]) == STEPS
    assert [step["number"] for step in trace["steps"]] == list(range(1, 21))
    for step in trace["steps"]:
        held = trace["batch"]["updated"] if step.get("of") == "next" else trace["tensors"]
        assert step["writes"] in held
        assert len(step["reads"]) == len(step["reads_of"])
        assert step["law"]


def test_tensors_have_as_many_values_as_their_shape(run: Any) -> None:
    """Values go flat beside their shape, masks, slopes, target, η and the batch's among them."""
    trace = run.trace()
    batch = trace["batch"]
    for tensor in [
        *trace["tensors"].values(),
        *batch["gradients"].values(),
        *batch["updated"].values(),
    ]:
        assert len(tensor["values"]) == int(np.prod(tensor["shape"]))
    assert {"P.mask", "P.switch", "F.slope", "O.slope", "t", "eta"} <= set(trace["tensors"])
    assert trace["tensors"]["C"]["shape"] == []
    assert trace["tensors"]["iteration"]["values"] == [0]


def test_batch_names_its_images_and_measures_all(run: Any) -> None:
    """A full batch is the whole set, and C_T is the sum of its images' costs."""
    batch = run.trace()["batch"]
    costs = []
    for sample in range(96):
        answer = run("PUT", "stage", {"sample": sample}).json()
        costs += answer["tensors"]["C"]["values"]
    assert batch["samples"] == list(range(96))
    assert batch["measured_at"] == 0
    assert batch["C"] == pytest.approx(sum(costs), rel=1e-12)


def test_a_saturated_output_is_named(make_run: Any) -> None:
    """Where an output is too saturated for the factors of cross-entropy, the trace says so."""
    layers = [{"type": "dense", "units": 3, "activation": "sigmoid"}]
    run = make_run(config={"layers": layers, "loss": "cross_entropy", "initial": "zeros"})
    assert run("GET", "trace").json()["saturated"] == []
    trace = run("PATCH", "parameters", {"O.b": [-1000.0, 1000.0, 0.0]}).json()
    cells = [{"tensor": "O.da", "index": [unit]} for unit in (0, 1)]
    assert trace["saturated"] == cells
    assert trace["tensors"]["O.delta"]["values"] == [-1.0, 1.0, 0.5]


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


def test_the_batch_says_where_it_begins_another_future(run: Any) -> None:
    """An update from the stage branches where something else was learnt, or nothing yet."""
    assert run.trace()["batch"]["branches"] is False
    run("PATCH", "config", {"training": {"learn_from": "stage"}})
    run("POST", "descent", {"iterations": 3})
    run("PUT", "position", {"iteration": 1})
    assert run.trace()["batch"]["branches"] is False
    assert run("PUT", "stage", {"sample": 5}).json()["batch"]["branches"] is True
    assert run("PUT", "stage", {"sample": 0}).json()["batch"]["branches"] is False
