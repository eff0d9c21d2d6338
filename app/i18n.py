"""The words of the page: gettext catalogues, and which language a reader wants.

A catalogue is ``app/locales/<language>/LC_MESSAGES/messages.po``; its message ids are readable keys
(``step.F.delta``, ``ui.step_back``), the same in every language. The page fetches a whole catalogue
from ``GET /locales/{language}.json``; templates call :func:`translator`. What the server itself
says is in ``server.po`` beside it (:mod:`app.sayings`).
"""

from collections.abc import Callable, Mapping
from functools import cache
from hashlib import blake2b
from pathlib import Path
from types import MappingProxyType

import orjson
from babel import Locale, UnknownLocaleError, negotiate_locale
from babel.messages.pofile import read_po
from fastapi import APIRouter, HTTPException, Request, Response

LOCALES = Path(__file__).parent / "locales"
DEFAULT = "en"
SHOWN = 20  # characters of an unknown language that a refusal repeats
HEARD = 500  # characters of Accept-Language that are read: each tag in it costs time
COOKIE = "language"
# The families of messages that pages to read and to print say, and the stage never does.
PAPERS = (
    "before.",
    "glossary.",
    "meaning.",
    "modelled.",
    "not_modelled.",
    "plan.",
    "setting.",
    "stumble.",
    "teachers.",
    "worksheet.",
)
# The families that the stage says only once a panel of its own has been opened.
LATER = ("branches.", "future.", "histograms.", "lesson.", "replay.", "seeds.", "train.")

router = APIRouter(tags=["page"])


@cache
def languages() -> tuple[str, ...]:
    """The languages that have a catalogue, as their folders are named, the default one first."""
    found = sorted(path.parent.parent.name for path in LOCALES.glob("*/LC_MESSAGES/messages.po"))
    return tuple(sorted(found, key=lambda name: name != DEFAULT))


@cache
def catalogue(language: str) -> Mapping[str, str]:
    """Every message of a language, key to text; ``KeyError`` where there is no such language."""
    if language not in languages():
        raise KeyError(language)
    return MappingProxyType(messages(language, "messages"))


def messages(language: str, name: str) -> dict[str, str]:
    """What a file of a language says, id to text; nothing where there is no such file."""
    path = LOCALES / language / "LC_MESSAGES" / f"{name}.po"
    if not path.exists():
        return {}
    with path.open("rb") as file:
        found = read_po(file, locale=language)
    return {str(one.id): str(one.string) for one in found if one.id and one.string}


def preferred(cookie: str | None, accept: str | None) -> str:
    """The language to speak: the cookie's, else the best of ``Accept-Language``, else English."""
    if cookie in languages():
        return str(cookie)
    wanted = [full_name(tag) for tag in ranked(accept or "")]
    return negotiate_locale(wanted, languages(), aliases={}) or DEFAULT


def ranked(accept: str) -> list[str]:
    """The tags of an ``Accept-Language`` header, the most wanted first; none with q = 0."""
    weighted = []
    for part in accept[:HEARD].split(","):
        tag, _, parameter = part.strip().partition(";")
        weighted.append((quality(parameter), tag.strip()))
    kept = [(q, tag) for q, tag in weighted if q > 0 and tag]
    return [tag for _, tag in sorted(kept, key=lambda pair: -pair[0])]


def quality(parameter: str) -> float:
    """The weight in ``q=0.8``: 1 where there is none, 0 where it is no number."""
    name, _, value = parameter.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0


def full_name(tag: str) -> str:
    """A language tag as a catalogue is named: ``zh-CN`` is ``zh_Hans``, ``en-GB`` is ``en``."""
    try:
        locale = Locale.parse(tag, sep="-")
    except (ValueError, UnknownLocaleError):
        return tag
    if locale.language == "zh":
        script = locale.script or ("Hant" if locale.territory in {"TW", "HK", "MO"} else "Hans")
        return f"zh_{script}"
    return locale.language


def translator(language: str) -> Callable[..., str]:
    """A function ``t(key, **values)`` for templates: a key's text, its placeholders filled."""
    texts = catalogue(language)

    def translate(key: str, **values: object) -> str:
        text = texts.get(key, key)
        for name, value in values.items():
            text = text.replace("{" + name + "}", str(value))
        return text

    return translate


@cache
def stage_words(language: str) -> bytes:
    """A catalogue as JSON, without what is read on pages of its own or asked for later."""
    texts, without = catalogue(language), (*PAPERS, *LATER)
    return orjson.dumps({key: text for key, text in texts.items() if not key.startswith(without)})


@cache
def encoded(language: str) -> tuple[bytes, str]:
    """A catalogue as JSON, and its entity tag."""
    body = orjson.dumps(dict(catalogue(language)))
    return body, f'"{blake2b(body, digest_size=12).hexdigest()}"'


@router.get(
    "/locales/{language}.json",
    summary="All words of the page in one language",
    response_class=Response,
    responses={
        200: {"content": {"application/json": {"example": {"ui.step": "Step"}}}},
        304: {"description": "The catalogue has not changed."},
        404: {"description": "There is no such language."},
    },
)
def words(language: str, request: Request) -> Response:
    """Every message key with its text; may be kept and asked about with ``If-None-Match``."""
    name = language.replace("-", "_")
    if name not in languages():
        known = ", ".join(languages())
        asked = language[:SHOWN]
        raise HTTPException(404, f"There is no catalogue for “{asked}”; there are {known}.")
    body, tag = encoded(name)
    headers = {"ETag": tag, "Cache-Control": "no-cache"}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    return Response(body, media_type="application/json", headers=headers)
