"""A page made into a PDF/UA-1 by WeasyPrint, in a process of its own: it takes some 300 MB and gives them back.

python -m rongjiu.printing.pdf < page.html > page.pdf — nothing is fetched but the house's own static files."""

import os
import subprocess
import sys
from ctypes.util import find_library
from functools import lru_cache

from rongjiu.paths import ROOT

STATIC = "house:"
"""Addresses of the house's static files in a page, such as house:css/paper.css."""
PATIENCE = 90
"""Seconds after which a page is given up."""
LIBRARIES = ("pango-1.0", "pangoft2-1.0", "harfbuzz-subset")
"""Debian: libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0."""
_FOLDER = ROOT / "blueprints" / "static"
_KINDS = {".css": "text/css", ".svg": "image/svg+xml", ".png": "image/png"}


class CannotPrint(Exception):
    """No PDF came of it; `reason` is no_renderer, slow or broken."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@lru_cache(maxsize=1)
def missing() -> tuple[str, ...]:
    """Libraries of the system that are not there; empty = PDFs can be made."""
    return tuple(name for name in LIBRARIES if find_library(name) is None)


def of(page: str) -> bytes:
    """The PDF of a page; raises CannotPrint."""
    if missing():
        raise CannotPrint("no_renderer")
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "FONTCONFIG_PATH") if name in os.environ}
    try:
        done = subprocess.run(  # noqa: S603  our own module
            [sys.executable, "-m", "rongjiu.printing.pdf"], input=page.encode(), capture_output=True, timeout=PATIENCE,
            env={**kept, "PYTHONPATH": os.pathsep.join(sys.path)}, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise CannotPrint("slow") from error
    if done.returncode or not done.stdout.startswith(b"%PDF-"):
        raise CannotPrint("broken")
    return done.stdout


def render(page: str) -> bytes:
    """The PDF of a page, made here; raises FatalURLFetchingError when the page asks for anything but a static file of the house."""
    from weasyprint import HTML, URLFetcher  # 0.8 s to import, only in this process
    from weasyprint.urls import FatalURLFetchingError, URLFetcherResponse

    class Own(URLFetcher):  # type: ignore[misc]  # WeasyPrint has no types
        """Gives out the house's files and pictures that stand in the page itself."""

        def fetch(self, url: str, headers: object = None) -> URLFetcherResponse:
            """One file; anything else ends the rendering."""
            if url.startswith("data:image/"):
                return super().fetch(url, headers)
            path = (_FOLDER / url.removeprefix(STATIC)).resolve()
            own = url.startswith(STATIC) and path.is_relative_to(_FOLDER) and path.suffix in _KINDS
            if not own or not path.is_file():
                raise FatalURLFetchingError(url)
            return URLFetcherResponse(url, path.read_bytes(), {"Content-Type": _KINDS[path.suffix]})

    source = HTML(string=page, base_url=STATIC, url_fetcher=Own(allowed_protocols=("data",)))
    made: bytes = source.write_pdf(pdf_variant="pdf/ua-1", pdf_tags=True)
    return made


if __name__ == "__main__":
    sys.stdout.buffer.write(render(sys.stdin.buffer.read().decode()))
