"""The shape of the code: sizes, names, imports, the packages this product was asked to use."""

import ast
import re
from collections.abc import Iterator

import pytest

from rongjiu.paths import ROOT

CODE = ("platform", "tenants", "blueprints")
LONGEST = 300
"""Lines of a file; most have 60 to 120."""
LAZY = {
    "apprise",
    "pypinyin",
    "segno",
    "holidays",
    "rapidocr_onnxruntime",
    "weasyprint",
    "openpyxl",
    "playwright",
    "python_calamine",
    "PIL",
    "zxingcpp",
    "xlsxwriter",
    "flask_migrate",
    "blueprints.cli",
}
"""Heavy modules that may be imported where they are used; test_start.py sees that no program starts with one."""
ASKED = {
    "flask": "Flask(", "flask_sqlalchemy": "SQLAlchemy(", "flask_login": "LoginManager(", "flask_babel": "Babel(",
    "rq": "rq.Queue(", "redis": "redis.Redis.from_url(",
}  # fmt: skip


def files() -> Iterator[tuple[str, str]]:
    for folder in CODE:
        for file in sorted((ROOT / folder).rglob("*.py")):
            if "vendor" not in file.parts:
                yield str(file.relative_to(ROOT)), file.read_text(encoding="utf-8")


def test_files_stay_short() -> None:
    """A file that grows longer is split by meaning: a part of a room that belongs together becomes a package of its own.
    Migrations are left out, because what was released is not written again."""
    kinds, folders = ("*.py", "*.html", "*.js", "*.css"), (*CODE, "deploy", "tests")
    found = [file for folder in folders for kind in kinds for file in sorted((ROOT / folder).rglob(kind))]
    lengths = {
        str(file.relative_to(ROOT)): file.read_text(encoding="utf-8").count("\n")
        for file in found
        if "vendor" not in file.parts
    }
    assert {name: lines for name, lines in lengths.items() if lines > LONGEST} == {}
    ordered = sorted(lines for name, lines in lengths.items() if name.startswith(CODE))
    assert ordered[int(len(ordered) * 0.9)] <= 260


def test_functions_stay_small() -> None:
    long_functions = []
    for name, source in files():
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.FunctionDef) and node.end_lineno and node.end_lineno - node.lineno > 60:
                long_functions.append((name, node.name, node.end_lineno - node.lineno))
    assert long_functions == []


def test_no_drawers() -> None:
    assert [name for name, _ in files() if re.search(r"(^|/)(utils?|common|helpers?|misc)(\.py|/)", name)] == []


def test_imports_inside_functions_are_only_for_heavy_modules() -> None:
    found = []
    for name, source in files():
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.FunctionDef):
                for inner in ast.walk(node):
                    if isinstance(inner, ast.ImportFrom | ast.Import):
                        module = inner.module if isinstance(inner, ast.ImportFrom) else inner.names[0].name
                        if not {module, (module or "").split(".")[0]} & LAZY:
                            found.append((name, node.name, module))
    assert found == []


def test_rules_are_pure() -> None:
    for name, source in files():
        if name.endswith("/rules.py"):
            assert not re.search(r"^\s*(from|import) (flask|sqlalchemy)\b", source, re.MULTILINE), name


def test_services_never_commit() -> None:
    allowed = {
        "blueprints/transaction.py", "blueprints/guard.py", "blueprints/worker.py", "platform/rongjiu/outbox.py",
    }  # fmt: skip
    found = [name for name, source in files() if ".commit()" in source and name not in allowed and "/cli/" not in name]
    assert found == []


def test_rooms_have_the_same_furniture() -> None:
    known = {"models", "rules", "service", "queries", "facts", "jobs", "clone", "__init__"}
    for room in sorted((ROOT / "tenants").iterdir()):
        if room.is_dir() and room.name != "__pycache__":
            names = {file.stem for file in room.glob("*.py")}
            assert "models" in names, room.name
            assert len(names - known) <= 8, (room.name, names - known)  # further verbs of a large room, by name


def test_the_readme_names_every_room() -> None:
    told = (ROOT / "README.md").read_text(encoding="utf-8")
    rooms = {path.parent.name for path in (ROOT / "tenants").glob("*/models.py")}
    assert {room for room in rooms if f"`{room}` " not in told} == set()


@pytest.mark.parametrize("package", sorted(ASKED))
def test_the_packages_asked_for_are_in_real_use(package: str) -> None:
    users = [name for name, source in files() if re.search(rf"^\s*(from|import) {package}\b", source, re.MULTILINE)]
    assert users
    assert any(ASKED[package] in source for name, source in files() if name in users)


def test_no_page_names_another_host() -> None:
    allowed = re.compile(r"http://www\.w3\.org/")
    for folder in ("templates", "static"):
        for file in (ROOT / "blueprints" / folder).rglob("*"):
            if file.suffix in (".html", ".css", ".js", ".svg") and "vendor" not in file.parts:
                found = [
                    url
                    for url in re.findall(r"(?:https?:)?//[a-z0-9.-]+\.[a-z]{2,}[^\s\"')]*", file.read_text("utf-8"))
                    if not allowed.match(url)
                ]
                assert found == [], file.name


def test_no_inline_script_or_style_in_templates() -> None:
    for file in (ROOT / "blueprints" / "templates").rglob("*.html"):
        source = file.read_text("utf-8")
        assert not re.search(r"<script(?![^>]*\bsrc=)", source), file.name
        assert not re.search(r"\sstyle\s*=\s*[\"']", source), file.name
        assert not re.search(r"\son[a-z]+\s*=\s*[\"']", source), file.name
