"""Every preset learns what it is there to teach."""

from pathlib import Path
from typing import Any

import pytest

from app import i18n
from app.presets import PRESETS

LEARNT = [
    ("textbook", 100, 2.0, 0.98),
    ("average-pooling", 100, 3.0, 0.98),
    ("l2-pooling", 100, 2.0, 0.99),
    ("relu-softmax", 100, 4.0, 0.99),
    ("two-convolutions", 100, 0.3, 0.99),
    ("hidden-layer", 100, 0.6, 0.99),
    ("digits-8x8", 225, 0.15, 0.95),
]


@pytest.mark.parametrize(("preset", "iterations", "cost", "accuracy"), LEARNT)
def test_every_preset_learns(
    make_run: Any, preset: str, iterations: int, cost: float, accuracy: float
) -> None:
    """A preset reaches the cost and the accuracy that ``docs/presets.md`` tells of."""
    batch = make_run(preset=preset).descend(iterations)["batch"]
    assert batch["C"] < cost
    assert batch["accuracy"] > accuracy


def test_the_textbook_makes_a_film(make_run: Any) -> None:
    """The default's cost falls visibly in the first 50 iterations: to a quarter, then further."""
    run = make_run()
    costs = [run.descend(25)["batch"]["C"] for _ in range(2)]
    assert run.move(iteration=0)["batch"]["C"] > 4 * costs[0] > 12 * costs[1]


@pytest.mark.parametrize("language", i18n.languages())
def test_every_preset_says_what_it_teaches(language: str) -> None:
    """Each preset has its sentence and its name in every language; English is the wire's."""
    words = i18n.catalogue(language)
    for preset in PRESETS.values():
        assert words[f"preset_name.{preset.id}"]
        assert language != "en" or words[f"preset.{preset.id}"] == preset.about
        assert words[f"preset.{preset.id}"].strip()


def test_every_preset_is_documented() -> None:
    """``docs/presets.md`` has a row for every preset."""
    page = Path("docs/presets.md").read_text(encoding="utf-8")
    assert all(f"| `{preset}` |" in page for preset in PRESETS)
