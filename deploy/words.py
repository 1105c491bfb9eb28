"""Keep the catalogues fresh: extract every msgid, drop what is gone, list what has no English yet.

.venv/bin/python deploy/words.py            rewrite translations/en/LC_MESSAGES/messages.po
.venv/bin/python deploy/words.py --add FILE the same, with the English of a JSON object {"中文": "English"} put in
.venv/bin/python deploy/words.py --check    change nothing; exit 1 when something is missing or stale
"""

import json
import sys
from pathlib import Path

from babel.messages import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
ENGLISH = ROOT / "translations" / "en" / "LC_MESSAGES" / "messages.po"
KEYWORDS = (
    "_", "gettext", "say", "lazy_gettext", "lazy", "N_", "Refused", "Absent", "Clash", "CodeWrong", "LoginRefused", "Full",
    "CodeError",
)  # fmt: skip
"""Functions and refusals whose first argument is a msgid, in Simplified Chinese."""


APART = "\x04"
"""Between the context of a msgid and its words, such as `list` for the title of a list, which is a plural in English."""


def extract() -> list[str]:
    """Every msgid of code and templates, with its context if it has one."""
    found: set[str] = set()
    keywords = dict.fromkeys(KEYWORDS) | {"ngettext": (1, 2), "Fault": (3,), "pgettext": ((1, "c"), 2)}
    for folder, patterns in (
        ("platform", ["**.py"]),
        ("tenants", ["**.py"]),
        ("blueprints", ["**.py", "templates/**.html"]),
    ):
        methods = [(pattern, "python" if pattern.endswith("py") else "jinja2") for pattern in patterns]
        options = {
            pattern: {"extensions": "jinja2.ext.do", "silent": "false"} for pattern, kind in methods if kind == "jinja2"
        }
        # `say` is a look-up in the doors only; below them it prints progress in both languages.
        known = keywords if folder == "blueprints" else {word: at for word, at in keywords.items() if word != "say"}
        read = extract_from_dir(ROOT / folder, methods, options, keywords=known)
        for _file, _line, words, _comments, context in read:
            word = words if isinstance(words, str) else words[-1] if context else words[0]
            found.add(f"{context}{APART}{word}" if context else word)
    return sorted(word for word in found if word)


def english() -> dict[str, str]:
    """What is translated now."""
    if not ENGLISH.exists():
        return {}
    with ENGLISH.open("rb") as file:
        return {
            f"{m.context}{APART}{m.id}" if m.context else str(m.id): str(m.string)
            for m in read_po(file, locale="en") if m.id and m.string
        }  # fmt: skip


def chinese(word: str) -> bool:
    """Does a msgid need English at all?"""
    return any("一" <= letter <= "鿿" for letter in word)


def missing() -> list[str]:
    """Msgids without English."""
    known = english()
    return [word for word in extract() if chinese(word) and not known.get(word)]


def write(known: dict[str, str]) -> None:
    """Write the English catalogue: every msgid of the code, nothing else."""
    catalog = Catalog(
        locale="en",
        project="rongjiu",
        fuzzy=False,
        header_comment="# English of rongjiu; msgids are the Simplified Chinese words on the screen.",
    )
    for word in extract():
        context, _apart, plain = word.rpartition(APART)
        catalog.add(plain, known.get(word, "" if chinese(word) else word), context=context or None)
    ENGLISH.parent.mkdir(parents=True, exist_ok=True)
    with ENGLISH.open("wb") as file:
        write_po(file, catalog, sort_output=True, width=0)
    stamps = (
        "POT-Creation-Date",
        "PO-Revision-Date",
        "Last-Translator",
        "Language-Team",
        "Generated-By",
        "Report-Msgid",
    )
    lines = ENGLISH.read_text("utf-8").splitlines()
    ENGLISH.write_text(
        "\n".join(line for line in lines if not line.startswith(tuple(f'"{stamp}' for stamp in stamps))) + "\n", "utf-8"
    )


def main() -> int:
    """Refresh or check."""
    if "--check" not in sys.argv:
        added = json.loads(Path(sys.argv[2]).read_text("utf-8")) if "--add" in sys.argv else {}
        write(english() | added)
    lacking = missing()
    stale = set(english()) - set(extract())
    for word in lacking:
        print(word.replace("\n", "\\n"))
    print(f"{len(lacking)} without English, {len(stale)} stale", file=sys.stderr)
    return 1 if lacking or stale else 0


if __name__ == "__main__":
    raise SystemExit(main())
