"""The steps of an iteration, their laws, and the formula of every cell."""

import numpy as np
import pytest
from numpy.typing import NDArray

from engine import Adam, GradientDescent, History, Momentum, Network, Script, Settings
from engine.errors import UnknownIndex, UnknownTensor
from engine.formula import Formula
from engine.optimizers import Optimizer
from engine.trace import trace
from engine.training import Examples
from tests.engine.agreement import assert_agree
from tests.engine.stacks import STACKS, grey, tied

TEXTBOOK = STACKS["textbook"]
STEPS = (
    ("forward", "F", "F.z", r"z^{Fk}_{ij} = \sum_{p,q} w^{Fk}_{pq} \cdot x_{i+p-1,j+q-1}+b^{Fk}"),
    ("forward", "F", "F.a", r"a^{Fk}_{ij} = a(z^{Fk}_{ij})"),
    (
        *("forward", "P", "P.a"),
        (
            r"a^{Pk}_{ij} = \max\left(a^{Fk}_{2i-1,2j-1},\,a^{Fk}_{2i-1,2j},"
            r"\,a^{Fk}_{2i,2j-1},\,a^{Fk}_{2i,2j}\right)"
        ),
    ),
    (
        *("forward", "O", "O.z"),
        r"z^{O}_{n} = \sum_{k,i,j} w^{On}_{k\text{-}ij} \cdot a^{Pk}_{ij}+b^{O}_{n}",
    ),
    ("forward", "O", "O.a", r"a^{O}_{n} = a(z^{O}_{n})"),
    (
        *("cost", "C", "C"),
        r"C = \tfrac{1}{2} \cdot \sum_{n} {\left(t_{n}-a^{O}_{n}\right)}^{2}",
    ),
    ("backward", "O", "O.da", r"\frac{\partial C}{\partial a^{O}_{n}} = a^{O}_{n}-t_{n}"),
    (
        *("backward", "O", "O.delta"),
        r"\delta^{O}_{n} = \frac{\partial C}{\partial a^{O}_{n}} \cdot a'(z^{O}_{n})",
    ),
    (
        *("backward", "O", "O.dw"),
        r"\frac{\partial C}{\partial w^{On}_{k\text{-}ij}} = \delta^{O}_{n} \cdot a^{Pk}_{ij}",
    ),
    ("backward", "O", "O.db", r"\frac{\partial C}{\partial b^{O}_{n}} = \delta^{O}_{n}"),
    (
        *("backward", "P", "P.da"),
        (
            r"\frac{\partial C}{\partial a^{Pk}_{ij}} = "
            r"\sum_{n} \delta^{O}_{n} \cdot w^{On}_{k\text{-}ij}"
        ),
    ),
    (
        *("backward", "F", "F.da"),
        (
            r"\frac{\partial C}{\partial a^{Fk}_{ij}} = \frac{\partial C}{\partial a^{Pk}_{i'j'}}"
            r" \cdot [\,s^{Pk}_{i'j'} \to (i,j)\,]"
        ),
    ),
    (
        *("backward", "F", "F.delta"),
        r"\delta^{Fk}_{ij} = \frac{\partial C}{\partial a^{Fk}_{ij}} \cdot a'(z^{Fk}_{ij})",
    ),
    (
        *("backward", "F", "F.dw"),
        (
            r"\frac{\partial C}{\partial w^{Fk}_{pq}} = "
            r"\sum_{i,j} \delta^{Fk}_{ij} \cdot x_{i+p-1,j+q-1}"
        ),
    ),
    (
        *("backward", "F", "F.db"),
        r"\frac{\partial C}{\partial b^{Fk}} = \sum_{i,j} \delta^{Fk}_{ij}",
    ),
    (
        *("backward", "I", "I.da"),
        (
            r"\frac{\partial C}{\partial x_{ij}} = "
            r"\sum_{k,i',j'} w^{Fk}_{i+1-i',j+1-j'} \cdot \delta^{Fk}_{i'j'}"
        ),
    ),
    (
        *("update", "F", "F.w"),
        (
            r"w^{Fk}_{pq} \leftarrow w^{Fk}_{pq}-\eta \cdot "
            r"\frac{\partial C_T}{\partial w^{Fk}_{pq}}"
        ),
    ),
    (
        *("update", "F", "F.b"),
        r"b^{Fk} \leftarrow b^{Fk}-\eta \cdot \frac{\partial C_T}{\partial b^{Fk}}",
    ),
    (
        *("update", "O", "O.w"),
        (
            r"w^{On}_{k\text{-}ij} \leftarrow w^{On}_{k\text{-}ij}-\eta \cdot "
            r"\frac{\partial C_T}{\partial w^{On}_{k\text{-}ij}}"
        ),
    ),
    (
        *("update", "O", "O.b"),
        r"b^{O}_{n} \leftarrow b^{O}_{n}-\eta \cdot \frac{\partial C_T}{\partial b^{O}_{n}}",
    ),
)


@pytest.mark.parametrize("number", range(1, 21))
def test_the_steps_of_the_textbook(number: int) -> None:
    """The textbook's iteration has these 20 steps, in this order, with these laws."""
    step = Script(TEXTBOOK).steps[number - 1]
    assert step.number == number
    assert (step.phase, step.layer, step.writes.id, step.law) == STEPS[number - 1]
    assert step.writes.of == ("next" if step.phase == "update" else None)


def test_there_is_no_other_step() -> None:
    """One step writes one tensor, and the textbook's network has 20 of them."""
    assert len(Script(TEXTBOOK).steps) == len(STEPS) == 20


def test_a_step_reads_what_was_written_before() -> None:
    """Each tensor that a step reads is given, or was written by an earlier step."""
    for network in STACKS.values():
        for optimizer in (GradientDescent(), Momentum(), Adam()):
            known = {"I.a", "t", "eta", "iteration", "updates", *network.parameter_shapes}
            known |= {n for n in network.shapes if n.endswith(".switch")}
            for name in network.parameter_shapes:
                layer, _, role = name.partition(".")
                known |= {f"batch:{layer}.d{role}"}
                known |= {f"{name}.{state}" for state in optimizer.state}
            for step in Script(network, optimizer).steps:
                assert {tensor.key for tensor in step.reads} <= known
                known.add(step.writes.key)


def everything(
    network: Network, optimizer: Optimizer
) -> tuple[dict[str, NDArray[np.float64]], dict[str, NDArray[np.float64]]]:
    """All tensors that formulas read at iteration 3, by key, and all that they explain, by id."""
    rng = np.random.default_rng(0)
    examples = Examples(rng.random((4, *network.input_shape)), rng.integers(0, network.outputs, 4))
    settings = Settings(optimizer=optimizer, learning_rate=0.05)
    history = History(network, grey(network)[0], settings, examples)
    history.advance(0, 3)
    state, batch = history.state(3), history.batch(3)
    image, target = examples.images[0], examples.targets(network.outputs)[0]
    tensors = trace(network, state.parameters, image, target)
    explained = {name: array for name, array in tensors.items() if name not in state.parameters}
    read = {**tensors, **state.optimizer, "eta": np.array(0.05), "updates": np.array(3)}
    read |= {f"batch:{name}": array for name, array in batch.gradients.items()}
    read |= {f"next:{name}": array for name, array in batch.updated.items()}
    return read, {**explained, **batch.updated}


@pytest.mark.parametrize("optimizer", [GradientDescent(), Momentum(), Adam()], ids=str)
@pytest.mark.parametrize("name", STACKS)
def test_every_cell_has_a_formula_whose_value_is_the_cell_s(
    name: str, optimizer: Optimizer
) -> None:
    """Every computed tensor is explained, cell by cell, the steps of the update included."""
    network = STACKS[name]
    script = Script(network, optimizer)
    read, expected = everything(network, optimizer)
    given = {"I.a", "t"} | {n for n in expected if n.endswith(".switch")}
    assert set(script.explained) == expected.keys() - given
    for tensor in script.explained:
        values = [e.formula.value(read) for e in script.equations(tensor)]
        assert_agree(tensor, np.reshape(values, script.shape(tensor)), expected[tensor])


@pytest.mark.parametrize("name", STACKS)
def test_terms_add_up(name: str) -> None:
    """The terms that an explanation shows add up to the cell's value."""
    network = STACKS[name]
    script, tensors = Script(network), trace(network, *grey(network))
    for tensor in set(script.explained) - network.parameter_shapes.keys():
        sums = [
            sum(term.value for term in equation.formula.terms(tensors))
            for equation in script.equations(tensor)
        ]
        assert_agree(tensor, np.reshape(sums, script.shape(tensor)), tensors[tensor])


@pytest.mark.parametrize("name", STACKS)
def test_cells_read_are_of_the_tensors_that_the_step_reads(name: str) -> None:
    """What lights up at a cell belongs to what its step says that it reads."""
    for step in Script(STACKS[name]).steps:
        for equation in Script(STACKS[name]).equations(step.writes.id):
            assert {cell.tensor for cell in equation.formula.cells()} <= set(step.reads)


def unfolded(script: Script, formula: Formula) -> Formula:
    """A formula expanded as long as a cell has one of its own."""
    while any(script.explain(cell) is not None for cell in formula.cells()):
        formula = formula.expand(script.explain)
    return formula


@pytest.mark.parametrize(
    ("tensor", "index"),
    [("C", ()), ("O.a", (2,)), ("O.delta", (1,)), ("F.delta", (2, 3, 0)), ("I.da", (0, 0, 5))],
)
def test_the_chain_rule_goes_down_to_pixels_and_weights(
    tensor: str, index: tuple[int, ...]
) -> None:
    """Expanded to its end, a cell reads pixels, targets, parameters and winners alone."""
    script, tensors = Script(TEXTBOOK), trace(TEXTBOOK, *tied(TEXTBOOK))
    formula = unfolded(script, script.equation(tensor, index).formula)
    leaves = {cell.tensor.id for cell in formula.cells()}
    assert leaves <= {"I.a", "t", "P.switch", *TEXTBOOK.parameter_shapes}
    largest = np.abs(tensors[tensor]).max()
    allowed = 1e-12 * largest + 1e-15
    assert formula.value(tensors) == pytest.approx(tensors[tensor][index], rel=0, abs=allowed)


def test_each_level_of_the_chain_rule_has_the_same_value() -> None:
    """One click deeper, the number stays what it was."""
    script, tensors = Script(TEXTBOOK), trace(TEXTBOOK, *grey(TEXTBOOK))
    formula: Formula = script.equation("F.delta", (0, 0, 0)).formula
    value = formula.value(tensors)
    for _ in range(4):
        formula = formula.expand(script.explain)
        assert formula.value(tensors) == pytest.approx(value, rel=1e-12)


def test_gradients_of_the_batch_are_where_expanding_ends() -> None:
    """An update reads the gradient over all images, which no formula of one image is."""
    script = Script(TEXTBOOK, Momentum())
    update = script.equation("F.w", (0, 0, 0, 0)).formula.expand(script.explain)
    assert {cell.tensor.key for cell in update.cells()} == {
        *("F.w", "eta", "F.w.velocity", "batch:F.dw")
    }


def test_a_law_with_several_channels_and_layers() -> None:
    """With several layers of a kind their number is set apart; with several maps below, too."""
    script = Script(STACKS["two convolutions, channels, stride, padding, leftovers"])
    laws = {step.writes.id: step.law for step in script.steps}
    assert laws["F1.z"] == (
        r"z^{F_{1},k}_{ij} = \sum_{c,p,q} w^{F_{1},k}_{c\text{-}pq} "
        r"\cdot x^{c}_{2i+p-3,2j+q-3}+b^{F_{1},k}"
    )
    assert laws["F2.delta"] == (
        r"\delta^{F_{2},k}_{ij} = \frac{\partial C}{\partial a^{F_{2},k}_{ij}} "
        r"\cdot a'(z^{F_{2},k}_{ij})"
    )
    assert laws["I.da"].startswith(r"\frac{\partial C}{\partial x^{c}_{ij}} = \sum_{k,i',j'}")


def test_a_cell_is_written_with_numbers_from_1() -> None:
    """Asked for one cell, 0-based, the law writes its indices as people count."""
    assert Script(TEXTBOOK).equation("F.delta", (0, 1, 2)).law() == (
        r"\delta^{F1}_{23} = \frac{\partial C}{\partial a^{F1}_{23}} \cdot a'(z^{F1}_{23})"
    )
    assert Script(TEXTBOOK).equation("F.b", (2,)).law() == (
        r"b^{F3} \leftarrow b^{F3}-\eta \cdot \frac{\partial C_T}{\partial b^{F3}}"
    )


def test_an_equation_as_data() -> None:
    """The tree and the cells of an equation are plain data, whose batch cells say so."""
    equation = Script(TEXTBOOK).equation("O.b", (1,))
    assert equation.cells() == [
        {"tensor": "O.b", "index": [1]},
        {"tensor": "eta", "index": []},
        {"tensor": "O.db", "index": [1], "of": "batch"},
    ]
    assert equation.tree()["op"] == "sum"


@pytest.mark.parametrize("index", [(), (0,), (0, 0, 4), (-1, 0, 0), (0, 0, 0, 0)])
def test_a_cell_that_is_not_there(index: tuple[int, ...]) -> None:
    """An index that the tensor does not have is refused, negative ones included."""
    with pytest.raises(UnknownIndex, match=r"F\.delta has no cell"):
        Script(TEXTBOOK).equation("F.delta", index)


@pytest.mark.parametrize("tensor", ["", "F", "F.q", "X.w", "I.a", "t", "eta"])
def test_a_tensor_that_has_no_formula(tensor: str) -> None:
    """A tensor that is not there, or is given, has no formula, and the answer names those."""
    with pytest.raises(UnknownTensor, match=r"O\.delta"):
        Script(TEXTBOOK).equation(tensor, ())


def test_a_single_activation_shares_its_layer_s_letter() -> None:
    """z and a of a layer have one letter; a pool writes a only."""
    assert {t.partition(".")[0] for t in Script(TEXTBOOK).explained} == set("FPOIC")
    assert "P.z" not in TEXTBOOK.shapes
