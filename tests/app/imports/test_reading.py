from __future__ import annotations

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.imports import Imported, ImportProblem, read


@pytest.mark.parametrize("filename", ["a.txt", "a", "a.xlsx", "a.csv", "a.json.csv"])
def test_content_decides(filename: str) -> None:
    """What is in the file decides, whatever it is called."""
    assert len(read(filename, b' {"images": [[[1]]], "labels": [0]}').images) == 1


@pytest.mark.parametrize(
    ("filename", "name"),
    [
        ("C:\\data\\my set.csv", "my set"),
        ("/x/y.csv", "y"),
        ("\0.csv", "My images"),
        ("", "My images"),
    ],
)
def test_name(filename: str, name: str) -> None:
    """A set is called after its file, without folders and what cannot be printed."""
    assert read(filename, b"0,0,1,0,1").name == name


def zipped() -> bytes:
    """Return a zip file that is no data set."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as file:
        file.writestr("hello.txt", "hello")
    return stream.getvalue()


@pytest.mark.parametrize(
    "content",
    [b"", b" \n", b"\x89PNG\r\n\0\0", b"\xd0\xcf\x11\xe0old", zipped(), b"PK\x05\x06" + b"\0" * 18],
    ids=["empty", "blank", "picture", "old Excel", "zip", "empty zip"],
)
def test_other_files(content: bytes) -> None:
    """Files of other kinds are refused as a whole."""
    with pytest.raises(ImportProblem) as caught:
        read("mine.csv", content)
    assert caught.value.field == "file"


def outcome(filename: str, content: bytes) -> Imported | ImportProblem:
    """Return the set or the problem."""
    try:
        return read(filename, content)
    except ImportProblem as problem:
        return problem


@given(
    content=st.one_of(
        st.binary(max_size=200),
        st.text('0123456789.,;-\n\t{}[]"aeNn', max_size=200).map(str.encode),
        st.binary(max_size=100).map(b"PK\x03\x04".__add__),
    ),
    filename=st.sampled_from(["a.csv", "a.json", "a.npz", "a.xlsx", "a"]),
)
def test_anything(content: bytes, filename: str) -> None:
    """Any bytes give either a set within the bounds or a problem with all its words."""
    found = outcome(filename, content)
    if isinstance(found, ImportProblem):
        assert all((found.title, found.field))
        for words in (found.wanted, found.came):
            assert words
            assert not words.startswith("Wanted")
            assert not words.endswith(".")
    else:
        assert 0 <= found.images.min() <= found.images.max() <= 1
        assert found.labels.max() < len(found.classes)
