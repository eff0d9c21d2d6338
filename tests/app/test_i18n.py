"""The words of the page: complete in every language, all used, none missing."""

import asyncio
import re
import time
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from app import i18n

HOUSE = Path(__file__).parents[2]
ENGLISH = i18n.catalogue("en")
PLACEHOLDER = re.compile(r"\{(\w+)\}")


async def fetch(path: str, **headers: str) -> httpx.Response:
    """Ask a house that has the words alone."""
    house = FastAPI()
    house.include_router(i18n.router)
    transport = httpx.ASGITransport(app=house)
    async with httpx.AsyncClient(transport=transport, base_url="http://backlit") as page:
        return await page.get(path, headers=headers)


@pytest.mark.parametrize("language", i18n.languages())
def test_every_language_has_every_message(language: str) -> None:
    """A catalogue has the keys of the English one, no fewer and no more."""
    assert sorted(ENGLISH) == sorted(i18n.catalogue(language))


@pytest.mark.parametrize("language", i18n.languages())
def test_placeholders_are_the_same(language: str) -> None:
    """A message has the placeholders of its English original."""
    other = i18n.catalogue(language)
    expected = {key: sorted(PLACEHOLDER.findall(text)) for key, text in ENGLISH.items()}
    assert expected == {key: sorted(PLACEHOLDER.findall(other[key])) for key in ENGLISH}


def test_no_message_is_left_in_english() -> None:
    """A Chinese message has Chinese characters, but for names that stay the same."""
    names = ("sigmoid", "tanh", "relu", "softmax")
    same = {"ui.other_language", *(f"function.{name}" for name in names)}
    chinese = i18n.catalogue("zh_Hans")
    bare = {key for key, text in chinese.items() if not re.search(r"[\u4e00-\u9fff]", text)}
    assert same == bare


@pytest.mark.parametrize(
    ("cookie", "accept", "expected"),
    [
        (None, None, "en"),
        (None, "en-GB,en;q=0.8", "en"),
        (None, "zh-CN,zh;q=0.9,en;q=0.8", "zh_Hans"),
        (None, "en;q=0.1, zh-SG", "zh_Hans"),
        (None, "fr, de;q=0.5", "en"),
        (None, "fr, zh;q=0, en;q=0.1", "en"),
        (None, ";;q=,*;q=abc", "en"),
        ("zh_Hans", "en", "zh_Hans"),
        ("klingon", "zh", "zh_Hans"),
    ],
)
def test_the_reader_is_spoken_to_in_a_wanted_language(
    cookie: str | None, accept: str | None, expected: str
) -> None:
    """The cookie decides, then Accept-Language by its weights, then English."""
    assert expected == i18n.preferred(cookie, accept)


def test_the_page_fetches_a_catalogue() -> None:
    """GET /locales/zh-Hans.json answers with every message, and 304 when asked again."""
    answer = asyncio.run(fetch("/locales/zh-Hans.json"))
    assert dict(i18n.catalogue("zh_Hans")) == answer.json()
    again = asyncio.run(fetch("/locales/zh-Hans.json", **{"If-None-Match": answer.headers["ETag"]}))
    assert again.status_code == 304


def test_an_unknown_language_is_not_found() -> None:
    """GET /locales/xx.json answers 404 and names the languages that there are."""
    answer = asyncio.run(fetch("/locales/xx.json"))
    assert answer.status_code == 404
    assert "zh_Hans" in answer.json()["detail"]


def test_templates_translate() -> None:
    """translator(language)(key, …) fills the placeholders."""
    assert i18n.translator("en")("ui.iteration", iteration=2) == "Iteration 2"


ASKED = re.compile(r"""(?:\bt\(|data-t(?:-[a-z-]+)?=)\s*["']([a-z]\w*(?:\.\w+)+)["']""")
QUOTED = re.compile(r"""["'`]([a-z]\w*(?:\.\w+)+)["'`]""")
BUILT = re.compile(r"`([a-z]\w*\.(?:\w+\.)*\w*)\$\{")
IN_TEMPLATES = re.compile(r'"([a-z_]+(?:\.[a-z_]+)*\.)"(?: ~|,)')


def page_source() -> str:
    """All modules and templates of the page."""
    folders = [HOUSE / "static" / name for name in ("", "actions", "elements")]
    files = [file for folder in folders for file in folder.glob("*.js")]
    files += (HOUSE / "templates").glob("*.html")
    return "\n".join(file.read_text(encoding="utf-8") for file in sorted(files))


def test_every_message_asked_for_exists() -> None:
    """A key written in the page's modules or templates is in the catalogue."""
    asked = set(ASKED.findall(page_source()))
    assert len(asked) > 50
    assert asked <= set(ENGLISH)


@pytest.mark.parametrize("language", i18n.languages())
def test_each_reason_of_a_kink_has_its_words(language: str) -> None:
    """Whatever reason a check by differences gives, the page says it in words."""
    source = (HOUSE / "engine" / "gradcheck.py").read_text(encoding="utf-8")
    reasons = set(re.findall(r'return [xy], "(\w+)"', source))
    assert len(reasons) == 3
    said = {key for key in i18n.catalogue(language) if key.startswith("weight.kink.")}
    assert said == {f"weight.kink.{reason}" for reason in reasons}


def test_no_message_is_unused() -> None:
    """Each key is written somewhere in the page, or begins like one that is built there."""
    source = page_source()
    written, built = set(QUOTED.findall(source)), tuple(BUILT.findall(source))
    built += tuple(IN_TEMPLATES.findall(source))
    families = (*built, "caption.", "meaning.")  # sentences.js builds these of two parts
    unused = {key for key in ENGLISH if key not in written and not key.startswith(families)}
    assert unused == set()


def test_a_language_that_there_is_not_is_named_in_short() -> None:
    """What was asked for is repeated as far as a language's name may go."""
    answer = asyncio.run(fetch(f"/locales/{'x' * 3000}.json"))
    assert answer.status_code == 404
    assert len(answer.text) < 200


def test_a_flood_of_languages_costs_little() -> None:
    """Of an Accept-Language that goes on for ever the beginning is read."""
    begun = time.perf_counter()
    assert i18n.preferred(None, "zh-CN," + "qwe-rt," * 9000) == "zh_Hans"
    assert i18n.preferred(None, "qwe-rt," * 9000) == "en"
    assert time.perf_counter() - begun < 0.5
