"""The page itself: this browser's last run, or the run that an address names."""

from typing import Annotated, Any
from urllib.parse import urlencode

import orjson
from fastapi import APIRouter, Cookie, Header, Request, Response
from fastapi.responses import RedirectResponse
from markupsafe import Markup
from starlette.requests import HTTPConnection

from app import assets, bridge, i18n, sayings
from app.headers import description_policy, new_nonce, page_policy
from app.moments import Moments, asked_by
from app.presets import DEFAULT
from app.problems import Problem
from app.routes.common import READ, RunId, RunsHere, refusals
from app.routes.drawing import FACES, context, modules, sheet, templates
from app.routes.moments import MomentId, MomentsHere
from app.run import Run as RunState
from app.runs import LOST, Runs
from app.schemas import NewRun
from app.store.base import Unavailable

router = APIRouter(tags=["page"])

RUN_COOKIE = "run"
YEAR = 365 * 24 * 3600
COSTS = 300  # points of the cost curve; the page asks for as many later on
SMALL = 64 * 1024  # bytes of a data set that comes with the page

AcceptLanguage = Annotated[str | None, Header()]
LanguageCookie = Annotated[str | None, Cookie(alias=i18n.COOKIE)]


@router.get("/", summary="The page", response_class=Response)
def home(
    request: Request,
    runs: RunsHere,
    run: Annotated[str | None, Cookie(alias=RUN_COOKIE)] = None,
    language: LanguageCookie = None,
    accept_language: AcceptLanguage = None,
) -> Response:
    """The page on this browser's last run, or on a new default one."""
    if run is None or not exists(runs, run):
        _, run = runs.create(DEFAULT, bridge.new_setup(NewRun(), runs.settings))
    return page(request, runs, run, i18n.preferred(language, accept_language))


@router.get("/runs/{run}", summary="The page on one run", response_class=Response, responses=READ)
def one(
    request: Request,
    run: RunId,
    runs: RunsHere,
    language: LanguageCookie = None,
    accept_language: AcceptLanguage = None,
) -> Response:
    """The page on the run that the address names."""
    return page(request, runs, run, i18n.preferred(language, accept_language))


@router.get(
    "/m/{moment}",
    status_code=303,
    summary="The page on a moment",
    response_class=Response,
    responses=refusals(404, 422, 503),
)
def shared(
    request: Request,
    moment: MomentId,
    moments: MomentsHere,
    language: LanguageCookie = None,
    accept_language: AcceptLanguage = None,
) -> Response:
    """Makes a run of one's own from the moment and leads to its page."""
    try:
        run = moments.open(moment)
    except Problem as problem:
        if problem.status != 404 or "text/html" not in request.headers.get("accept", ""):
            raise
        return notice(request, i18n.preferred(language, accept_language))
    kept = request.query_params.multi_items()
    query = urlencode([("moment", moment), *(one for one in kept if one[0] != "moment")])
    return RedirectResponse(f"/runs/{run}?{query}", 303)


def notice(request: Request, language: str) -> Response:
    """That a link leads nowhere, and where to begin instead."""
    nonce = new_nonce()
    return templates.TemplateResponse(
        request,
        "notice.html",
        context(language, nonce, sheet()),
        status_code=404,
        headers={"Content-Security-Policy": page_policy(nonce)},
    )


def view(request: Request, run: RunState) -> dict[str, Any]:
    """What the address asks to be shown: a moment's view, and what else it names."""
    moments: Moments = request.app.state.moments
    name = request.query_params.get("moment")
    shown: dict[str, Any] = {}
    refused: list[str] = []
    if name is not None:
        try:
            shown = moments.view(name)
        except Problem as problem:
            refused.append(problem.detail)
    more, also = asked_by(request.query_params, run)
    return {**shown, **more, "refused": [sayings.said(one) for one in (*refused, *also)]}


@router.get("/docs", summary="The description of the API, to be read and tried")
def docs(request: Request) -> Response:
    """Swagger UI, which comes with the server as everything does."""
    nonce = new_nonce()
    return templates.TemplateResponse(
        request,
        "docs.html",
        {"base": assets.address(), "nonce": nonce},
        headers={"Content-Security-Policy": description_policy(nonce)},
    )


def begins(runs: Runs, request: HTTPConnection) -> bool:
    """Whether a request for the page makes a run: its cookie names none that there is."""
    run = request.cookies.get(RUN_COOKIE)
    try:
        return run is None or not runs.exists(run)
    except Unavailable:
        return False  # nor can one be made


def exists(runs: RunsHere, run: str) -> bool:
    """Is there such a run, and can it be read?"""
    try:
        runs.read(run, lambda it: it.version)
    except Problem as problem:
        if problem.status not in LOST:
            raise
        return False
    return True


def page(request: Request, runs: RunsHere, run: str, language: str) -> Response:
    """The page, and a cookie that brings this browser back to the run."""
    shown = runs.read(run, lambda it: view(request, it))
    nonce = new_nonce()
    about = context(language, nonce)
    embedded = request.query_params.get("embed") == "1"
    framed_by = request.app.state.settings.framed_by if embedded else "'self'"
    response = templates.TemplateResponse(
        request,
        "page.html",
        {
            **about,
            "run": run,
            "came": came(runs, run, language, shown),
            "shown": shown,
            "embedded": embedded,
            "modules": modules(about["base"]),
            "faces": FACES,
        },
        headers={
            "Cache-Control": "no-cache",
            "Content-Security-Policy": page_policy(nonce, framed_by),
        },
    )
    if not embedded:
        secure = request.url.scheme == "https"
        response.set_cookie(
            RUN_COOKIE, run, max_age=YEAR, httponly=True, samesite="lax", secure=secure
        )
    return response


def came(
    runs: RunsHere, run: str, language: str, shown: dict[str, Any], words: bytes | None = None
) -> Markup:
    """What the first picture needs, as JSON in the page, so that it need not be asked for.

    The data set comes along where it is small; the page asks for a larger one itself. ``words``
    are the messages, those of the stage if none are given.
    """
    about, name = runs.read(run, lambda it: (bridge.run_answer(it), it.setup.config.dataset))
    dataset = bridge.dataset_answer(name) if name else b"null"
    parts = {
        "catalogue": words or i18n.stage_words(language),
        "run": about,
        "trace": runs.trace(run)[0],
        "costs": runs.read(run, lambda it: bridge.costs_answer(it, COSTS)),
        "view": orjson.dumps(shown),
        "dataset": dataset if len(dataset) <= SMALL else b"null",
    }
    text = b",".join(b'"%s":%s' % (key.encode(), part) for key, part in parts.items())
    safe = b"{" + text.replace(b"<", b"\\u003c") + b"}"
    return Markup(safe.decode())  # noqa: S704 - JSON without any "<"
