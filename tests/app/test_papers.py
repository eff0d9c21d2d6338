"""Pages to read and to print: whole in both languages, and a word for everything."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import httpx
import pytest

from app import glossary, i18n
from app.presets import PRESETS
from app.routes.papers import PLAN
from app.schemas import Config, Conv, Dense, Input, Pool, Training

HOUSE = Path(__file__).parents[2]
LANGUAGES = {"en": "en", "zh_Hans": "zh-Hans"}
TEXT = re.compile(r"<(script|style).*?</\1>|<[^>]*>", re.DOTALL)
KEY = re.compile(r"\b[a-z_]+\.[a-z_]+(?:\.[a-z_]+)*\b")

# Every kind of layer, function, loss and optimizer that a configuration may choose.
VARIANTS: list[dict[str, Any]] = [
    *({"preset": name} for name in PRESETS),
    *(
        {"config": {"training": {"optimizer": one}}}
        for one in ("gradient_descent", "momentum", "adam")
    ),
    *(
        {
            "config": {
                "layers": [
                    {"type": "conv", "filters": 2, "size": 2, "activation": function},
                    {"type": "pool", "kind": kind},
                    {"type": "conv", "filters": 2, "size": 1, "activation": function},
                    {"type": "dense", "units": 4, "activation": function},
                    {"type": "dense", "units": 3, "activation": last},
                ],
                "loss": loss,
            }
        }
        for function, kind, last, loss in (
            ("tanh", "max", "softmax", "cross_entropy"),
            ("relu", "average", "sigmoid", "cross_entropy"),
            ("leaky_relu", "l2", "identity", "squared_error"),
            ("identity", "max", "tanh", "squared_error"),
        )
    ),
]


def spoken(http: httpx.Client, path: str, language: str) -> httpx.Response:
    """A page in a language."""
    return http.get(path, headers={"cookie": f"language={language}"})


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", ["/glossary", "/teachers", "worksheet"])
def test_a_page_speaks_one_language(http: httpx.Client, run: Any, path: str, language: str) -> None:
    """It says which, shows no key of a message, and has the policy of a page."""
    answer = spoken(http, f"/runs/{run.id}/{path}" if path == "worksheet" else path, language)
    assert answer.status_code == 200
    assert f'lang="{LANGUAGES[language]}"' in answer.text
    text = TEXT.sub(" ", answer.text)
    assert {word for word in KEY.findall(text) if word in i18n.catalogue("en")} == set()
    assert "script-src 'self' 'nonce-" in answer.headers["content-security-policy"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_symbol_choice_and_setting_is_in_the_glossary(
    http: httpx.Client, language: str
) -> None:
    """The page has each tensor, word and field with its meaning, and no other."""
    text = spoken(http, "/glossary", language).text
    texts = i18n.catalogue(language)
    meanings = [texts[one.meaning] for one in glossary.entries()]
    meanings += [texts[key] for key, _ in glossary.kind_words()]
    meanings += [texts[f"setting.{name}"] for name in glossary.settings()]
    assert [meaning for meaning in meanings if meaning not in text] == []
    assert text.count("<tr>") - text.count("<thead>") == len(list(glossary.entries()))


def test_the_glossary_has_every_field_of_a_configuration() -> None:
    """A field that a configuration may have is a setting with a meaning."""
    models = (Config, Input, Conv, Pool, Dense, Training)
    fields = {name for model in models for name in model.model_fields}
    assert set(glossary.settings()) == fields - {"type", "input", "layers", "training"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_step_and_tensor_has_its_words(make_run: Any, tmp_path: Path, language: str) -> None:
    """In any network each step has a sentence, each tensor a caption and a meaning."""
    node = shutil.which("node")
    assert node, "node is needed: the page's modules run in it"
    runs = []
    for variant in VARIANTS:
        made = make_run(**variant)
        trace = made.trace()
        runs.append({"run": made.run(), "steps": trace["steps"], "tensors": list(trace["tensors"])})
    file = tmp_path / "runs.json"
    file.write_text(json.dumps({"catalogue": dict(i18n.catalogue(language)), "runs": runs}))
    command = [node, "--import", "./tests/static/imports.mjs", "tests/static/words.mjs", str(file)]
    answer = subprocess.run(command, cwd=HOUSE, capture_output=True, text=True, check=False)
    assert (answer.returncode, answer.stderr, answer.stdout) == (0, "", "")


def test_the_lesson_plan_fills_45_minutes(http: httpx.Client) -> None:
    """Its parts follow each other without a gap, from 0 to 45."""
    text = http.get("/teachers").text
    spans = [(int(a), int(b)) for a, b in re.findall(r'scope="row">(\d+)–(\d+)<', text)]
    assert len(spans) == len(PLAN)
    assert (spans[0][0], spans[-1][1]) == (0, 45)
    assert [end for _, end in spans[:-1]] == [start for start, _ in spans[1:]]


def test_there_is_no_worksheet_of_an_unknown_run(http: httpx.Client, refusal: Any) -> None:
    """The refusal is a problem."""
    refusal(http.get("/runs/AAAAAAAAAAAAAAAAAAAAAA/worksheet"), 404)
