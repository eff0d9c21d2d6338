"""What the server says in the reader's language: complete, and nothing else is changed by it."""

import asyncio
import inspect
import io
import json
import re
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError, fromstring

import httpx
import openpyxl
import pytest
from fastapi.testclient import TestClient
from uvicorn.protocols.http import httptools_impl

from app import i18n, sayings
from app.imports import ImportProblem, read
from app.main import create_app
from app.routes.events import worded
from app.settings import Settings
from tests.app.sources import Sources, modules

CHINESE = {"Cookie": "language=zh_Hans"}
CATALOGUE = i18n.messages("zh_Hans", sayings.CATALOGUE)
#: Words of JSON, and what a set is called whose file has no name: the same in every language.
NAMES = {"true", "false", "null", "My images"}
#: What libraries say, and a file that makes them say it.
LIBRARIES = {
    "File is not a zip file": b"PK",
    "str is not valid UTF-8: surrogates not allowed": b'{"\xff": 1}',
    "trailing comma is not allowed": b'{"a": 1,}',
    "unexpected character, expected a JSON value": b"[NaN]",
    "unexpected character, expected ',' or ']'": b"[1 2]",
    "unexpected character, expected ',' or '}'": b'{"a": 1 2}',
    "unexpected character, expected ':' after key": b'{"a" 1}',
    "unexpected character, expected a string key": b"{a}",
    "unexpected control character in string": b'["a\nb"]',
    "number with leading zero is not allowed": b"[01]",
    "no digit after decimal point": b"[1.]",
    "no digit after sign": b"[.5]",
    "invalid escaped sequence in string": b'["\\x"]',
    "invalid literal, expected {0}": b"[nan]",
    "unexpected content after document": b"[] x",
    "unexpected end of data": b"[",
}
#: The same of the reader of XML, which XLSX is made of.
XML = {
    "no element found: {0}": "",
    "not well-formed (invalid token): {0}": "<a<",
    "unclosed token: {0}": "<a",
}
UVICORN = "Invalid HTTP request received."
HOLE = re.compile(r"\{\d+(?=[:}])")


# The catalogue -----------------------------------------------------------------------------------


def test_every_sentence_of_the_sources_has_a_translation() -> None:
    """Whatever ends in a refusal or in a note is in the catalogue; nothing else is."""
    said = Sources(modules()).said - NAMES
    assert len(said) > 200
    assert sorted(CATALOGUE.keys() - {*LIBRARIES, *XML, UVICORN}) == sorted(said)


@pytest.mark.parametrize(
    "source",
    [
        'raise Problem(409, "It is new.")',
        'raise bad_field("x", "It is new.", 3)',
        'words = "It is new."\nraise ImportProblem("x", "y", words, "z")',
        'raise ShapeError("pool", "It is new." if 1 else "", "z")',
        'def f(words: str):\n    raise Problem(409, words)\nf("It is new.")',
        'def f(a, *, words: str):\n    raise Problem(409, f"1{words}")\nf(1, words="It is new.")',
        'def f() -> str:\n    return "It is new."\nraise Problem(409, f())',
        'SAID = {"a": "It is new."}\ndef f():\n    raise Problem(409, SAID["a"].format(3))',
        'def f(notes):\n    notes.append("It is new.")',
        'def f():\n    notes = [*("It is new." for _ in a)]\n    checked(1, 2, 3, 4, notes)',
        'class E(Exception):\n    def __init__(self):\n        super().__init__("It is new.")',
        'class E(Problem):\n    def __init__(self):\n        super().__init__(409, "It is new.")',
        'raise ValueError("Input should be It is new.")',
    ],
)
def test_a_new_sentence_is_found(source: str) -> None:
    """A sentence that reaches people is found, on whatever way it does."""
    assert "It is new." in Sources([("new", source)]).said


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('raise Problem(409, f"{a} of {b[0]:d} {c!r}")', "{0} of {1:d} {2}"),
        ('raise Problem(409, "{} of {b:.3g} {{}}".format(1, b=2))', "{0} of {1} {{2}}"),
    ],
)
def test_holes_are_numbered(source: str, expected: str) -> None:
    """A template is known by its words; what stands in its holes is not said."""
    assert Sources([("new", source)]).said == {expected}


def test_a_translation_has_chinese_words_and_the_same_holes() -> None:
    """Each entry is translated, and fills in what the English one fills in."""
    neither = {"true or false", '{"sample": 5} or {"pixels": [[…]…], "label": 1}', "{0}, {1}, {2}"}
    bare = {text for text, other in CATALOGUE.items() if not re.search(r"[\u4e00-\u9fff]", other)}
    assert bare <= neither
    holes = {text: sorted(HOLE.findall(text)) for text in CATALOGUE}
    assert holes == {text: sorted(HOLE.findall(CATALOGUE[text])) for text in CATALOGUE}


@pytest.mark.parametrize(("words", "content"), LIBRARIES.items())
def test_libraries_say_what_is_translated(words: str, content: bytes) -> None:
    """The sentences that are not ours are those of the libraries as they are installed."""
    with pytest.raises(ImportProblem) as problem:
        read("a.json", content)
    pattern = ".+".join(map(re.escape, sayings.HOLE.split(words)))
    assert re.search(rf"\({pattern}\)$", problem.value.came)


@pytest.mark.parametrize(("words", "content"), XML.items())
def test_the_reader_of_xml_says_what_is_translated(words: str, content: str) -> None:
    """And where."""
    with pytest.raises(ParseError) as error:
        fromstring(content)  # noqa: S314 - our own few letters
    assert str(error.value).startswith(words.replace("{0}", "line 1, column "))


def test_uvicorn_says_what_is_translated() -> None:
    """So is that of the server below ours."""
    assert UVICORN in inspect.getsource(httptools_impl)


# The translation ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("There is no run of this id; it may have been deleted.", "没有这个运行；可能已被删除。"),
        ("x: wanted a number; came 'a number'.", "x：应为数字；收到 'a number'。"),
        ("'all' or a whole number from 1", "'all' 或不小于 1 的整数"),
        ("'a', 'b' or 'c'", "'a', 'b' 或 'c'"),
        ("sheet 'row 1', row 7, column 3", "工作表 'row 1' 第 7 行第 3 列"),
        ("layer F (conv): wanted a list, came 6×6.", "F 层（conv）：应为列表；收到 6×6。"),
        ("what nobody has ever said", "what nobody has ever said"),
        ("'nothing'", "'nothing'"),
        ("'It\\'s nothing'", "'It\\'s nothing'"),
        ("", ""),
        ("C", "C"),
    ],
)
def test_a_text_is_said_in_chinese(text: str, expected: str) -> None:
    """Its template is found and its holes too are said, but for what was quoted."""
    assert sayings.said(text, "zh_Hans") == expected


def test_english_is_as_it_is() -> None:
    """A language that the code itself speaks has no catalogue, and changes nothing."""
    assert sayings.sayings("en") == ()
    assert sayings.said("nothing", "en") == "nothing"


def test_every_english_template_is_said_in_chinese() -> None:
    """None is taken for another one: filled with names it becomes its own translation."""
    for text, other in CATALOGUE.items():
        holes = sayings.HOLE.findall(text)
        names = ["7" if ":d" in hole else f"name{at}" for at, hole in enumerate(holes)]
        made = text
        for hole, name in zip(holes, names, strict=True):
            made = made.replace(hole, name)
        expected = sayings.filled(sayings.saying(text, other), names)
        assert sayings.said(made, "zh_Hans") == expected, text


@pytest.mark.parametrize("length", [190, 900, 100_000])
def test_a_long_text_is_said_at_once(length: int) -> None:
    """Whatever strangers write into it: the pieces of a sentence over and over, and in a hole."""
    for template in CATALOGUE:
        first, *pieces = [piece or " " for piece in sayings.HOLE.split(template)]
        for text in (first, *pieces):
            hostile = (first + text * length + "".join(pieces))[:length]
            begun = time.perf_counter()
            sayings.said(hostile, "zh_Hans")
            sayings.said(f"{hostile}: wanted a number; came 3.", "zh_Hans")
            assert time.perf_counter() - begun < 1, template


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, "en"),
        ({"accept-language": "zh-CN,zh;q=0.9"}, "zh_Hans"),
        ({"accept-language": "zh-CN", "cookie": "run=x; language=en"}, "en"),
        ({"cookie": "language=zh_Hans; run=x"}, "zh_Hans"),
        ({"cookie": "language=zh_Hans", "x-language": "en"}, "en"),
        ({"cookie": "language=en", "x-language": "zh_Hans"}, "zh_Hans"),
        ({"cookie": "language=zh_Hans", "x-language": "klingon"}, "zh_Hans"),
        ({"cookie": ";;=", "accept-language": "\xff"}, "en"),
    ],
)
def test_who_is_spoken_to_in_which_language(headers: dict[str, str], expected: str) -> None:
    """The page's own word decides, then the cookie, then Accept-Language, then English."""
    given = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
    assert sayings.wanted_by(given) == expected


# What people get ---------------------------------------------------------------------------------

QUOTED = re.compile(r"'[^']*'|“[^”]*”")
LETTERS = re.compile(r"[A-Za-z]{3,}")
#: Formats, programs and fields, as they are called in every language.
CALLED = {"JSON", "CSV", "NPZ", "XLSX", "UTF", "Excel", "xls", "xlsx", "zip", "numpy", "savez"}
CALLED |= {"images", "labels", "softmax", "dense", "PUT", "GET", "application", "json", "bytes"}


def english_in(text: str) -> set[str]:
    """The English words in a text, but for names and what is quoted."""
    return set(LETTERS.findall(QUOTED.sub("", text))) - CALLED


def sheet(*rows: list[Any]) -> bytes:
    """A workbook of one sheet."""
    book, file = openpyxl.Workbook(), io.BytesIO()
    assert book.active is not None
    for row in rows:
        book.active.append(row)
    book.save(file)
    return file.getvalue()


LAYERS = [{"type": "dense", "units": 3, "activation": "softmax"}] * 2
RATE = {"training": {"learning_rate": -1}}
REFUSED: list[tuple[str, str, dict[str, Any]]] = [
    ("POST", "/api/datasets", {"files": {"file": ("a.csv", b"1,0,x,0,1\n")}}),
    ("POST", "/api/datasets", {"files": {"file": ("a.csv", b"1,0,1\n")}}),
    ("POST", "/api/datasets", {"files": {"file": ("a.json", b'{"images": [')}}),
    ("POST", "/api/datasets", {"files": {"file": ("a.npz", b"PK\x03\x04")}}),
    ("POST", "/api/datasets", {"files": {"file": ("a.xlsx", sheet(["a", "b"]))}}),
    ("POST", "/api/datasets", {"files": {"file": ("a.xlsx", sheet([1] * 5, [1, 0, 0, 0, "x"]))}}),
    ("POST", "/api/datasets", {"files": {"other": ("a.csv", b"1")}}),
    ("PATCH", "{run}/config", {"json": RATE}),
    ("PATCH", "{run}/config", {"json": {"layers": LAYERS}}),
    ("PATCH", "{run}/config", {"json": {"dataset": "digits-8x8"}}),
    ("PUT", "{run}/position", {"json": {"iteration": 5}}),
    ("PUT", "{run}/trace", {"json": {}}),
    ("PATCH", "{run}/parameters", {"json": {}}),
    ("POST", "{run}/descent", {"content": b" " * 5_000_000}),
    ("POST", "{run}/descent", {"content": b"a", "headers": {"Content-Type": "text/plain"}}),
    ("POST", "{run}/descent", {"json": {}, "headers": {"If-Match": '"9"'}}),
    ("PATCH", "{run}/training", {"json": {"paused": True}}),
    ("GET", "/api/runs/nobody", {}),
    ("GET", "/api/moments/nobody", {}),
    ("GET", "/nowhere", {}),
]


@pytest.mark.parametrize(("method", "path", "body"), REFUSED)
def test_a_refusal_is_said_in_chinese(
    run: Any, http: httpx.Client, refusal: Any, method: str, path: str, body: dict[str, Any]
) -> None:
    """To whom speaks Chinese; status, fields and all else are what everybody gets."""
    where = path.replace("{run}", run.path)
    usual = http.request(method, where, **body)
    given = {**body.get("headers", {}), **CHINESE}
    told = http.request(method, where, **{**body, "headers": given})
    english, chinese = refusal(usual, usual.status_code), refusal(told, usual.status_code)
    faults = chinese.get("errors", [])
    fields = [one["field"] for one in faults]
    for text in (chinese["detail"], *(one[key] for one in faults for key in ("wanted", "came"))):
        assert english_in(text) <= set(LETTERS.findall(" ".join(fields)))
    assert re.search(r"[\u4e00-\u9fff].*。$", chinese["detail"])
    assert fields == [one["field"] for one in english.get("errors", [])]
    assert {**english, "detail": "", "errors": []} == {**chinese, "detail": "", "errors": []}


@pytest.mark.parametrize("headers", [{}, {"Accept-Language": "fr"}, {"Cookie": "language=en"}])
def test_who_speaks_no_chinese_gets_the_english_words(
    http: httpx.Client, refusal: Any, headers: dict[str, str]
) -> None:
    """As they stand in the code; the answer says which language it is in, and what decides."""
    file = {"file": ("a.csv", b"1,0,x,0,1\n")}
    answer = http.post("/api/datasets", files=file, headers=headers)
    assert refusal(answer, 422)["detail"] == (
        "row 1, column 3: Not a number. Wanted a number; came 'x'."
    )
    assert answer.headers["content-language"] == "en"
    assert {"X-Language", "Cookie", "Accept-Language"} <= set(answer.headers["vary"].split(", "))


def test_several_faults_are_several_sentences(run: Any, refusal: Any) -> None:
    """Chinese ones follow each other without a space; what is beyond three is counted."""
    layers = [{"type": "dense", "units": 0}] * 5
    answer = run("PATCH", "config", {"layers": layers}, headers=CHINESE)
    one = "layers.{}.units：应为不小于 1 的整数；收到 0。"
    expected = "".join(one.format(at) for at in range(3)) + "另有 2 处。"
    assert refusal(answer, 422)["detail"] == expected


def test_notes_are_said_to_whoever_makes_a_set(http: httpx.Client) -> None:
    """An upload, a split and one more image tell in Chinese what was done; the shelf is English."""
    file = {"file": ("a.csv", b"label,a,b,c,d\n" + b"0,0,9,9,0\n1,1,1,1,1\n" * 5)}
    made = http.post("/api/datasets", files=file, headers=CHINESE).json()
    first = ["第 1 行是表头，已跳过。", "所有像素都除以了 9，即文件中最大的值。"]
    assert made["notes"] == first
    path = f"/api/datasets/{made['id']}"
    parted = http.post(f"{path}/split", json={}, headers=CHINESE).json()
    assert parted["notes"] == [*first, "10 幅图像中有 2 幅留作测试，由种子 0 抽取。"]
    image = {"pixels": [[0, 1], [1, 0]], "label": 0}
    assert http.post(f"{path}/images", json=image, headers=CHINESE).json()["notes"] == first
    english = ["The header in row 1 was passed over."]
    english.append("Pixels were divided by 9, the largest in the file.")
    assert http.get(path, headers=CHINESE).json()["notes"] == english
    assert http.post("/api/datasets", files=file).json()["notes"] == english


def test_what_a_link_asks_in_vain_is_said_in_chinese(run: Any, http: httpx.Client) -> None:
    """The page says for each thing that it leaves out what was wanted."""
    query = "?iteration=9&theme=pink&moment=nobody"
    page = http.get(f"/runs/{run.id}{query}", headers=CHINESE).text
    found = re.search(r'"refused":(\[[^\]]*\])', page)
    assert found is not None
    assert json.loads(found[1]) == [
        "没有这个时刻；它的链接可能太旧了。",
        "iteration：应为 0 至 0，即已进行的迭代；收到 9。",
        "theme：应为 'light', 'dark' 或 'projector'；收到 'pink'。",
    ]


def test_bounds_before_a_handler_speak_chinese_too(tmp_path: Path, refusal: Any) -> None:
    """Too many sets, and too many requests: each is refused where it is found."""
    settings = Settings(data=tmp_path, datasets=1, rate=0.001, rate_burst=10)
    with TestClient(create_app(settings), headers=CHINESE) as client:
        told = [
            client.post("/api/datasets", files={"file": ("a.csv", b"0,%d" % pixel)})
            for pixel in (0, 1, 1)
        ]
    assert told[0].status_code == 201
    assert refusal(told[1], 409)["detail"].startswith("服务器最多保存 1 个图像集，现已存满")
    assert refusal(told[2], 429)["detail"].startswith("来自这个地址的请求太多：请等 ")


def test_a_defect_is_said_in_chinese(tmp_path: Path, refusal: Any) -> None:
    """What nobody expected, too."""
    app = create_app(Settings(data=tmp_path))
    app.state.metrics.text = None
    with TestClient(app, headers=CHINESE) as client:
        assert refusal(client.get("/metrics"), 500)["detail"] == (
            "服务器内部出了问题；没有任何改动。"
        )


def test_refusals_in_a_stream_are_in_the_listeners_language() -> None:
    """They are written once for all; each listener hears them in its own, all else as it is."""
    frame = b'event: trace\ndata: {"detail": "nothing"}\n\n'
    words = "There is no run of this id; it may have been deleted."
    refused = f'event: error\ndata: {{"status":404,"detail":"{words}"}}\nid: a-1\n\n'.encode()

    async def stream() -> AsyncIterator[bytes]:
        yield frame
        yield frame + refused

    async def heard() -> list[bytes]:
        return [part async for part in worded(stream(), "zh_Hans")]

    first, second = asyncio.run(heard())
    expected = refused.replace(words.encode(), "没有这个运行；可能已被删除。".encode())
    assert (first, second) == (frame, frame + expected)
