"""The expression tree and its readings."""

import numpy as np
import pytest

from engine.formula import (
    Formula,
    Number,
    Sum,
    Tensor,
    apply,
    indicator,
    largest,
    total,
)
from engine.notation import Notation, letters

X, W = Tensor("I.a", (1, 2, 3)), Tensor("F.w", (1, 1, 2, 3))
NUMBERS = {
    "I.a": np.arange(6.0).reshape(1, 2, 3),
    "F.w": np.array([[[[1.0, -1.0, 2.0], [0.5, 0.0, 3.0]]]]),
}
SIGNS = Notation({"I": "input", "F": "conv"}, {"I": 1, "F": 1})


def test_operators_compute() -> None:
    """+ − · / and powers of cells and plain numbers have the value that they write."""
    x = X[0, 1, 2]
    assert (1 - x + 2).value(NUMBERS) == -2.0
    assert (-x * 3 / 2).value(NUMBERS) == -7.5
    assert (2 * x**2 + 1).value(NUMBERS) == 51.0
    assert (3 + x - X[0, 0, 1]).value(NUMBERS) == 7.0


def test_a_sum_of_no_terms_is_zero() -> None:
    """A cell that no block holds gets nothing: value 0, written 0, reading no cell."""
    nothing = total(lambda i: X[0, 0, i], i=range(0))
    assert nothing.value(NUMBERS) == 0.0
    assert nothing.law(SIGNS) == "0"
    assert nothing.cells() == ()
    assert nothing.terms(NUMBERS) == ()
    assert nothing.tree() == {"op": "sum", "args": []}


def test_outside_its_shape_a_tensor_is_zero() -> None:
    """The padding around an image reads 0 and is no cell to light up."""
    for index in ((0, -1, 0), (0, 2, 0), (0, 0, 3)):
        assert X[index].value(NUMBERS) == 0.0
        assert X[index].cells() == ()


def test_zero_divided_by_zero_is_zero() -> None:
    """An L2 block that is all 0 passes no error: the quotient by 0 is 0."""
    assert (X[0, 1, 1] / X[0, 0, 0]).value(NUMBERS) == 0.0


def test_law_and_terms_have_one_source() -> None:
    """With letters a sum prints its law, with numbers its terms, the last index fastest."""
    formula = total(lambda p, q: W[0, 0, p, q] * X[0, p, q], p=range(2), q=range(3))
    assert formula.law(SIGNS) == r"\sum_{p,q} w^{F1}_{pq} \cdot x_{pq}"
    terms = formula.terms(NUMBERS)
    assert [term.value for term in terms] == [0.0, -1.0, 4.0, 1.5, 0.0, 15.0]
    assert terms[1].formula.law(SIGNS) == r"w^{F1}_{12} \cdot x_{12}"
    assert formula.value(NUMBERS) == 19.5


def test_cells_come_once_in_order() -> None:
    """A cell that is read twice lights up once."""
    x = X[0, 0, 1]
    assert (x * x + X[0, 0, 0]).cells() == (x, X[0, 0, 0])


def test_tensors_of_a_law_need_no_numbers() -> None:
    """What a step reads is known from its law, whose sums have no terms yet."""
    (i,) = letters("i")
    law = total(lambda p: W[0, 0, p, 0] * X[0, i, 0], p=None)
    assert law.tensors() == (W, X)
    with pytest.raises(TypeError, match="law with letters"):
        law.children()


def test_largest_and_indicator() -> None:
    """max is the largest of its cells; an indicator is 1 where both sides are equal."""
    assert largest(lambda q: X[0, 1, q], q=range(3)).value(NUMBERS) == 5.0
    assert indicator(X[0, 0, 1], Number(1.0)).value(NUMBERS) == 1.0
    assert indicator(X[0, 0, 2], Number(1.0)).value(NUMBERS) == 0.0


def test_expanding_keeps_what_has_no_formula() -> None:
    """Expanding replaces the cells that are explained and leaves the others."""
    formula = X[0, 0, 1] * apply("exp", W[0, 0, 0, 0])
    deeper = formula.expand(lambda cell: Number(7.0) if cell.tensor is X else None)
    assert deeper.cells() == (W[0, 0, 0, 0],)
    assert deeper.value(NUMBERS) == 7.0 * np.exp(1.0)


def test_expanding_keeps_an_indicator_s_arrow() -> None:
    """A factor that names a winner still does after expanding."""
    formula = indicator(X[0, 0, 1], Number(1.0), arrow=(0, 1))
    assert formula.expand(lambda _: None).law(SIGNS) == formula.law(SIGNS)
    assert formula.law(SIGNS).endswith(r"\to (1,2)\,]")


@pytest.mark.parametrize(
    ("formula", "law"),
    [
        ((X[0, 0, 0] + 1) * X[0, 0, 1], r"\left(x_{11}+1\right) \cdot x_{12}"),
        (X[0, 0, 0] - (X[0, 0, 1] - 1), r"x_{11}-\left(x_{12}-1\right)"),
        (X[0, 0, 0] - X[0, 0, 1] * 2, r"x_{11}-x_{12} \cdot 2"),
        ((X[0, 0, 0] + 1) ** 2, r"{\left(x_{11}+1\right)}^{2}"),
        ((X[0, 0, 0] + 1) / 2, r"\frac{x_{11}+1}{2}"),
        (apply("sqrt", X[0, 0, 0]), r"\sqrt{x_{11}}"),
        (apply("sigmoid_prime", X[0, 0, 0]), r"a'(x_{11})"),
    ],
)
def test_brackets_stand_where_they_are_needed(formula: Formula, law: str) -> None:
    """A law reads as it computes, with no bracket too many."""
    assert formula.law(SIGNS) == law


def test_nodes_do_not_change() -> None:
    """An operator makes a new node and leaves the old ones alone."""
    one = Sum((X[0, 0, 1], X[0, 0, 2]))
    before = one.value(NUMBERS)
    two = one + 5
    assert two.value(NUMBERS) == before + 5
    assert one.value(NUMBERS) == before
