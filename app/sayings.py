"""What the server says to people, in their language: refusals, and notes on image sets.

The code says everything in plain English, which is what scripts get. A catalogue beside the page's
(``app/locales/<language>/LC_MESSAGES/server.po``) has each sentence of the code with its holes
numbered (``at most {0} images``; ``{0:d}`` takes a whole number alone). :func:`said` finds the one
that a finished text was made from and fills its translation with what stood in the holes, which may
be sayings themselves.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache, reduce
from itertools import zip_longest

from app import i18n

CATALOGUE = "server"
HEADER = "X-Language"  # in which the page says the language that it speaks itself
VARY = f"{HEADER}, Cookie, Accept-Language"
LONGEST = 1_000  # characters of a text that is looked up
INNER = 200  # of one that stood in a hole: whoever asks may have written it
DEEPEST = 8  # sayings within each other

HOLE = re.compile(r"\{\d+(?::d)?\}")
QUOTED = re.compile(r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*\"""", re.DOTALL)
WORD = re.compile(r"[A-Za-z]{2}")
# Where Chinese meets other letters, digits, quotes or brackets there is a space.
CHINESE, OTHER = r"[\u4e00-\u9fff]", r"[\w'\"()\[\]{}<>/+-]"
SEAM = re.compile(f"{CHINESE}{OTHER}|{OTHER}{CHINESE}", re.ASCII)

Headers = Iterable[tuple[bytes, bytes]]
ASKED: ContextVar[Headers] = ContextVar("asked", default=())


@dataclass(frozen=True)
class Saying:
    """A sentence of the code: how it is recognized, and its translation.

    ``core`` is its longest piece without a hole; ``texts`` stand around the ``holes``, which are
    numbers of the groups of ``pattern``.
    """

    pattern: re.Pattern[str]
    core: str
    texts: tuple[str, ...]
    holes: tuple[int, ...]


def hear(headers: Headers) -> None:
    """Remember what the request that is being answered says of its language."""
    ASKED.set(headers)


def language() -> str:
    """The language of whoever is being answered."""
    return wanted_by(ASKED.get())


def wanted_by(headers: Headers) -> str:
    """The language that a request asks for: the page's own word, the cookie, Accept-Language."""
    given = {name: value.decode("latin-1") for name, value in headers}
    cookies = (one.partition("=") for one in given.get(b"cookie", "").split(";"))
    kept = {name.strip(): value.strip() for name, _, value in cookies}
    own = given.get(HEADER.lower().encode())
    first = own if own in i18n.languages() else kept.get(i18n.COOKIE)
    return i18n.preferred(first, given.get(b"accept-language"))


def said(text: str, language: str | None = None) -> str:
    """A text of ours in a language, that of whoever is being answered if none is given.

    What no saying matches stays in English.
    """
    known = sayings(language or wanted_by(ASKED.get()))
    return translated(text, known, DEEPEST) if known else text


def together(sentences: Iterable[str], language: str) -> str:
    """Sentences one after the other; Chinese ones need no space between them."""
    return ("" if language.startswith("zh") else " ").join(sentences)


@cache
def sayings(language: str) -> tuple[Saying, ...]:
    """The sayings of a language, the most literal first; none where the code's words are its."""
    texts = i18n.messages(language, CATALOGUE)
    ranked = sorted(texts, key=lambda text: len(HOLE.sub("", text)), reverse=True)
    return tuple(saying(text, texts[text]) for text in ranked)


def saying(english: str, other: str) -> Saying:
    """A sentence of the code and its translation, ready to be used."""
    texts = HOLE.split(english)
    groups = [r"(-?\d+)" if ":d" in hole else "(.*?)" for hole in HOLE.findall(english)]
    pattern = "".join(map("".join, zip_longest(map(re.escape, texts), groups, fillvalue="")))
    holes = (int(hole[1:-1]) for hole in HOLE.findall(other))
    core = max(texts, key=len)
    return Saying(re.compile(pattern, re.DOTALL), core, tuple(HOLE.split(other)), tuple(holes))


def translated(text: str, known: tuple[Saying, ...], depth: int) -> str:
    """A text by the first of the sayings that matches it whole."""
    most = LONGEST if depth == DEEPEST else INNER
    if depth == 0 or len(text) > most or QUOTED.fullmatch(text) or not WORD.search(text):
        return text
    for one in known:
        found = one.pattern.fullmatch(text) if one.core in text else None
        if found is not None:
            stood = [translated(hole, known, depth - 1) for hole in found.groups()]
            return filled(one, stood)
    return text


def filled(one: Saying, stood: list[str]) -> str:
    """The translation of a saying with what stood in its holes."""
    rest = zip(one.holes, one.texts[1:], strict=True)
    parts = (part for hole, text in rest for part in (stood[hole], text))
    return reduce(joined, parts, one.texts[0])


def joined(left: str, right: str) -> str:
    """Two parts of a sentence, with a space between them where writing wants one."""
    return f"{left} {right}" if SEAM.fullmatch(left[-1:] + right[:1]) else left + right
