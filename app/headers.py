"""The headers that keep a browser from doing what the page never asks for."""

import secrets

from starlette.types import ASGIApp, Message, Receive, Scope, Send

# What is no page may do nothing at all, should a browser ever take it for one.
POLICY = b"content-security-policy"
ALWAYS = [
    (b"x-content-type-options", b"nosniff"),
    (b"cross-origin-resource-policy", b"same-origin"),
]
NOTHING = [*ALWAYS, (POLICY, b"default-src 'none'; frame-ancestors 'none'")]
PAGE = [
    *ALWAYS,
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
]


def new_nonce() -> str:
    """A word that nobody can guess; a script in a page runs only if it carries the page's."""
    return secrets.token_urlsafe(16)


def page_policy(nonce: str, framed_by: str = "'self'") -> str:
    """The Content-Security-Policy of the page: our own files, and what carries the nonce.

    Style *attributes* are free, since KaTeX and lit write sizes and places into them; style sheets
    and scripts are not, and no text becomes a script or HTML but by lit's own templates.
    ``framed_by`` says which pages may show this one in a frame.
    """
    return "; ".join(
        [
            "default-src 'none'",
            f"script-src 'self' 'nonce-{nonce}'",
            "script-src-attr 'none'",
            f"style-src-elem 'self' 'nonce-{nonce}'",
            "style-src-attr 'unsafe-inline'",
            "connect-src 'self'",
            "font-src 'self'",
            "img-src 'self' data: blob:",
            "media-src 'self' blob:",
            "manifest-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
            f"frame-ancestors {framed_by}",
            "require-trusted-types-for 'script'",
            "trusted-types lit-html",
        ]
    )


def description_policy(nonce: str) -> str:
    """The policy of /docs: Swagger UI draws with styles and pictures of its own."""
    return "; ".join(
        [
            "default-src 'none'",
            f"script-src 'self' 'nonce-{nonce}'",
            "script-src-attr 'none'",
            "style-src 'self' 'unsafe-inline'",
            "connect-src 'self'",
            "img-src 'self' data:",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'self'",
        ]
    )


class SafeHeaders:
    """ASGI middleware: every answer carries them; a page has a policy already."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand the request on, and add to the answer what it lacks."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = list(message["headers"])
                message["headers"] = own + (PAGE if any(n == POLICY for n, _ in own) else NOTHING)
            await send(message)

        await self.app(scope, receive, sent)
