"""The glossary: every tensor has a symbol and a meaning."""

from pathlib import Path

from app import glossary, i18n


def test_the_page_in_docs_is_up_to_date() -> None:
    """docs/notation.md is what ``python -m app.glossary`` prints."""
    page = Path(glossary.__file__).parents[1] / "docs" / "notation.md"
    assert page.read_text(encoding="utf-8") == glossary.markdown()


def test_every_meaning_of_the_catalogue_is_in_it() -> None:
    """No meaning is written for a tensor that is nowhere."""
    explained = {entry.meaning for entry in glossary.entries()}
    written = {key for key in i18n.catalogue("en") if key.startswith("meaning.")}
    assert written == explained
