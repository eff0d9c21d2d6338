"""The bound on what a request may carry, checked before anything reads it."""

import asyncio

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.problems import Problem, render

SECONDS = 60.0  # in which a body must be there
CARRYING = {"POST", "PUT", "PATCH", "DELETE"}


class BodyBound:
    """ASGI middleware: a body has at most ``limit`` bytes (413) and is JSON or a form (415).

    It must be there within ``SECONDS`` (408).
    """

    def __init__(self, app: ASGIApp, limit: int) -> None:
        self.app, self.limit = app, limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Read the body within the bound, then hand the request on with it."""
        if scope["type"] != "http" or scope["method"] not in CARRYING:
            await self.app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        try:
            async with asyncio.timeout(SECONDS):
                body = await self.read(headers, receive)
        except TimeoutError:
            detail = f"The body of a request must be there within {SECONDS:.0f} s."
            await render(Problem(408, detail, headers={"Connection": "close"}))(
                scope, receive, send
            )
            return
        if body is None:
            detail = f"The body is too large: at most {self.limit} bytes are taken."
            await render(Problem(413, detail))(scope, receive, send)
            return
        kind = headers.get(b"content-type", b"application/json").decode("latin-1")
        if body and not taken(kind):
            detail = "The body's content type is not taken: wanted application/json."
            await render(Problem(415, detail))(scope, receive, send)
            return
        await self.app(scope, replay(body, receive), send)

    async def read(self, headers: dict[bytes, bytes], receive: Receive) -> bytes | None:
        """The whole body, or None where it is larger than the bound."""
        length = headers.get(b"content-length", b"0")
        if length.isdigit() and int(length[:20]) > self.limit:
            return None
        parts: list[bytes] = []
        size, more = 0, True
        while more:
            message = await receive()
            if message["type"] != "http.request":
                break
            part = message.get("body", b"")
            size += len(part)
            if size > self.limit:
                return None
            parts.append(part)
            more = message.get("more_body", False)
        return b"".join(parts)


def taken(content_type: str) -> bool:
    """Whether a body of this content type is read at all."""
    kind = content_type.partition(";")[0].strip().lower()
    return kind in {"application/json", "multipart/form-data"} or kind.endswith("+json")


def replay(body: bytes, receive: Receive) -> Receive:
    """A ``receive`` that gives a body that was already read, then what comes after it."""
    given = False

    async def again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again
