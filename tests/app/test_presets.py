"""Every preset learns what it is there to teach."""

import re
from pathlib import Path
from typing import Any

import pytest

from app import i18n
from app.presets import PRESETS
from engine import datasets

PAGE = Path("docs/presets.md").read_text(encoding="utf-8")
# A row of the page: the preset, what it shows, iterations, C_T, accuracy in per cent.
ROW = re.compile(r"^\| `([\w-]+)` \| .* \| (\d+)[^|]* \| ([\d.]+) \| ([\d.]+) % \|$", re.MULTILINE)
LEARNT = ROW.findall(PAGE)


def steps_apart(measured: float, said: str) -> float:
    """How far a number is from what is said of it, in steps of the last digit that is said."""
    digits = len(said.partition(".")[2])
    return abs(measured - float(said)) * 10.0**digits


@pytest.mark.parametrize(("preset", "iterations", "cost", "accuracy"), LEARNT)
def test_every_preset_learns(
    make_run: Any, preset: str, iterations: str, cost: str, accuracy: str
) -> None:
    """A preset reaches the cost and the accuracy that ``docs/presets.md`` tells of, as rounded."""
    batch = make_run(preset=preset).descend(int(iterations))["batch"]
    assert steps_apart(batch["C"], cost) < 1
    assert steps_apart(100 * batch["accuracy"], accuracy) < 1


def test_the_textbook_makes_a_film(make_run: Any) -> None:
    """The default's cost falls visibly in the first 50 iterations: to a quarter, then further."""
    run = make_run()
    costs = [run.descend(25)["batch"]["C"] for _ in range(2)]
    assert run.move(iteration=0)["batch"]["C"] > 4 * costs[0] > 12 * costs[1]


@pytest.mark.parametrize("language", i18n.languages())
def test_every_set_has_its_name(language: str) -> None:
    """Each set that is built in has a name in every language; English is the wire's."""
    words = i18n.catalogue(language)
    for name in datasets.names():
        own = words[f"dataset.{name}"]
        assert (own == datasets.about(name).name) == (language == "en")


@pytest.mark.parametrize("language", i18n.languages())
def test_every_preset_says_what_it_teaches(language: str) -> None:
    """Each preset has its sentence and its name in every language; English is the wire's."""
    words = i18n.catalogue(language)
    for preset in PRESETS.values():
        assert words[f"preset_name.{preset.id}"]
        assert language != "en" or words[f"preset.{preset.id}"] == preset.about
        assert words[f"preset.{preset.id}"].strip()


def test_every_preset_is_documented() -> None:
    """``docs/presets.md`` has a row for every preset, with figures that the test above reads."""
    assert [preset for preset, *_ in LEARNT] == list(PRESETS)
