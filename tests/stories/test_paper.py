"""Papers as PDF: rare characters stay text, tagged for readers aloud, nothing is fetched from outside."""

import re
import zlib

import pytest

from rongjiu.printing import pdf

renders = pytest.mark.skipif(bool(pdf.missing()), reason=f"libraries missing: {', '.join(pdf.missing())} (apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0)")  # fmt: skip
NAME = "阿依古丽·𠮷田䶮"
"""A middle dot, a character beyond the BMP, one of extension A."""
PAGE = f"""<!doctype html><html lang="zh-Hans"><head><meta charset="utf-8"><title>转介单</title>
<link rel="stylesheet" href="house:css/paper.css"></head><body><article class="paper"><h1>转介单</h1><p>{NAME}</p></article></body></html>"""


def streams(made: bytes) -> list[bytes]:
    """Every stream of a PDF, opened."""
    found = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", made, re.DOTALL)
    opened = []
    for raw in found:
        try:
            opened.append(zlib.decompress(raw))
        except zlib.error:
            opened.append(raw)
    return opened


def words(made: bytes) -> set[str]:
    """Every piece of text that the fonts of a PDF say their glyphs mean (ToUnicode): what copying and reading aloud give."""
    found: set[str] = set()
    for stream in streams(made):
        if b"beginbfchar" in stream:
            for code in re.findall(rb"<[0-9a-fA-F]+>\s*<([0-9a-fA-F]+)>", stream):
                found.add(bytes.fromhex(code.decode()).decode("utf-16-be"))
    return found


@renders
def test_a_rare_name_stays_text_and_the_file_is_tagged() -> None:
    made = pdf.of(PAGE)
    assert made.startswith(b"%PDF-")
    assert set(NAME) <= {letter for piece in words(made) for letter in piece}
    everything = made + b"".join(streams(made))
    for mark in (b"pdfuaid:part", b"/StructTreeRoot", b"/MarkInfo", b"/Lang", b"/DisplayDocTitle"):
        assert mark in everything, mark


@renders
@pytest.mark.parametrize(
    "address",
    ["http://203.0.113.1/x.css", "https://203.0.113.1/x.css", "file:///etc/hostname", "house:../../wsgi.py", "house:js/theme.js", "ftp://203.0.113.1/x"],
)  # fmt: skip
def test_a_page_that_asks_for_anything_else_is_not_printed(address: str) -> None:
    from weasyprint.urls import FatalURLFetchingError

    for asked in (f'<link rel="stylesheet" href="{address}">', f'<img alt="x" src="{address}">'):
        with pytest.raises(FatalURLFetchingError):
            pdf.render(PAGE.replace("</article>", asked + "</article>"))


@renders
def test_a_refused_page_is_a_failure_with_a_reason() -> None:
    with pytest.raises(pdf.CannotPrint) as cannot:
        pdf.of(PAGE.replace("</article>", '<img alt="x" src="https://203.0.113.1/x.png"></article>'))
    assert cannot.value.reason == "broken"


@renders
def test_a_picture_in_the_page_itself_is_printed() -> None:
    dot = (
        "data:image/svg+xml;base64,PHN2ZyB4bWxucz0iaHR0cDovL3d3dy53My5vcmcvMjAwMC9zdmciIHdpZHRoPSI0IiBoZWlnaHQ9IjQiLz4="
    )
    assert pdf.render(PAGE.replace("</article>", f'<img alt="码" src="{dot}"></article>')).startswith(b"%PDF-")
