"""Bounds on connections and on the heads of requests: what comes before there is a request."""

from __future__ import annotations

import asyncio
import secrets
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from app import sayings
from app.headers import NOTHING
from app.monitor import note
from app.problems import Problem, render
from app.rates import household

if TYPE_CHECKING:
    from fastapi import FastAPI

__all__ = ["MOST", "SECONDS", "BoundedHeads"]

#: Bytes that may come before the head of a request is whole.
MOST: Final = 64 * 1024
#: Seconds in which it must be whole, from the beginning of the connection or of the head.
SECONDS: Final = 10.0


class BoundedHeads(HttpToolsProtocol):
    """The protocol of uvicorn, which itself would keep a head that never ends.

    A head that is not whole after ``MOST`` bytes is answered with 400, one that is not after
    ``SECONDS`` with 408, one connection too many with 503, or with 429 where one address has too
    many; then the connection is closed. What came with the same packet is read before it is
    counted, so that as much may be kept for a moment. These refusals are as all others: problems,
    with safe headers and an id, logged and counted.
    """

    came = 0
    in_head = True
    timer: asyncio.TimerHandle | None = None
    address = ""

    @property
    def backlit(self) -> FastAPI:
        """The application that is served."""
        return self.config.app  # type: ignore[return-value]

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take a connection, if there are not too many."""
        super().connection_made(transport)
        self.timer = self.loop.call_later(SECONDS, self.give_up)
        here = self.backlit.state
        self.address = household(self.client[0]) if self.client else ""
        here.addresses[self.address] += 1
        most, each = here.settings.connections, here.settings.connections_each
        later = {"Retry-After": "10"}
        if len(self.connections) > most:
            words = f"{most} connections are open, and that is as many as may be."
            self.refuse(Problem(503, words, headers=later))
        elif self.client and here.addresses[self.address] > each:
            words = f"This address has {each} connections open, and that is as many as it may."
            self.refuse(Problem(429, words, headers=later))

    def connection_lost(self, exc: Exception | None) -> None:
        """It is gone."""
        self.stop_timer()
        addresses = self.backlit.state.addresses
        addresses[self.address] -= 1
        if not addresses[self.address]:
            del addresses[self.address]
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read what came, and count it while it is all head."""
        super().data_received(data)
        self.came = self.came + len(data) if self.in_head else 0
        if self.came > MOST and not self.transport.is_closing():
            self.send_400_response(f"The head of a request is at most {MOST} bytes long.")

    def on_message_begin(self) -> None:
        """A head begins."""
        self.in_head, self.came = True, 0
        self.timer = self.timer or self.loop.call_later(SECONDS, self.give_up)
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """It is whole."""
        self.in_head = False
        self.stop_timer()
        super().on_headers_complete()

    def stop_timer(self) -> None:
        """Wait no more for the head."""
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None

    def give_up(self) -> None:
        """The head is too late; where nothing came at all, nothing is said."""
        if self.came and not self.transport.is_closing():
            words = f"The head of a request must be whole within {SECONDS:.0f} s."
            self.refuse(Problem(408, words))
        self.transport.close()

    def send_400_response(self, msg: str) -> None:
        """What is no request, or too long a head of one."""
        self.refuse(Problem(400, msg))

    def refuse(self, problem: Problem) -> None:
        """Answer as the application would, and close the connection."""
        answer = render(problem, sayings.wanted_by(self.headers or ()))
        closing = [(b"x-request-id", secrets.token_hex(8).encode()), (b"connection", b"close")]
        head = [f"HTTP/1.1 {problem.status} {HTTPStatus(problem.status).phrase}".encode()]
        headers = [*self.server_state.default_headers, *answer.raw_headers, *NOTHING, *closing]
        head += [name + b": " + value for name, value in headers]
        self.transport.write(b"\r\n".join([*head, b"", bytes(answer.body)]))
        self.transport.close()
        note(self.backlit.state.metrics, "other", "none", problem.status, 0.0, self.client)
