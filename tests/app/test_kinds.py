"""Every kind of the engine is offered, worded and documented; the form knows no other."""

from pathlib import Path
from typing import get_args

import httpx
import pytest

from app import glossary, i18n
from app.kinds import kinds
from app.schemas import Activation, Initial, Loss, Optimizer, PoolKind, Reduction
from engine.functions import FUNCTIONS
from engine.initializers import INITIALIZERS
from engine.losses import LOSSES
from engine.ops.base import REGISTRY
from engine.optimizers import OPTIMIZERS

OFFERED = kinds()


def test_the_wire_has_every_kind_of_the_engine() -> None:
    """The words of the wire are the keys of the engine's registries."""
    assert set(get_args(Activation)) == {*FUNCTIONS, "softmax"}
    assert set(get_args(Loss)) == set(LOSSES)
    assert set(get_args(Optimizer)) == set(OPTIMIZERS)
    assert set(get_args(Initial)) == set(INITIALIZERS)
    pools = {f"pool/{word}" for word in get_args(PoolKind)}
    assert pools == {key for key in REGISTRY if key.startswith("pool/")}
    assert set(REGISTRY) - pools == {"conv", "dense", "activation", "softmax"}


def test_the_form_offers_every_word_of_the_wire() -> None:
    """``GET /api/kinds``, from which the form is made, has all words."""
    layers = OFFERED.layers
    assert set(layers) == {"conv", "pool", "dense"}
    assert layers["conv"]["activation"].values == list(get_args(Activation))
    assert layers["dense"]["activation"].values == list(get_args(Activation))
    assert layers["pool"]["kind"].values == list(get_args(PoolKind))
    assert OFFERED.loss.values == list(get_args(Loss))
    assert OFFERED.initial.values == list(get_args(Initial))
    assert OFFERED.training["optimizer"].values == list(get_args(Optimizer))


@pytest.mark.parametrize("language", i18n.languages())
def test_every_kind_and_field_has_words(language: str) -> None:
    """What the form shows is in the catalogue of every language."""
    known = set(i18n.catalogue(language))
    wanted = {key for key, _ in glossary.kind_words()} | {
        f"kind.layer.{one}" for one in OFFERED.layers
    }
    fields = [name for layer in OFFERED.layers.values() for name in layer]
    fields += list(OFFERED.input)
    wanted |= {f"field.{name}" for name in [*fields, "loss", "initial", "optimizer", "reduction"]}
    assert wanted <= known


def test_the_notation_page_explains_every_kind() -> None:
    """``docs/notation.md`` has a row for every word of every choice."""
    page = Path("docs/notation.md").read_text(encoding="utf-8")
    choices = (Activation, PoolKind, Loss, Optimizer, Initial, Reduction)
    words = [word for _, word in glossary.kind_words()]
    assert sorted(words) == sorted(word for choice in choices for word in get_args(choice))
    for word in words:
        assert f"| `{word}` |" in page


def test_kinds_name_words_and_bounds(http: httpx.Client) -> None:
    """``GET /api/kinds`` gives the bounds that a configuration is checked with."""
    found = http.get("/api/kinds").json()
    assert found == kinds().model_dump()
    filters = found["layers"]["conv"]["filters"]
    assert (filters["minimum"], filters["maximum"]) == (1, 64)
    too_many = {"layers": [{"type": "conv", "filters": 65, "size": 3}]}
    assert http.post("/api/runs", json={"config": too_many}).status_code == 422
    assert found["training"]["learning_rate"]["default"] == 0.2
    assert found["training"]["batch"]["values"] == ["all"]
    assert found["layers"]["pool"]["kind"]["values"] == ["max", "average", "l2"]
