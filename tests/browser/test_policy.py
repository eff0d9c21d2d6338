"""The page under its Content-Security-Policy, and the description of the API without a network."""

from typing import Any

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

INJECT = """() => {
  const script = document.createElement('script');
  script.textContent = 'window.injected = true';
  document.body.append(script);
}"""


def test_no_script_from_elsewhere_runs(stage: Any) -> None:
    """What text might smuggle into the page does not run, and the browser says so."""
    with pytest.raises(Exception, match="TrustedHTML"):
        stage.page.evaluate(
            """() => { document.body.innerHTML = '<img src=x onerror=alert(1)>' }"""
        )
    with pytest.raises(Exception, match="TrustedScript"):
        stage.page.evaluate(INJECT)
    assert stage.page.evaluate("() => window.injected") is None
    assert stage.console
    assert all("This document requires 'Trusted" in said for said in stage.console)
    stage.console.clear()


def test_nothing_is_loaded_twice(stage: Any) -> None:
    """No module is loaded under two addresses, and a reload takes them from the cache."""
    stage.idle()
    paths = [one.url.split("?")[0] for one in stage.requests if "/static/" in one.url]
    names = [path.rsplit("/static/")[1].partition("/")[2] for path in paths]
    assert len(names) == len(set(names)) > 20
    sizes = (
        "() => performance.getEntriesByType('resource').map((one) => [one.name, one.transferSize])"
    )
    stage.page.reload()
    stage.ready()
    again = {name: size for name, size in stage.page.evaluate(sizes) if "/static/" in name}
    assert set(again.values()) == {0}


def test_the_description_is_shown_and_tried_offline(before: Any) -> None:
    """At /docs every call can be read and made, and no other host is asked."""
    page = before.page
    here = before.http.base_url.netloc.decode()
    page.route(lambda url: here not in url, lambda route: route.abort())
    page.goto("/docs")
    expect(page.get_by_text("/api/runs/{run}/trace", exact=False).first).to_be_visible()
    call = page.locator("#operations-data-presets_api_presets_get")
    call.locator("button").first.click()
    call.get_by_role("button", name="Try it out").click()
    with page.expect_response(lambda answer: answer.url.endswith("/api/presets")) as told:
        call.get_by_role("button", name="Execute").click()
    assert told.value.status == 200
    expect(
        call.get_by_text("access-control", exact=False).or_(call.get_by_text("Server response"))
    ).to_be_visible()
    assert before.elsewhere(here) == []
