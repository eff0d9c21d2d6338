"""What every symbol means, in every language: the page of ``docs/notation.md``.

``python -m app.glossary`` prints it; a test keeps the file up to date.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from app import i18n
from app.kinds import kinds
from engine.network import Network
from engine.notation import write_index
from engine.ops import Activation, Conv, Dense, MaxPool
from engine.optimizers import Adam, Momentum

ROLES = {"I": "input", "F": "conv", "P": "pool", "H": "dense", "O": "output"}
HEADINGS = {"en": "meaning", "zh_Hans": "含义"}
INTRODUCTION = """# Notation

Every tensor that Backlit shows: its id and axes, as in code and on the wire, and its symbol, as
on the page. Indices are counted from 0 in code and on the wire and from 1 in symbols. The
notation is that of *The Math of Deep Learning* by Yoshiyuki and Sadami Wakui.

Layer letters: `I` input, `F` filter (convolution), `P` pooling, `H` hidden dense, `O` output.
They are numbered only where there are several: with two convolutions, `F1.w` is written
$w^{F_{1},k}_{pq}$, so that the number of a layer is never mistaken for that of a filter. Where
a convolution reads several maps, its weights name the map first: $w^{Fk}_{c\\text{-}pq}$; where
a dense layer reads no maps, its weights name the neuron below: $w^{On}_{m}$. Gradients of the
cost of all images have $C_T$ in the place of $C$.

Index letters: `k` map (filter), `c` input map, `i`, `j` row and column, `p`, `q` row and column
in a filter, `n` output neuron (`u` in code), `m` neuron of a hidden layer.

What an optimizer remembers is named after the parameter: `F.w.velocity` (momentum), `F.w.m` and
`F.w.v` (Adam), and the same for every other weight and bias.

This page is made by `python -m app.glossary`; a test fails where it is out of date.
"""


@dataclass(frozen=True)
class Entry:
    """A tensor: id, axes as letters, symbol of a cell as TeX, and the key of what it means."""

    tensor: str
    axes: str
    symbol: str
    meaning: str


def entries() -> Iterator[Entry]:
    """Every kind of tensor once, layer by layer, then what belongs to no layer."""
    plain = Network((1, 6, 6), [Conv(3, 3), Activation(), MaxPool(2, 2), Dense(3), Activation()])
    deep = Network((4,), [Dense(4), Activation(), Dense(3), Activation()])
    for letter, network in zip("IFPHO", (plain, plain, plain, deep, plain), strict=True):
        for tensor, rank in ranks(network).items():
            if tensor.startswith(f"{letter}."):
                yield entry(network, tensor, rank)
    for tensor in ("t", "C", "eta", "iteration", "updates"):
        yield entry(plain, tensor, int(tensor == "t"))
    yield Entry("batch.C", "()", plain.notation.symbol("C", "batch"), "meaning.C_T")
    for optimizer in (Momentum(), Adam()):
        for state in optimizer.state:
            yield entry(plain, f"F.w.{state}", 4)


def ranks(network: Network) -> dict[str, int]:
    """How many axes each tensor of the layers has."""
    return {tensor: len(shape) for tensor, shape in network.shapes.items() if "." in tensor}


def entry(network: Network, tensor: str, rank: int) -> Entry:
    """One tensor of a network."""
    letters = network.notation.index_letters(tensor, rank)
    axes = ", ".join(write_index(letter) for letter in letters)
    return Entry(tensor, f"({axes})", network.notation.cell(tensor, letters), meaning(tensor))


def meaning(tensor: str) -> str:
    """The key of a tensor's meaning."""
    letter, _, name = tensor.partition(".")
    if not name:
        return f"meaning.{tensor}"
    state = name.partition(".")[2]
    return f"meaning.{state}" if state else f"meaning.{ROLES[letter]}.{name}"


def markdown() -> str:
    """The whole page."""
    languages = i18n.languages()
    head = ["id", "axes", "symbol", *(HEADINGS[language] for language in languages)]
    rows = [head, ["---"] * len(head)]
    for entry in entries():
        words = [i18n.catalogue(language)[entry.meaning] for language in languages]
        rows.append([f"`{entry.tensor}`", entry.axes, f"${entry.symbol}$", *words])
    table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    return f"{INTRODUCTION}\n{table}\n\n{settings_table()}\n\n{kinds_table()}\n"


def settings() -> tuple[str, ...]:
    """Every field of a configuration, once; what it means is the message ``setting.FIELD``."""
    offered = kinds()
    groups = [offered.input, *offered.layers.values(), offered.training]
    fields = [name for group in groups for name in group if name != "type"]
    return tuple(dict.fromkeys([*fields, "loss", "initial", "dataset"]))


def settings_table() -> str:
    """The fields of a configuration."""
    languages = i18n.languages()
    rows = [["field", *(HEADINGS[language] for language in languages)], ["---"] * 3]
    for name in settings():
        key = f"setting.{name}"
        rows.append([f"`{name}`", *(i18n.catalogue(language)[key] for language in languages)])
    table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    return f"## Settings\n\nThe fields of a configuration.\n\n{table}"


def kind_words() -> Iterator[tuple[str, str]]:
    """Every word that a configuration may choose: the key of what it means, and the word."""
    offered = kinds()
    choices = {
        "function": offered.layers["conv"]["activation"],
        "kind.kind": offered.layers["pool"]["kind"],
        "kind.loss": offered.loss,
        "kind.optimizer": offered.training["optimizer"],
        "kind.initial": offered.initial,
        "kind.reduction": offered.training["reduction"],
    }
    for family, choice in choices.items():
        yield from ((f"{family}.{word}", word) for word in choice.values)


def kinds_table() -> str:
    """The words of a configuration, as the settings form has them."""
    languages = i18n.languages()
    rows = [["word", *(HEADINGS[language] for language in languages)], ["---"] * 3]
    for key, word in kind_words():
        rows.append([f"`{word}`", *(i18n.catalogue(language)[key] for language in languages)])
    table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    return f"## Kinds\n\nWhat a configuration may choose, as in the settings form.\n\n{table}"


if __name__ == "__main__":
    print(markdown(), end="")  # noqa: T201 - this is what it is asked for
