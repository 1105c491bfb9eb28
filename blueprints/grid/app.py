"""/grid/app: the page that works without signal, the worker that keeps it, and how a phone installs it.

None of these answers carries a person's data: that goes into the encrypted store of the phone alone.
"""

import json
from hashlib import sha256

from flask import Response, make_response, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from blueprints.grid.app_words import words
from blueprints.grid.door import bp
from blueprints.guard import place
from blueprints.pages import static_url
from rongjiu.paths import ROOT

SHEETS = ("vendor/bootstrap/bootstrap.min.css", "css/theme.css", "css/parts.css", "css/doors.css", "css/elder.css",
          "css/field.css")  # fmt: skip
SCRIPTS = ("vendor/idb/umd.js", "js/grid/store.js", "js/grid/photo.js", "js/grid/sync.js", "js/grid/parts.js", "js/grid/draft.js",
           "js/grid/doors.js", "js/grid/pages.js", "js/grid/leave.js", "js/grid/app.js")  # fmt: skip
PICTURES = ("img/icons.svg", "img/mark.svg", "img/field-192.png", "img/field-512.png", "favicon.svg")
_WORKER = ROOT / "blueprints" / "static" / "js" / "grid" / "worker.js"
_SHELL = ROOT / "blueprints" / "templates" / "grid" / "app.html"


@bp.get("/app")
def app() -> ResponseReturnValue:
    """The shell: words and scripts only, so that it may be kept in the open cache of the phone."""
    return render_template("grid/app.html", sheets=SHEETS, scripts=SCRIPTS, app_words=words())


@bp.get("/sw.js")
def worker() -> Response:
    """The service worker; its first line names the files of this version, so that a new version is a new worker."""
    files = [static_url(path) for path in (*SHEETS, *SCRIPTS, *PICTURES)]
    mark = sha256("|".join(files).encode() + _SHELL.read_bytes() + _WORKER.read_bytes()).hexdigest()[:12]
    shell = url_for("grid.app")
    head = f"const VERSION = {json.dumps(mark)}, SHELL = {json.dumps(shell)}, FILES = {json.dumps(files)};\n"
    answer = make_response(head + _WORKER.read_text(encoding="utf-8"))
    answer.headers["Content-Type"] = "text/javascript; charset=utf-8"
    answer.headers["Service-Worker-Allowed"] = shell.removesuffix("app")
    return answer


@bp.get("/manifest.webmanifest")
def manifest() -> Response:
    """How the app is called on the phone's desktop, and where it begins."""
    shell = url_for("grid.app")
    pictures = [(static_url("img/mark.svg"), "any", "image/svg+xml")]
    pictures += [(static_url(f"img/field-{size}.png"), f"{size}x{size}", "image/png") for size in (192, 512)]
    said = {
        "name": _("%(place)s 网格员", place=place().name), "short_name": _("网格员"), "id": shell, "start_url": shell,
        "scope": shell.removesuffix("app"), "display": "standalone", "background_color": "#ffffff",
        "theme_color": "#1f6f78", "icons": [{"src": src, "sizes": size, "type": mime} for src, size, mime in pictures],
    }  # fmt: skip
    answer = make_response(json.dumps(said, ensure_ascii=False))
    answer.headers["Content-Type"] = "application/manifest+json; charset=utf-8"
    return answer
