"""What comes with an answer: policies, caches, compression."""

import re
from pathlib import Path
from typing import Any

import httpx
import pytest

from app import assets

ADDRESS = re.compile(r"(?:src|href)=\"(/static/[^\"]+)\"")


@pytest.fixture
def page(http: httpx.Client) -> httpx.Response:
    """The page, with its headers."""
    return http.get("/")


def policy(answer: httpx.Response) -> dict[str, set[str]]:
    """The Content-Security-Policy of an answer: its directives and what they allow."""
    parts = [part.split() for part in answer.headers["content-security-policy"].split(";")]
    return {part[0]: set(part[1:]) for part in parts}


@pytest.mark.parametrize(
    "path", ["/", "/docs", "/healthz", "/metrics", "/static/main.js", "/api/runs/none", "/none"]
)
def test_every_answer_has_safe_headers(http: httpx.Client, path: str) -> None:
    """Whatever is asked: no sniffing, no other origin, a policy that begins with nothing, an id."""
    answer = http.get(path)
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"
    assert policy(answer)["default-src"] == {"'none'"}
    assert re.fullmatch("[0-9a-f]{16}", answer.headers["x-request-id"])
    assert "server" not in answer.headers


def test_an_inline_script_needs_the_nonce(http: httpx.Client, page: httpx.Response) -> None:
    """Every inline script and style of the page carries the nonce of its policy, new each time."""
    found = policy(page)
    (nonce,) = (one for one in found["script-src"] if one.startswith("'nonce-"))
    assert found["script-src"] == {"'self'", nonce}
    assert found["style-src-elem"] == {"'self'", nonce}
    word = nonce.removeprefix("'nonce-").removesuffix("'")
    inline = re.findall(r"<(?:script|style)(?![^>]*src=)(?![^>]*application/json)[^>]*>", page.text)
    assert len(inline) == 2
    assert all(f'nonce="{word}"' in tag for tag in inline)
    assert not re.search(r"\son\w+=\"", page.text)
    assert nonce not in policy(http.get("/"))["script-src"]


@pytest.mark.parametrize("path", ["/", "/docs"])
def test_a_page_tells_nobody_where_it_was(http: httpx.Client, path: str) -> None:
    """The address of a run is all that one needs to change it: no link of a page gives it away."""
    headers = http.get(path).headers
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert "camera=()" in headers["permissions-policy"]


def test_the_page_may_be_framed_only_as_an_embedded_one(http: httpx.Client) -> None:
    """Other sites may show ``?embed=1`` in a frame, and nothing else."""
    assert policy(http.get("/"))["frame-ancestors"] == {"'self'"}
    assert policy(http.get("/?embed=1"))["frame-ancestors"] == {"*"}
    assert policy(http.get("/api/presets"))["frame-ancestors"] == {"'none'"}


def test_files_of_the_page_are_kept_for_ever(http: httpx.Client, page: httpx.Response) -> None:
    """The page names its files by their content; they are immutable, and compressed."""
    addresses = ADDRESS.findall(page.text)
    assert len(addresses) > 10
    for address in addresses:
        answer = http.get(address)
        assert answer.status_code == 200, address
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    script = next(one for one in addresses if one.endswith("/main.js"))
    assert http.get(script).headers["content-encoding"] == "gzip"


def test_a_file_asked_for_otherwise_is_asked_for_again(http: httpx.Client) -> None:
    """Without the name of the content, or with an old one, there is what is there now."""
    for address in ("/static/main.js", f"/static/{'0' * 20}/main.js"):
        answer = http.get(address)
        assert answer.headers["cache-control"] == "no-cache"
        tag = answer.headers["etag"]
        assert http.get(address, headers={"If-None-Match": tag}).status_code == 304


def test_no_address_leads_out_of_the_folder(http: httpx.Client, refusal: Any) -> None:
    """What climbs out of static/ is not there, with a name of the content or without."""
    for start in ("/static", f"/static/{'0' * 20}"):
        refusal(http.get(f"{start}/..%2f..%2fpyproject.toml"), 404)
        refusal(http.get(f"{start}/%2fetc/passwd"), 404)


def test_another_content_is_another_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The name is made of paths and bytes alone: an edit or a new path changes it, a touch not."""
    monkeypatch.setattr(assets, "STATIC", tmp_path)
    file = tmp_path / "a" / "b.js"
    file.parent.mkdir()
    file.write_text("1")
    names = [assets.named(assets.signature(tmp_path))]
    file.write_text("2")
    names.append(assets.named(assets.signature(tmp_path)))
    file.rename(tmp_path / "a" / "c.js")
    names.append(assets.named(assets.signature(tmp_path)))
    (tmp_path / "a" / "c.js").touch()
    assert assets.named(assets.signature(tmp_path)) == names[2]
    assert len(set(names)) == 3


def test_a_request_keeps_the_id_that_it_has(http: httpx.Client) -> None:
    """A proxy's id is taken over where it is harmless, and replaced where it is not."""
    answer = http.get("/healthz", headers={"X-Request-ID": "class-7.b"})
    assert answer.headers["x-request-id"] == "class-7.b"
    answer = http.get("/healthz", headers={"X-Request-ID": "x" * 65})
    assert answer.headers["x-request-id"] != "x" * 65


@pytest.mark.parametrize("takes", ["gzip", "identity"])
def test_a_cache_keeps_both_forms_apart(http: httpx.Client, takes: str) -> None:
    """Compressed or not, an answer says that there is the other one."""
    run = http.post("/api/runs").json()["id"]
    script = re.findall(r'src="(/static/[^"]+/main.js)"', http.get("/").text)[0]
    for path in ["/", script, f"/api/runs/{run}/trace", "/api/datasets/digits-123-6x6"]:
        answer = http.get(path, headers={"Accept-Encoding": takes})
        assert "Accept-Encoding" in answer.headers["vary"], path
        assert ("content-encoding" in answer.headers) == (takes == "gzip"), path
