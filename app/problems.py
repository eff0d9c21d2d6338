"""Refusals: every error answer is ``application/problem+json`` (RFC 9457) and changes nothing.

``Problem`` is raised anywhere under a handler; the functions here turn it, FastAPI's own errors and
whatever else goes wrong into one shape::

    {"type": "about:blank", "title": "Unprocessable Content", "status": 422,
     "detail": "pixels.0.3: wanted a number from 0 to 1; came 7.",
     "errors": [{"field": "pixels.0.3", "wanted": "a number from 0 to 1", "came": "7"}]}

What is raised is English; ``render`` says it in the language of whoever asked (:mod:`app.sayings`).
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

import orjson
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.exceptions import HTTPException

from app import sayings

MEDIA_TYPE = "application/problem+json"
SHOWN = 60  # characters of a bad value that an answer repeats
LISTED = 20  # bad fields that an answer lists
# What pydantic puts into the path of a field that may be of several kinds: which it tried.
BRANCH = re.compile(r"conv|pool|dense|literal\[.*\]|constrained-\w+")
WANTED = {  # by the types of pydantic's errors, where its own words are a programmer's
    "extra_forbidden": "no field of this name",
    "missing": "a value",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "int_parsing_size": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "finite_number": "a finite number",
    "string_type": "text",
    "string_unicode": "text in UTF-8",
    "string_pattern_mismatch": "text that matches {pattern}",
    "bool_type": "true or false",
    "list_type": "a list",
    "dict_type": "an object",
    "model_type": "an object",
    "model_attributes_type": "an object",
    "union_tag_not_found": "a field {discriminator}",
    "union_tag_invalid": "one of {expected_tags}",
    "too_short": "a list of {min_length} or more",
    "too_long": "a list of {max_length} at most",
    "string_too_short": "text of {min_length} characters or more",
    "string_too_long": "text of {max_length} characters at most",
}
BOUNDS = {  # by the names of pydantic's bounds, for whole numbers and for others
    "ge": ("a whole number from {:d}", "a number from {:.15g}"),
    "gt": ("a whole number above {:d}", "a number above {:.15g}"),
    "le": ("a whole number up to {:d}", "a number up to {:.15g}"),
    "lt": ("a whole number below {:d}", "a number below {:.15g}"),
}

Fault = dict[str, str]


class Problem(Exception):
    """A request that is refused: ``status``, the sentences of ``detail``, the bad fields."""

    def __init__(
        self,
        status: int,
        *sentences: str,
        errors: Sequence[Fault] = (),
        headers: Mapping[str, str] | None = None,
        **more: object,
    ) -> None:
        self.status, self.sentences, self.detail = status, sentences, " ".join(sentences)
        super().__init__(self.detail)
        self.errors, self.headers, self.more = list(errors), headers, more


def bad_field(field: str, wanted: str, came: object, status: int = 422) -> Problem:
    """The problem of one field: what was wanted there and the value that came."""
    return unlike(field, wanted, shown(came), status)


def unlike(field: str, wanted: str, came: str, status: int = 422) -> Problem:
    """The problem of one field, what came being said in words."""
    fault = {"field": field, "wanted": wanted, "came": came}
    return Problem(status, sentence(fault), errors=[fault])


def not_finite(what: str, said: str = "is not finite", tensor: str | None = None) -> Problem:
    """The problem of numbers that overflow: what it is, what is said of it, which tensor it is."""
    words = f"{what} {said}: the parameters are too large."
    return Problem(409, words) if tensor is None else Problem(409, words, tensor=tensor)


def diverged(iteration: int, tensor: str) -> str:
    """Why learning stops, in a sentence."""
    return (
        f"Learning stopped at iteration {iteration}: the next update would make {tensor} "
        "infinite, because the learning rate is too large. The run stays at this iteration."
    )


def unavailable(error: Exception) -> Problem:
    """The problem of a store that cannot be read or written just now."""
    return Problem(503, str(error), headers={"Retry-After": "5"})


def shown(value: object) -> str:
    """A bad value as an answer repeats it: short, and in characters that UTF-8 can carry."""
    if isinstance(value, str | bytes) and len(value) > SHOWN:
        value = value[:SHOWN]
    if isinstance(value, list | tuple):
        return f"a list of {len(value)}"
    if isinstance(value, dict):
        return f"an object of {len(value)} fields"
    if isinstance(value, int) and value.bit_length() > 200:
        return "a number of very many digits"
    text = repr(value) if isinstance(value, str | bytes) else str(value)
    text = text.encode("utf-8", "backslashreplace").decode()
    return text if len(text) <= SHOWN else text[:SHOWN] + "…"


def sentence(fault: Fault) -> str:
    """One bad field in words."""
    return f"{fault['field']}: wanted {fault['wanted']}; came {fault['came']}."


def render(problem: Problem, language: str | None = None) -> Response:
    """The answer of a problem, in a language: that of whoever asked if none is given."""
    speaks = language or sayings.language()
    told = sayings.together((sayings.said(one, speaks) for one in problem.sentences), speaks)
    content: dict[str, object] = {
        "type": "about:blank",
        "title": HTTPStatus(problem.status).phrase,
        "status": problem.status,
        "detail": told.encode("utf-8", "backslashreplace").decode(),
        **problem.more,
    }
    if problem.errors:
        content["errors"] = [said(one, speaks) for one in problem.errors]
    headers = {**(problem.headers or {}), "Content-Language": tag(speaks), "Vary": sayings.VARY}
    return Response(orjson.dumps(content), problem.status, headers, MEDIA_TYPE)


def said(fault: Fault, language: str) -> Fault:
    """One bad field in a language; its name stays."""
    words = {key: sayings.said(fault[key], language) for key in ("wanted", "came")}
    return {**fault, **words}


def tag(language: str) -> str:
    """A language as HTTP names it."""
    return language.replace("_", "-")


def invalid(errors: Sequence[Mapping[str, Any]]) -> Problem:
    """Pydantic's errors as one problem, each field named by its path in the body or the query."""
    faults = folded(fault(error) for error in errors)
    more = [f"And {len(faults) - 3} more."] if len(faults) > 3 else []
    return Problem(422, *map(sentence, faults[:3]), *more, errors=faults[:LISTED])


def folded(faults: Iterable[Fault]) -> list[Fault]:
    """One fault for each field: what may be of several kinds was wanted to be one of them."""
    by_field: dict[str, Fault] = {}
    for one in faults:
        old = by_field.get(one["field"])
        both = either(old["wanted"], one["wanted"]) if old else one["wanted"]
        by_field[one["field"]] = {**one, "wanted": both}
    return list(by_field.values())


def either(one: str, other: str) -> str:
    """What may be one thing or the other."""
    return f"{one} or {other}"


def fault(error: Mapping[str, Any]) -> Fault:
    """One of pydantic's errors: the field, what was wanted, what came."""
    places = [str(place) for place in error["loc"]]
    places = [place for place in places if not BRANCH.fullmatch(place)]
    if error["type"] == "union_tag_invalid":
        places.append(error["ctx"]["discriminator"].strip("'"))
    if places[:1] and places[0] in {"body", "query", "path", "header"} and len(places) > 1:
        places = places[1:]
    field = ".".join(places).encode("utf-8", "backslashreplace").decode()
    given = error["ctx"]["tag"] if error["type"] == "union_tag_invalid" else error.get("input")
    came = "nothing" if error["type"] == "missing" else shown(given)
    return {"field": field[:200] or "body", "wanted": wanted(error), "came": came}


def wanted(error: Mapping[str, Any]) -> str:
    """What a field should have been, in words that follow “wanted”."""
    context = error.get("ctx", {})
    if error["type"] in WANTED:
        return WANTED[error["type"]].format(**context)
    bound = next((one for one in BOUNDS if one in context), None)
    if bound is not None:
        whole, other = BOUNDS[bound]
        return (whole if isinstance(context[bound], int) else other).format(context[bound])
    message = str(error["msg"]).removeprefix("Value error, ")
    for start in ("Input should be ", "Input should "):
        if message.startswith(start):
            return message.removeprefix(start)
    return message[:1].lower() + message[1:]


def install(app: FastAPI) -> None:
    """Give ``app`` the handlers that turn every error into a problem."""

    @app.exception_handler(Problem)
    async def _(_request: Request, error: Problem) -> Response:
        return render(error)

    @app.exception_handler(RequestValidationError)
    async def _(_request: Request, error: RequestValidationError) -> Response:
        errors = error.errors()
        if errors and errors[0]["type"] == "json_invalid":
            return render(Problem(400, f"The body is no JSON: {errors[0]['ctx']['error']}."))
        return render(invalid(errors))

    @app.exception_handler(ValidationError)
    async def _(_request: Request, error: ValidationError) -> Response:
        return render(invalid(error.errors(include_url=False)))

    @app.exception_handler(HTTPException)
    async def _(request: Request, error: HTTPException) -> Response:
        if error.status_code in {204, 304}:
            return Response(status_code=error.status_code, headers=error.headers)
        return render(Problem(error.status_code, explain(error, request), headers=error.headers))


def explain(error: HTTPException, request: Request) -> str:
    """The detail of an error that the framework raised."""
    if error.status_code == 405:
        allowed = (error.headers or {}).get("Allow", "other methods")
        return f"{request.method} is not possible here; {allowed} is."
    if error.status_code == 404 and error.detail == "Not Found":
        return f"There is nothing at {shown(request.url.path)}."
    if error.status_code == 400:
        return "The body cannot be decoded: wanted JSON in UTF-8."
    return str(error.detail)
