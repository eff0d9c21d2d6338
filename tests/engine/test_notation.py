"""Symbols as people write them."""

import pytest

from engine import Network
from engine.notation import Index, letters, write_index
from tests.engine.stacks import STACKS

TEXTBOOK = STACKS["textbook"]
SEVERAL = STACKS["two convolutions, channels, stride, padding, leftovers"]
HIDDEN = STACKS["hidden layers"]
i, j, p = letters("i j p")


@pytest.mark.parametrize(
    ("index", "written"),
    [
        (0, "1"),
        (11, "12"),
        (i, "i"),
        (i + p, "i+p-1"),
        (2 * i + 1, "2i"),
        (2 * i, "2i-1"),
        (i - j, "i+1-j"),
        (3 - i, "5-i"),
        (i - i, "1"),
    ],
)
def test_letters_count_from_1_on_paper(index: Index, written: str) -> None:
    """0-based sums of letters are written for letters that count from 1."""
    assert write_index(index) == written


@pytest.mark.parametrize(
    ("network", "tensor", "index", "written"),
    [
        (TEXTBOOK, "I.a", (0, 1, 2), "x_{23}"),
        (TEXTBOOK, "F.w", (0, 0, 1, 2), "w^{F1}_{23}"),
        (TEXTBOOK, "F.b", (2,), "b^{F3}"),
        (TEXTBOOK, "F.delta", (0, 1, 2), r"\delta^{F1}_{23}"),
        (TEXTBOOK, "F.slope", (0, 1, 2), "a'(z^{F1}_{23})"),
        (TEXTBOOK, "P.switch", (1, 0, 0), "s^{P2}_{11}"),
        (TEXTBOOK, "O.w", (2, 1, 0, 1), r"w^{O3}_{2\text{-}12}"),
        (TEXTBOOK, "O.b", (2,), "b^{O}_{3}"),
        (TEXTBOOK, "O.z", (0,), "z^{O}_{1}"),
        (TEXTBOOK, "t", (0,), "t_{1}"),
        (TEXTBOOK, "C", (), "C"),
        (TEXTBOOK, "eta", (), r"\eta"),
        (TEXTBOOK, "F.db", (0,), r"\frac{\partial C}{\partial b^{F1}}"),
        (SEVERAL, "I.a", (1, 0, 0), "x^{2}_{11}"),
        (SEVERAL, "F2.w", (0, 2, 1, 0), r"w^{F_{2},1}_{3\text{-}21}"),
        (SEVERAL, "F1.delta", (1, 0, 0), r"\delta^{F_{1},2}_{11}"),
        (SEVERAL, "F1.a", (1, 9, 0), "a^{F_{1},2}_{10,1}"),
        (HIDDEN, "H1.w", (0, 1, 0, 0), r"w^{H_{1},1}_{2\text{-}11}"),
        (HIDDEN, "H2.w", (0, 3), "w^{H_{2},1}_{4}"),
        (HIDDEN, "O.w", (1, 2), "w^{O2}_{3}"),
    ],
)
def test_a_cell_as_the_textbook_writes_it(
    network: Network, tensor: str, index: tuple[int, ...], written: str
) -> None:
    """The filter's number stands behind the letter, set apart where layers are numbered too."""
    assert network.notation.cell(tensor, index) == written


@pytest.mark.parametrize(
    ("tensor", "of", "written"),
    [
        ("F.w", None, "w^{F}"),
        ("O.dw", "batch", r"\frac{\partial C_T}{\partial w^{O}}"),
        ("C", "batch", "C_T"),
        ("F.w.velocity", None, "v[w^{F}]"),
        ("F.w.m", "next", r"m_{\text{new}}[w^{F}]"),
    ],
)
def test_a_whole_tensor(tensor: str, of: str | None, written: str) -> None:
    """A tensor's symbol has no indices; the batch's cost is C_T, an update's state is new."""
    assert TEXTBOOK.notation.symbol(tensor, of) == written
