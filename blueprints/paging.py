"""One page of a list: which page is asked for, how many rows it has, and all of them when the list leaves as a file."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import request

from blueprints.exporting import MOST, whole

FURTHEST = 1_000_000
"""A page number beyond every list; the rows skipped still fit a number of the database."""


def page_number() -> int:
    """?page=, at least 1, and no further than any list reaches."""
    return 1 if whole() else min(max(1, request.args.get("page", 1, type=int)), FURTHEST)


def page_size(usual: int = 50) -> int:
    """Rows of a page; all of them when the list leaves as a file."""
    return MOST if whole() else usual


@dataclass(frozen=True, slots=True)
class Part:
    """A page cut out of a list, with what the pager says under it."""

    rows: Sequence[Any]
    page: int
    pages: int
    total: int


def cut(rows: Sequence[Any], usual: int = 50) -> Part:
    """The page asked for of a list that was read whole."""
    page, size = page_number(), page_size(usual)
    return Part(rows[(page - 1) * size : page * size], page, max(1, -(-len(rows) // size)), len(rows))
