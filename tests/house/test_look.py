"""The look holds: nothing inline (the CSP forbids it), nothing from elsewhere, known icons, readable colours."""

import re
from pathlib import Path

import pytest

from rongjiu.paths import ROOT

TEMPLATES = sorted((ROOT / "blueprints").rglob("*.html"))
STATIC = ROOT / "blueprints" / "static"
OWN = sorted(
    path for path in STATIC.rglob("*") if path.suffix in {".css", ".js", ".svg"} and "vendor" not in path.parts
)
INLINE = re.compile(
    r"""<style|\sstyle\s*=|\son[a-z]+\s*=\s*["']|\shx-on|javascript:|["']js:|<script(?![^>]*\ssrc=)""", re.IGNORECASE
)
ELSEWHERE = re.compile(r"""(?:https?:)?//(?!www\.w3\.org/2000/svg)[a-z0-9-]+\.[a-z]""", re.IGNORECASE)
ICON = re.compile(r"""\bicon\(\s*'([a-z0-9-]+)'|\bicon='([a-z0-9-]+)'""")


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", TEMPLATES, ids=_name)
def test_a_template_has_nothing_inline_and_nothing_from_elsewhere(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not INLINE.findall(text)
    assert not ELSEWHERE.findall(text)


@pytest.mark.parametrize("path", OWN, ids=_name)
def test_a_static_file_asks_nobody_else(path: Path) -> None:
    assert not ELSEWHERE.findall(path.read_text(encoding="utf-8"))


def test_every_icon_stands_in_the_sprite() -> None:
    known = set(re.findall(r'<symbol id="([a-z0-9-]+)"', (STATIC / "img" / "icons.svg").read_text(encoding="utf-8")))
    used = {a or b for path in TEMPLATES for a, b in ICON.findall(path.read_text(encoding="utf-8"))}
    assert used <= known
    # Names in Python are told from other words by a hyphen: the whole sprite knows them, ours must then too.
    whole = set(
        re.findall(
            r'id="([a-z0-9]+-[a-z0-9-]+)"', (STATIC / "vendor" / "icons" / "bootstrap-icons.svg").read_text("utf-8")
        )
    )
    code = [path.read_text(encoding="utf-8") for path in (ROOT / "blueprints").rglob("*.py")]
    named = {word for text in code for word in re.findall(r'"([a-z0-9]+-[a-z0-9-]+)"', text)} & whole
    assert "check2-square" in named
    assert named <= known


def _luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one: str, other: str) -> float:
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize(
    ("text", "ground"),
    [
        ("ink", "paper"), ("ink", "accent-tint"), ("muted", "paper"), ("muted", "card"), ("primary", "paper"), ("card", "primary"), ("card", "primary-deep"),
        ("primary-deep", "primary-tint"), ("ok", "ok-tint"), ("danger", "danger-tint"), ("info", "info-tint"), ("warn", "card"), ("muted", "muted-tint"),
    ],
)  # fmt: skip
def test_words_are_readable_on_their_ground(text: str, ground: str) -> None:
    tokens = dict(
        re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", (STATIC / "css" / "theme.css").read_text(encoding="utf-8"))
    )
    assert _contrast(tokens[text], tokens[ground]) >= 4.5
