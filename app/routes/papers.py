"""Pages to read and to print: the glossary, the page for teachers, the worksheet."""

from functools import cache
from itertools import groupby
from typing import Any

from fastapi import APIRouter, Request, Response

from app import glossary, i18n
from app.headers import new_nonce, page_policy
from app.routes.common import READ, RunId, RunsHere
from app.routes.drawing import context, sheet, templates
from app.routes.pages import AcceptLanguage, LanguageCookie, came

router = APIRouter(tags=["page"])
PLAN = ("arrive", "forward", "cost", "error", "filters", "learn", "close")
MINUTES = {
    "arrive": 5,
    "forward": 10,
    "cost": 4,
    "error": 8,
    "filters": 8,
    "learn": 7,
    "close": 3,
}
MODELLED = ("network", "exact", "both", "learning", "checked")
NOT_MODELLED = ("size", "tricks", "shapes", "brain", "understanding")
BEFORE = ("start", "share", "wall", "paper", "lesson")
STUMBLES = ("zero", "flip", "tie", "sign", "sum")


@router.get("/glossary", summary="The glossary, to read and to print", response_class=Response)
def words(
    request: Request, language: LanguageCookie = None, accept_language: AcceptLanguage = None
) -> Response:
    """Every symbol, choice and setting with its meaning."""
    groups = [
        (letter, list(entries))
        for letter, entries in groupby(symbols(), lambda entry: entry.tensor.partition(".")[0])
    ]
    named = [(letter, entries) for letter, entries in groups if "." in entries[0].tensor]
    others = [entry for _, entries in groups if "." not in entries[0].tensor for entry in entries]
    about = {
        "layers": named[:5],
        "others": others,
        "states": [entry for _, entries in named[5:] for entry in entries],
        "kinds": list(glossary.kind_words()),
        "settings": glossary.settings(),
    }
    return paper(request, "glossary.html", i18n.preferred(language, accept_language), **about)


@cache
def symbols() -> tuple[glossary.Entry, ...]:
    """The glossary's tensors."""
    return tuple(glossary.entries())


@router.get("/teachers", summary="The page for teachers", response_class=Response)
def teachers(
    request: Request, language: LanguageCookie = None, accept_language: AcceptLanguage = None
) -> Response:
    """What is modelled, what is not, and a plan for 45 minutes."""
    ends = [sum(MINUTES[name] for name in PLAN[: at + 1]) for at in range(len(PLAN))]
    plan = [(name, end - MINUTES[name], end) for name, end in zip(PLAN, ends, strict=True)]
    about = {
        "plan": plan,
        "modelled": MODELLED,
        "not_modelled": NOT_MODELLED,
        "before": BEFORE,
        "stumbles": STUMBLES,
    }
    return paper(request, "teachers.html", i18n.preferred(language, accept_language), **about)


@router.get(
    "/runs/{run}/worksheet",
    summary="A worksheet of the run as it stands",
    response_class=Response,
    responses=READ,
)
def worksheet(
    request: Request,
    run: RunId,
    runs: RunsHere,
    language: LanguageCookie = None,
    accept_language: AcceptLanguage = None,
) -> Response:
    """Blanks to fill by hand, or with ``?key=1`` the answers; the page's own modules write them."""
    spoken = i18n.preferred(language, accept_language)
    about = {"came": came(runs, run, spoken, {"refused": []}, i18n.encoded(spoken)[0])}
    return paper(request, "worksheet.html", spoken, **about)


def paper(request: Request, template: str, language: str, **about: Any) -> Response:  # noqa: ANN401 - a template's values
    """A page of our own letters and colours that is no stage."""
    nonce = new_nonce()
    return templates.TemplateResponse(
        request,
        template,
        {**context(language, nonce, sheet()), **about},
        headers={"Cache-Control": "no-cache", "Content-Security-Policy": page_policy(nonce)},
    )
