"""Every list of the desk that pages leaves as a file too, by the one way there is (blueprints/exporting.py)."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

ROOT = Path(__file__).parents[2] / "blueprints"
TEMPLATES = ROOT / "templates"
FINDING = {"desk/search.html"}
"""Not a list but somebody being looked for; what is found opens one by one."""
SHOWN_AGAIN = {"home", "day"}
"""The first pages of the desk: their list is that of cases and leaves by its door."""


def paging() -> set[str]:
    """Templates of the desk that page, with those that take their rows from one."""
    texts = {
        path.relative_to(TEMPLATES).as_posix(): path.read_text("utf-8") for path in (TEMPLATES / "desk").rglob("*.html")
    }
    own = {name for name, text in texts.items() if "{{ pager(" in text or " pager(" in text}
    shared = {name for name in own if name.rpartition("/")[2].startswith("_")}
    return (own - shared) | {name for name, text in texts.items() if any(f'"{part}"' in text for part in shared)}


def views(template: str) -> Iterator[str]:
    """Views of the desk that show a template, also by way of a function beside them; GET ones."""
    for path in (ROOT / "desk").glob("*.py"):
        text = path.read_text("utf-8")
        if f'"{template}"' not in text:
            continue
        functions = {node.name: node for node in ast.parse(text).body if isinstance(node, ast.FunctionDef)}
        shows = {name for name, node in functions.items() if f"'{template}'" in ast.unparse(node)}
        for name, node in functions.items():
            routes = [ast.unparse(each) for each in node.decorator_list]
            calls = {ast.unparse(call.func) for call in ast.walk(node) if isinstance(call, ast.Call)}
            if any(route.startswith(("bp.get", "bp.route")) for route in routes) and (name in shows or shows & calls):
                yield name


PAGING = sorted(paging() - FINDING)


@pytest.mark.parametrize("template", PAGING)
def test_a_list_that_pages_has_a_file(app: Flask, template: str) -> None:
    names = set(views(template.replace("import_part", "import"))) - SHOWN_AGAIN
    assert names or template in ("desk/home.html", "desk/day.html"), f"{template}: no view of the desk shows it"
    for name in names:
        assert f"desk.{name}_export" in app.view_functions, f"give {template} its line in blueprints/desk/exports.py"


@pytest.mark.parametrize("template", PAGING)
def test_a_list_that_pages_offers_its_file_and_its_print(template: str) -> None:
    text = (TEMPLATES / template).read_text("utf-8")
    parts = [text] + [(TEMPLATES / name).read_text("utf-8") for name in ("desk/_cases.html",) if f'"{name}"' in text]
    assert any("{{ tools(" in part for part in parts), f"{template}: put tools() above the table"
