from __future__ import annotations

import numpy as np
import pytest

from engine.datasets import about, load, names
from engine.datasets.glyphs import drawn
from engine.datasets.making import digits_123
from engine.errors import DataError


def test_names() -> None:
    """Every name loads the set of that id, twice the same."""
    for name in names():
        assert load(name).id == name
        assert load(name) is load(name)


def test_unknown() -> None:
    """A name that there is not is refused with those that there are."""
    with pytest.raises(DataError, match="digits-123-6x6"):
        load("digits-9x9")


def test_textbook_set() -> None:
    """The textbook's set has 32 images of each of 1, 2, 3, taking turns, black on white."""
    digits = load("digits-123-6x6")
    assert digits.images.shape == (96, 1, 6, 6)
    assert digits.classes == ("1", "2", "3")
    assert digits.labels.tolist() == [0, 1, 2] * 32
    assert set(digits.images.flat) == {0.0, 1.0}
    assert len({image.tobytes() for image in digits.images}) == 96


def test_textbook_set_is_made_by_its_script() -> None:
    """The committed array is what the committed script makes."""
    images, labels = digits_123.make()
    digits = load("digits-123-6x6")
    assert np.array_equal(images, digits.images[:, 0])
    assert np.array_equal(labels, digits.labels)


def test_originals_differ() -> None:
    """No handwritten digit is used twice."""
    for choices in digits_123.CHOSEN.values():
        assert len({index for index, *_ in choices}) == 32


def test_digits_8x8() -> None:
    """All UCI digits are there, ten classes in grey, the last fifth kept for testing."""
    digits = load("digits-8x8")
    assert digits.images.shape == (1797, 1, 8, 8)
    assert np.unique(digits.images * 16).tolist() == list(range(17))
    assert np.bincount(digits.labels).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    assert len(digits.training()) == 1437


def test_glyphs_28x28() -> None:
    """The drawn set has 400 images of each digit to learn from and 100 of each for testing."""
    glyphs = load("glyphs-28x28")
    assert glyphs.images.shape == (5000, 1, 28, 28)
    assert np.bincount(glyphs.labels[glyphs.training()]).tolist() == [400] * 10
    assert np.bincount(glyphs.labels).tolist() == [500] * 10
    assert len({image.tobytes() for image in glyphs.images}) == 5000


def test_glyphs_repeat() -> None:
    """A seed fixes the drawn images, another seed draws others."""
    assert np.array_equal(drawn(3, seed=1)[0], drawn(3, seed=1)[0])
    assert not np.array_equal(drawn(3, seed=1)[0], drawn(3, seed=2)[0])


def test_glyphs_stay_on_the_paper() -> None:
    """Every drawn digit has ink, and hardly any of it touches the border."""
    images, _ = drawn(50, seed=3)
    assert images.sum(axis=(1, 2)).min() > 20
    inner = images[:, 1:-1, 1:-1].sum()
    assert (images.sum() - inner) / images.sum() < 0.01


@pytest.mark.parametrize("name", names())
def test_what_is_said_of_a_set_is_so(name: str) -> None:
    """What a set is said to be, before its images are made, it is."""
    known, found = about(name), load(name)
    kept = 0 if found.test is None else int(found.test.sum())
    assert (known.size, known.shape, known.test) == (len(found), found.shape, kept)
    assert known.classes == found.classes
