"""A run: its position in its history, what edits do to it, how it learns."""

from itertools import pairwise
from typing import Any

import numpy as np
import pytest

TEN = {"layers": [{"type": "conv", "filters": 2, "size": 3}, {"type": "dense", "units": 10}]}


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
    assert set(promised) == {"F.w", "F.b", "O.w", "O.b"}
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


def test_an_activation_keeps_the_weights(run: Any) -> None:
    """A change that leaves every parameter its shape keeps the parameters."""
    before = run.descend(2)["tensors"]["F.w"]
    layers = run.run()["config"]["layers"]
    layers[0]["activation"] = "tanh"
    run("PATCH", "config", {"layers": layers})
    assert run.trace()["tensors"]["F.w"] == before


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
