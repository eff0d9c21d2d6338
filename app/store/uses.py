"""Which image sets stored bytes name, so that a set which is in use stays."""

import re

MARK = b"set-"
NAME = re.compile(rb"set-[0-9a-f]{20}")  # as app/shelf.py names what is brought


def sets_in(blob: bytes) -> set[str]:
    """The ids of the brought image sets that stand in a chunk as text."""
    return {name.decode() for name in NAME.findall(blob)} if MARK in blob else set()
