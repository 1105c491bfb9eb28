"""Every list of every door leaves as a file too, by the one way there is (blueprints/exporting.py)."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from flask import Flask

ROOT = Path(__file__).parents[2] / "blueprints"
TEMPLATES = ROOT / "templates"
TEXTS = {path.relative_to(TEMPLATES).as_posix(): path.read_text("utf-8") for path in TEMPLATES.rglob("*.html")}
MAKES_A_LIST = re.compile(r"\b(?:filters|filter_bar|pager|tools)\(|<table[^>]* data-list")
PARTS = {
    "desk.card",
    "desk.request_page",
    "desk.policy_workbook",
    "desk.sweep_certificate",
    "desk.duty",
    "provider.licence",
}
"""Pages of one thing whose table is a part of it: a decision, a certificate, a rota that is filled in."""
SHOWN_AGAIN = {"desk.home", "desk.day"}
"""The first pages of the desk: their list is that of cases and leaves by its door."""
FINDING = {"desk.search", "market.search"}
"""Not a list but somebody or something being looked for; what is found opens one by one."""
OPEN = {"public.wishes"}
"""What stands on the wall for everybody, without an account whose purpose could be asked."""
WALKED = {"grid.sweep"}
"""The doors of the round on a telephone, which keeps nothing in the clear; the desk has them as `desk.sweep_doors`."""
SAMPLES = {"operator.components"}
"""Shows each component once, with made-up rows."""
WITHOUT = PARTS | SHOWN_AGAIN | FINDING | OPEN | WALKED | SAMPLES


def calls(text: str, name: str) -> Iterator[str]:
    """What stands between the brackets of each call of a macro."""
    for found in re.finditer(rf"(?<![\w.]){name}\(", text):
        depth, end = 1, found.end()
        while depth:
            depth += {"(": 1, ")": -1}.get(text[end], 0)
            end += 1
        yield text[found.end() : end - 1]


def lists(text: str) -> bool:
    """Does a template filter, page, print or name the table of a list?"""
    main = any("main=" in words or not re.search(r"\bid=", words) for words in calls(text, "table"))
    return main or bool(MAKES_A_LIST.search(text))


@cache
def including(part: str) -> frozenset[str]:
    """Templates that take in another one, directly or by way of a third; pages are not parts of what extends them."""
    found = {name for name, text in TEXTS.items() if re.search(rf'(?:include|import|from) "{re.escape(part)}"', text)}
    return frozenset(found | {name for each in found for name in including(each)})


def pages() -> set[str]:
    """Templates with a list, those that take it from another in its stead; not the macros themselves."""
    own = {name for name, text in TEXTS.items() if not name.startswith(("macros/", "doors/")) and lists(text)}
    return own | {name for each in own for name in including(each)}


def views() -> Iterator[tuple[str, str]]:
    """Template and endpoint of every GET view, also where a function beside it renders the page."""
    for path in ROOT.glob("*/*.py"):
        functions = [node for node in ast.parse(path.read_text("utf-8")).body if isinstance(node, ast.FunctionDef)]
        said = {node.name: set(re.findall(r"'([\w/]+\.html)'", ast.unparse(node))) for node in functions}
        used = {
            node.name: {ast.unparse(call.func) for call in ast.walk(node) if isinstance(call, ast.Call)} & set(said)
            for node in functions
        }
        for _each in functions:  # what is shown by way of others, however long the way
            for name, others in used.items():
                said[name] = said[name].union(*(said[other] for other in others))
        for node in functions:
            for route in (ast.unparse(each) for each in node.decorator_list):
                if route.startswith(("bp.get", "bp.route")) and "methods=['POST']" not in route:
                    named = re.search(r"endpoint='(\w+)'", route)
                    for template in said[node.name]:
                        yield template, f"{path.parent.name}.{named[1] if named else node.name}"


VIEWS = set(views())
SHOWN = {page: sorted(endpoint for template, endpoint in VIEWS if template == page) for page in sorted(pages())}
LISTS = sorted({endpoint for endpoints in SHOWN.values() for endpoint in endpoints} - WITHOUT)


def test_every_template_with_a_list_is_known_by_its_view() -> None:
    taken = {part for part in SHOWN if including(part)}
    assert [page for page, endpoints in SHOWN.items() if not endpoints and page not in taken] == []


def test_nothing_is_excused_that_is_no_list() -> None:
    assert WITHOUT - {endpoint for endpoints in SHOWN.values() for endpoint in endpoints} == set()


@pytest.mark.parametrize("endpoint", LISTS)
def test_a_list_has_a_file(app: Flask, endpoint: str) -> None:
    assert endpoint in app.view_functions
    assert f"{endpoint}_export" in app.view_functions, "give it its line in exports.py of the door, or door() beside it"


@pytest.mark.parametrize("page", sorted(page for page, endpoints in SHOWN.items() if set(endpoints) & set(LISTS)))
def test_a_list_offers_its_file_and_its_print(page: str) -> None:
    parts = [page, *(part for part in SHOWN if page in including(part))]
    assert any("tools(" in TEXTS[part] for part in parts), f"{page}: put tools() above the table"
