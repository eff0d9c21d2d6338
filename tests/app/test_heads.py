"""Heads of requests that are too long, over a real connection."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest

from app import bodies, heads
from app.heads import MOST
from app.main import configured, create_app
from app.settings import Settings


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


def test_a_head_is_refused_in_the_language_that_it_has_asked_for(line: socket.socket) -> None:
    """What of the head has come is read."""
    begun = b"GET /healthz HTTP/1.1\r\nHost: x\r\nAccept-Language: zh-CN\r\nX-Long: "
    line.sendall(begun + b"a" * (MOST + 1 - len(begun)))
    assert f"请求头最长 {MOST} 字节。" in heard(line).decode()


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


@pytest.fixture
def bounds() -> dict[str, Any]:
    """How many connections there may be."""
    return {"connections": 3}


@pytest.fixture
def hasty(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bounds: dict[str, Any]
) -> Iterator[tuple[str, int]]:
    """The address of a server that waits half a second at most, for few connections at once."""
    monkeypatch.setattr(heads, "SECONDS", 0.5)
    monkeypatch.setattr(bodies, "SECONDS", 0.5)
    server = configured(create_app(Settings(data=tmp_path, **bounds)))
    listener = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=server.run, args=([listener],))
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield listener.getsockname()
    server.should_exit = True
    thread.join()


def problem(told: bytes) -> tuple[Any, dict[str, str]]:
    """The problem that an answer is, and its headers."""
    head, _, body = told.partition(b"\r\n\r\n")
    pairs = (line.split(": ", 1) for line in head.decode().split("\r\n")[1:])
    return json.loads(body), {name.lower(): value for name, value in pairs}


@pytest.mark.parametrize(
    ("begun", "status"),
    [
        (b"GET /healthz HT", 408),
        (b"GET /healthz HTTP/1.1\r\nHost: x\r\n", 408),
        (b"POST /api/runs HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{", 408),
        (b"\x16\x03 no request\r\n\r\n", 400),
    ],
)
def test_what_does_not_come_in_time_is_refused(
    hasty: tuple[str, int], begun: bytes, status: int
) -> None:
    """A head or a body that is not whole in time is a problem as all others, logged and counted."""
    with socket.create_connection(hasty, timeout=5) as line:
        line.sendall(begun)
        told, headers = problem(heard(line))
    assert told["status"] == status
    assert headers["content-type"] == "application/problem+json"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-request-id"]
    found = httpx.get(f"http://{hasty[0]}:{hasty[1]}/metrics").text
    assert f'status="{status}"}} 1.0' in found


def test_one_that_says_nothing_is_let_go(hasty: tuple[str, int]) -> None:
    """A connection over which nothing comes is closed without a word."""
    with socket.create_connection(hasty, timeout=5) as line:
        assert heard(line) == b""


def test_a_slow_answer_is_no_late_head(hasty: tuple[str, int]) -> None:
    """What was asked in time may take longer than a head, and the connection is used again."""
    with httpx.Client(base_url=f"http://{hasty[0]}:{hasty[1]}") as http:
        run = http.post("/api/runs").json()["id"]
        with http.stream("GET", f"/api/runs/{run}/events") as stream:
            lines = stream.iter_lines()
            next(lines)
            time.sleep(1.0)
            httpx.put(f"{http.base_url}/api/runs/{run}/stage", json={"sample": 3})
            assert any("event: position" in next(lines) for _ in range(20))


@pytest.mark.parametrize("bounds", [{"connections_each": 3}])
def test_an_upgrade_is_not_counted_for_ever(hasty: tuple[str, int]) -> None:
    """Who asks for another protocol gets the answer in this one, and leaves nothing behind."""
    asking = (
        b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
    for _ in range(6):
        with socket.create_connection(hasty, timeout=5) as line:
            line.sendall(asking)
            assert line.recv(65536).startswith(b"HTTP/1.1 200 ")
    assert httpx.get(f"http://{hasty[0]}:{hasty[1]}/healthz").status_code == 200


@pytest.mark.parametrize(
    ("bounds", "status"), [({"connections": 3}, 503), ({"connections_each": 3}, 429)]
)
def test_connections_are_bounded(hasty: tuple[str, int], status: int) -> None:
    """One too many, of all or of one address, is told so; when another ends there is room."""
    lines = [socket.create_connection(hasty, timeout=5) for _ in range(3)]
    with socket.create_connection(hasty, timeout=5) as line:
        told, headers = problem(heard(line))
    assert (told["status"], headers["retry-after"]) == (status, "10")
    for line in lines:
        line.close()
    assert httpx.get(f"http://{hasty[0]}:{hasty[1]}/healthz").status_code == 200
