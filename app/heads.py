"""A bound on the heads of requests: what comes before their bodies."""

from __future__ import annotations

from typing import Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

__all__ = ["MOST", "BoundedHeads"]

#: Bytes that may come before the head of a request is whole.
MOST: Final = 64 * 1024


class BoundedHeads(HttpToolsProtocol):
    """The protocol of uvicorn, which itself would keep a head that never ends.

    A head that is not whole after ``MOST`` bytes is answered with 400, and the connection is
    closed. What came with the same packet is read before it is counted, so that as much may be kept
    for a moment.
    """

    came = 0
    in_head = True

    def data_received(self, data: bytes) -> None:
        """Read what came, and count it while it is all head."""
        super().data_received(data)
        self.came = self.came + len(data) if self.in_head else 0
        if self.came > MOST and not self.transport.is_closing():
            self.send_400_response(f"The head of a request is at most {MOST} bytes long.")

    def on_message_begin(self) -> None:
        """A head begins."""
        self.in_head, self.came = True, 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """It is whole."""
        self.in_head = False
        super().on_headers_complete()
