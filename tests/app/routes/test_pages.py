"""The page, and the run that it is on."""

from typing import Any

import httpx


def test_the_page_keeps_this_browsers_run(server: Any) -> None:
    """``/`` gives a new run once; a reload makes no other."""
    with httpx.Client(base_url=server.url) as browser:
        first, again = browser.get("/"), browser.get("/")
        run = browser.cookies["run"]
    assert first.status_code == again.status_code == 200
    assert run in first.text
    assert run in again.text
