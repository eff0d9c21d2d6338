"""Formulas over HTTP: of all cells, of one, and of a cell with its neighbours."""

from typing import Any

import numpy as np
import pytest


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
