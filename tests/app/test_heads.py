"""Heads of requests that are too long, over a real connection."""

import socket
from collections.abc import Iterator
from contextlib import suppress

import httpx
import pytest

from app.heads import MOST


@pytest.fixture
def line(http: httpx.Client) -> Iterator[socket.socket]:
    """A connection to the server."""
    where = http.base_url
    with socket.create_connection((where.host, where.port or 80), timeout=20) as found:
        yield found


def heard(line: socket.socket) -> bytes:
    """Everything until the server ends the connection."""
    told = b""
    with suppress(ConnectionResetError):  # where it had not read what was sent on
        while part := line.recv(65536):
            told += part
    return told


@pytest.mark.parametrize("begun", [b"GET /", b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Long: "])
def test_a_head_without_end_is_refused(
    line: socket.socket, http: httpx.Client, begun: bytes
) -> None:
    """An address or a header that goes on and on: 400, and the server goes on."""
    line.sendall(begun)
    with suppress(BrokenPipeError, ConnectionResetError):
        for _ in range(64):
            line.sendall(b"a" * 4096)
    told = heard(line)
    assert told == b"" or told.startswith(b"HTTP/1.1 400 ")
    assert http.get("/healthz").status_code == 200


def test_a_head_that_is_a_little_too_long_is_told_so(line: socket.socket) -> None:
    """What is not whole after so many bytes gets an answer that says the bound."""
    begun = b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Long: "
    line.sendall(begun + b"a" * (MOST + 1 - len(begun)))
    told = heard(line)
    assert told.startswith(b"HTTP/1.1 400 ")
    assert str(MOST).encode() in told


def test_heads_that_are_long_enough_and_bodies_are_no_matter(line: socket.socket) -> None:
    """A long head in pieces is read; the next one over the same connection counts from 0."""
    for _ in range(3):
        line.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Long: ")
        for _ in range(10):
            line.sendall(b"a" * 4096)
        line.sendall(b"\r\n\r\n")
        told = b""
        while not told.endswith(b"}"):
            told += line.recv(65536)
        assert told.startswith(b"HTTP/1.1 200 ")
