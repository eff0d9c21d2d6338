"""Runs over HTTP: made, read, moved, edited, explained."""

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

TEN = {"layers": [{"type": "conv", "filters": 2, "size": 3}, {"type": "dense", "units": 10}]}
DRAWING = [[0, 0, 1, 1, 0, 0]] * 6
STEPS = (
    "F.z F.a P.a O.z O.a C O.da O.delta O.dw O.db P.da F.da F.delta F.dw F.db I.da F.w F.b O.w O.b"
)


def test_a_new_run_is_the_textbook(http: httpx.Client) -> None:
    """Without a body, a run is the textbook preset at its beginning, with its address."""
    answer = http.post("/api/runs")
    made = answer.json()
    assert answer.status_code == 201
    assert answer.headers["location"] == f"/api/runs/{made['id']}"
    assert made["preset"] == "textbook"
    assert made["parameters"] == 69
    assert made["version"] == 1
    assert made["position"] == {"iteration": 0, "step": 0}
    assert made["iterations"] == 0
    assert made["config"]["layers"][0] == {
        "type": "conv",
        "filters": 3,
        "size": 3,
        "stride": 1,
        "padding": 0,
        "activation": "sigmoid",
    }
    assert [layer["letter"] for layer in made["layers"]] == ["F", "P", "O"]


def test_reading_gives_what_making_gave(http: httpx.Client) -> None:
    """``GET`` of a run is the ``Run`` that ``POST`` answered."""
    made = http.post("/api/runs", json={}).json()
    assert http.get(f"/api/runs/{made['id']}").json() == made


def test_a_deleted_run_is_gone(run: Any, refusal: Any) -> None:
    """After ``DELETE`` the run is unknown."""
    assert run("DELETE", "").status_code == 204
    refusal(run("GET", ""), 404)
    refusal(run("DELETE", ""), 404)


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


def test_moves_without_step_go_to_its_start(run: Any) -> None:
    """A move without ``step`` goes to step 0, one without ``iteration`` stays in it."""
    run.descend(5)
    run.move(iteration=2, step=20)
    assert run.run()["position"] == {"iteration": 2, "step": 20}
    run.move(step=3)
    assert run.run()["position"] == {"iteration": 2, "step": 3}
    run.move(iteration=4)
    assert run.run()["position"] == {"iteration": 4, "step": 0}


def test_the_update_that_is_promised_happens(run: Any) -> None:
    """``batch.updated`` is, to the bit, the parameters of the next iteration."""
    promised = run.trace()["batch"]["updated"]
    happened = run.descend(1)["tensors"]
    for name, tensor in promised.items():
        assert happened[name] == tensor


def test_going_back_over_an_update_is_exact(run: Any) -> None:
    """Every iteration that was reached can be returned to, to the bit."""
    seen = [run.trace()] + [run.descend(1) for _ in range(6)]
    for iteration in (3, 0, 6, 5, 1):
        back = run.move(iteration=iteration)
        assert back["tensors"] == seen[iteration]["tensors"]
        assert back["batch"] == seen[iteration]["batch"]


def test_any_chunking_gives_the_same_bits(make_run: Any) -> None:
    """The same seed and the same number of updates give the same parameters, however divided."""
    whole, parts = make_run(), make_run()
    whole.descend(450)
    for count in (1, 199, 1, 249):
        parts.descend(count)
    assert whole.parameters() == parts.parameters()
    assert whole.trace()["batch"] == parts.trace()["batch"]


def test_seeds_fix_the_parameters(make_run: Any) -> None:
    """The same seed gives the same weights, another one others."""
    first, again = make_run(), make_run(config={"training": {"seed": 0}})
    other = make_run(config={"training": {"seed": 1}})
    assert first.parameters() == again.parameters()
    assert first.parameters() != other.parameters()


def test_descent_from_the_past_walks_the_future(run: Any) -> None:
    """Descent from an earlier iteration follows what there is and goes on past its end."""
    run.descend(10)
    run.move(iteration=4)
    run.descend(3)
    assert (run.run()["position"]["iteration"], run.run()["iterations"]) == (7, 10)
    run.descend(5)
    assert (run.run()["position"]["iteration"], run.run()["iterations"]) == (12, 12)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("parameters", {"F.w": [{"index": [0, 0, 1, 1], "value": 0.5}]}),
        ("config", {"training": {"learning_rate": 0.1}}),
        ("config", {"layers": [{"type": "dense", "units": 3}]}),
        ("config", {"training": {"seed": 5}}),
    ],
)
def test_an_edit_discards_what_came_after(run: Any, path: str, body: Any) -> None:
    """An edit at iteration i sets ``iterations`` to i and ``step`` to 0."""
    run.descend(6)
    run.move(iteration=4, step=11)
    assert run("PATCH", path, body).status_code == 200
    assert run.run()["position"] == {"iteration": 4, "step": 0}
    assert run.run()["iterations"] == 4


def test_the_past_keeps_its_own_configuration(run: Any) -> None:
    """Replay uses the learning rate, and the layers, that were in force at each iteration."""
    seen = [run.trace()] + [run.descend(1) for _ in range(3)]
    run("PATCH", "config", {"training": {"learning_rate": 0.05}})
    run.descend(2)
    run("PATCH", "config", {"layers": [{"type": "dense", "units": 3, "activation": "tanh"}]})
    run.descend(2)
    assert run.run()["iterations"] == 7
    assert run.move(iteration=2)["tensors"] == seen[2]["tensors"]
    assert run.run()["config"]["training"]["learning_rate"] == 0.2
    assert run.move(iteration=4)["tensors"]["eta"]["values"] == [0.05]
    assert len(run.run()["layers"]) == 3
    run.move(iteration=6)
    assert len(run.run()["layers"]) == 1


def test_going_back_over_a_change_of_input(run: Any) -> None:
    """Where the image on stage does not fit the network of the past, the set's first one does."""
    first = run.descend(2)
    run("PATCH", "config", {"input": {"height": 8, "width": 8}, "dataset": "digits-8x8"} | TEN)
    run("PUT", "stage", {"sample": 1700})
    assert run.descend(2)["tensors"]["I.a"]["shape"] == [1, 8, 8]
    back = run.move(iteration=1)
    assert (back["tensors"]["I.a"]["shape"], back["stage"]["sample"]) == ([1, 6, 6], 0)
    walked = run.descend(3)
    assert (walked["iteration"], walked["tensors"]["I.a"]["shape"]) == (4, [1, 8, 8])
    assert run.move(iteration=1)["tensors"]["F.w"] != first["tensors"]["F.w"]


def test_editing_before_a_change_of_layers_forgets_it(run: Any) -> None:
    """A new future from before a change of layers has the old layers."""
    run.descend(3)
    run("PATCH", "config", {"layers": [{"type": "dense", "units": 3}]})
    run.descend(3)
    run.move(iteration=2)
    run("PATCH", "parameters", {"F.b": [0, 0, 0]})
    assert run.descend(4)["iterations"] == 6
    assert len(run.run()["layers"]) == 3
    assert run("GET", "costs").json()["iterations"] == [0, 1, 2, 3, 4, 5, 6]


def test_cells_and_whole_tensors_are_edited(run: Any) -> None:
    """A cell, or a whole tensor, gets its value, and nothing else changes."""
    before = run.parameters()
    body = {"F.w": [{"index": [2, 0, 1, 2], "value": -0.5}], "O.b": [1, 2.5, -3]}
    after = run("PATCH", "parameters", body).json()["tensors"]
    expected = list(before["F.w"])
    expected[2 * 9 + 1 * 3 + 2] = -0.5
    assert after["F.w"]["values"] == expected
    assert after["O.b"]["values"] == [1, 2.5, -3]
    assert after["O.w"]["values"] == before["O.w"]


def test_parameters_read_whole_can_be_set_whole(run: Any) -> None:
    """What a trace says of a parameter, put back whole, restores it: undo and redo."""
    before = run.trace()["tensors"]
    run("PATCH", "parameters", {"F.w": [{"index": [0, 0, 0, 0], "value": 9}]})
    whole = np.reshape(before["F.w"]["values"], before["F.w"]["shape"]).tolist()
    assert run("PATCH", "parameters", {"F.w": whole}).json()["tensors"] == before


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


def test_an_activation_keeps_the_weights(run: Any) -> None:
    """A change that leaves every parameter its shape keeps the parameters."""
    before = run.descend(2)["tensors"]["F.w"]
    layers = run.run()["config"]["layers"]
    layers[0]["activation"] = "tanh"
    run("PATCH", "config", {"layers": layers})
    assert run.trace()["tensors"]["F.w"] == before


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


def test_learning_from_the_stage_is_the_drawing_alone(run: Any) -> None:
    """The update is that of the drawing on stage, recorded with its pixels and label."""
    run("PATCH", "config", {"training": {"learn_from": "stage"}})
    first = run("PUT", "stage", {"pixels": DRAWING, "label": 1}).json()
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


def test_costs_are_thinned_with_both_ends(run: Any) -> None:
    """``costs`` has the points asked for, first and last included, each the C_T of the time."""
    first = run.trace()["batch"]
    last = run.descend(100)["batch"]
    costs = run("GET", "costs?points=7").json()
    assert len(costs["iterations"]) == len(costs["C"]) == len(costs["accuracy"]) == 7
    assert (costs["iterations"][0], costs["iterations"][-1]) == (0, 100)
    assert (costs["C"][0], costs["C"][-1]) == (first["C"], last["C"])
    assert (costs["accuracy"][0], costs["accuracy"][-1]) == (first["accuracy"], last["accuracy"])
    assert all(earlier < later for earlier, later in pairwise(costs["iterations"]))


def evaluate(node: Any, trace: Any) -> float:
    """The value of a formula's tree in a trace."""
    if node["op"] == "number":
        return float(node["value"])
    if node["op"] == "cell":
        batch = trace["batch"]
        held = {"batch": batch["gradients"], "next": batch["updated"]}
        tensor = held.get(node.get("of"), trace["tensors"])[node["tensor"]]
        return float(np.reshape(tensor["values"], tensor["shape"])[tuple(node["index"])])
    values = [evaluate(one, trace) for one in node["args"]]
    if node["op"] == "apply":
        sigmoid = 1 / (1 + np.exp(-values[0]))
        functions = {"sigmoid": sigmoid, "sigmoid_prime": sigmoid * (1 - sigmoid)}
        return float(functions[node["function"]])
    if node["op"] == "power":
        return float(values[0] ** values[1])
    if node["op"] == "indicator":
        return float(values[0] == values[1])
    gathered = {"sum": np.sum(values), "product": np.prod(values), "max": np.max(values)}
    return float(gathered[node["op"]])


def test_every_cell_has_a_formula_with_its_value(run: Any) -> None:
    """All formulas of all tensors give the values of the trace."""
    trace = run.descend(1)
    written = [(step["writes"], step.get("of")) for step in trace["steps"]]
    for tensor, of in [*written, ("P.mask", None), ("F.slope", None), ("O.slope", None)]:
        formulas = run("GET", f"formulas/{tensor}").json()["formulas"]
        held = (trace["batch"]["updated"] if of else trace["tensors"])[tensor]
        values = [evaluate(formula["tree"], trace) for formula in formulas]
        assert values == pytest.approx(held["values"], rel=1e-12, abs=1e-15), tensor


def test_one_formula_is_the_same_as_among_all(run: Any) -> None:
    """``?index=`` gives the formula that stands in the whole list, an empty one that of C."""
    everything = run("GET", "formulas/F.delta").json()["formulas"]
    assert run("GET", "formulas/F.delta?index=0,1,2").json() == everything[0 * 16 + 1 * 4 + 2]
    assert everything[6]["index"] == [0, 1, 2]
    assert run("GET", "formulas/C?index=").json() == run("GET", "formulas/C").json()["formulas"][0]


def test_the_update_reads_the_gradient_of_the_batch(run: Any) -> None:
    """``GET …/formulas/F.w`` gives the update's formula, its gradient marked as the batch's."""
    formula = run("GET", "formulas/F.w?index=0,0,0,0").json()
    assert {"tensor": "F.dw", "index": [0, 0, 0, 0], "of": "batch"} in formula["cells"]


def test_formulas_with_a_hash_are_immutable(run: Any, refusal: Any) -> None:
    """With ``?config=HASH`` they may be kept for ever, without not, and a wrong hash is refused."""
    name = run.run()["config_hash"]
    kept = run("GET", f"formulas/F.z?config={name}")
    assert "immutable" in kept.headers["cache-control"]
    assert run("GET", "formulas/F.z").headers["cache-control"] == "no-cache"
    refusal(run("GET", "formulas/F.z?config=0000"), 409)


def test_large_tensors_are_explained_cell_by_cell(make_run: Any, refusal: Any) -> None:
    """All formulas of a tensor beyond the bound are refused; the answer names the bound."""
    run = make_run(config={"input": {"height": 40, "width": 40}})
    assert "1024" in refusal(run("GET", "formulas/F.z"), 422)["detail"]
    assert run("GET", "formulas/F.z?index=0,5,6").status_code == 200
    some = run("GET", "formulas/F.z?around=0,5,6").json()
    one = run("GET", "formulas/F.z?index=0,5,6").json()
    assert 0 < len(some["formulas"]) < 1024
    assert one in some["formulas"]
    last = ",".join(map(str, some["formulas"][-1]["index"]))
    assert run("GET", f"formulas/F.z?around={last}").json() == some
    refusal(run("GET", "formulas/F.z?around=0,5,999"), 422)
    small = run("GET", "formulas/O.z?around=0").json()
    assert small == run("GET", "formulas/O.z").json()


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


def test_divergence_keeps_the_last_finite_iteration(make_run: Any, refusal: Any) -> None:
    """409 names iteration, tensor and the learning rate; the run stays where all was finite."""
    run = make_run(
        config={
            "layers": [{"type": "dense", "units": 3, "activation": "identity"}],
            "training": {"learning_rate": 1000},
        }
    )
    problem = refusal(run("POST", "descent", {"iterations": 5000}), 409)
    assert "the learning rate is too large" in problem["detail"]
    assert problem["tensor"] in problem["detail"]
    here = run.run()
    assert 0 < here["iterations"] == here["position"]["iteration"] == problem["iteration"] < 5000
    assert str(problem["iteration"]) in problem["detail"]
    answer = run("GET", "trace")
    assert answer.status_code in {200, 409}
    assert run.move(iteration=1)["iteration"] == 1


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


def test_a_stale_version_changes_nothing(run: Any, refusal: Any) -> None:
    """``If-Match`` with the run's version lets a change through; a stale one gets 412."""
    version = run.run()["version"]
    body, tag = {"iterations": 1}, {"If-Match": f'"{version}"'}
    assert run("POST", "descent", body, headers=tag).status_code == 200
    before = run.run()
    for method, path, content in [
        ("POST", "descent", body),
        ("PUT", "stage", {"sample": 1}),
        ("PUT", "position", {"iteration": 0}),
        ("PATCH", "parameters", {"O.b": [0, 0, 0]}),
        ("PATCH", "config", {"training": {"seed": 1}}),
        ("DELETE", "", None),
    ]:
        refusal(run(method, path, content, headers=tag), 412)
    assert run.run() == before


def test_changes_at_once_are_all_made(run: Any) -> None:
    """Changes that arrive together are made one after the other, none lost."""
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: run("POST", "descent", {"iterations": 1}), range(16)))
    assert {answer.status_code for answer in answers} == {200}
    assert run.run()["iterations"] == 16


def test_a_long_descent_holds_nobody_up(make_run: Any, http: httpx.Client) -> None:
    """While ten thousand iterations run, other requests are answered."""
    run = make_run()
    with ThreadPoolExecutor(1) as pool:
        long = pool.submit(run, "POST", "descent", {"iterations": 10_000})
        answered = 0
        while not long.done():
            assert http.get("/healthz").status_code == 200
            answered += 1
            time.sleep(0.02)
        assert long.result().json()["iteration"] == 10_000
    assert answered > 10


def test_a_restart_finds_every_run(start_server: Any, client_of: Any) -> None:
    """After the end of the process (SIGKILL) every run is where it was, to the bit."""
    first = start_server(None)
    with httpx.Client(base_url=first.url, timeout=60) as http:
        plain, edited, drawn = (client_of.made(http) for _ in range(3))
        plain.descend(450)
        plain.move(iteration=333, step=5)
        edited.descend(5)
        edited("PATCH", "config", {"training": {"learning_rate": 0.05}})
        edited.descend(5)
        edited("PATCH", "config", {"layers": [{"type": "dense", "units": 3}]})
        edited.descend(5)
        edited.move(iteration=7)
        edited("PATCH", "parameters", {"F.b": [0, 0, 1]})
        edited.descend(4)
        drawn("PATCH", "config", {"training": {"learn_from": "stage", "optimizer": "adam"}})
        drawn("PUT", "stage", {"pixels": DRAWING, "label": 2})
        drawn.descend(3)
        seen = {one.id: look(one) for one in (plain, edited, drawn)}
    first.kill()
    second = start_server(first.data)
    with httpx.Client(base_url=second.url, timeout=60) as http:
        for run, before in seen.items():
            assert look(client_of(http, run)) == before
        assert client_of(http, drawn.id).descend(2)["iteration"] == 5


def look(run: Any) -> Any:
    """Everything that a run shows, here and at another iteration."""
    here = [run.run(), run.trace(), run("GET", "costs").json()]
    back = run.run()["position"]
    elsewhere = {key: run.move(iteration=2)[key] for key in ("tensors", "batch")}
    run.move(**back)
    del here[0]["version"], here[1]["version"]
    return [*here, elsewhere]


def test_the_page_keeps_this_browsers_run(server: Any) -> None:
    """``/`` gives a new run once; a reload makes no other."""
    with httpx.Client(base_url=server.url) as browser:
        first, again = browser.get("/"), browser.get("/")
        run = browser.cookies["run"]
    assert first.status_code == again.status_code == 200
    assert run in first.text
    assert run in again.text


def test_the_command_says_why_it_does_not_start(server: Any, tmp_path: Any) -> None:
    """A taken port and a folder that cannot be written get one sentence and a non-zero exit."""
    command = str(Path(sys.executable).parent / "backlit")
    port = server.url.rpartition(":")[2]
    blocked = tmp_path / "file"
    blocked.write_text("")
    for arguments, words in [
        (["--port", port, "--data", str(tmp_path / "a")], "already in use"),
        (["--port", "0", "--data", str(blocked)], "cannot hold the runs"),
        (["--port", "70000"], "port"),
    ]:
        ended = subprocess.run([command, *arguments], capture_output=True, text=True, check=False)
        assert ended.returncode == 1
        assert words in ended.stderr
        assert len(ended.stderr.strip().splitlines()) == 1


def test_a_saturated_output_is_named(make_run: Any) -> None:
    """Where an output is too saturated for the factors of cross-entropy, the trace says so."""
    layers = [{"type": "dense", "units": 3, "activation": "sigmoid"}]
    run = make_run(config={"layers": layers, "loss": "cross_entropy", "initial": "zeros"})
    assert run("GET", "trace").json()["saturated"] == []
    trace = run("PATCH", "parameters", {"O.b": [-1000.0, 1000.0, 0.0]}).json()
    cells = [{"tensor": "O.da", "index": [unit]} for unit in (0, 1)]
    assert trace["saturated"] == cells
    assert trace["tensors"]["O.delta"]["values"] == [-1.0, 1.0, 0.5]
