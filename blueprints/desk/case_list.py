"""The list of cases as the desk shows it: what was asked, the lines ready for the page. Read by home and cases.

Words and dates are looked up once per code, not once per row: this page is the one that is measured.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import request
from flask_babel import gettext as _

from blueprints.desk import words
from blueprints.desk.scope import own, page_number, page_size, uuid_of
from blueprints.pages import say, when
from rongjiu.clock import now
from tenants.cases import queries
from tenants.cases.queries import SIZES, Line, Wanted

SORTS = ("weight", "number", "opened", "state")


@dataclass(frozen=True, slots=True)
class Row:
    """One line in the reader's words; the head's name is masked by the page."""

    number: str
    head: str | None
    people: str
    courtyard: str
    reasons: str
    urgency: str
    state: str
    actor: str
    verb: str
    due: str
    late: bool
    worker: str
    demo: bool


def wanted(state: str = "") -> Wanted:
    """What the address asks for, narrowed to what this role may see."""
    args = request.args
    asked = args.get("size", 50, type=int)
    sort = args.get("sort", "weight")
    return Wanted(
        own=own(), courtyard_id=uuid_of(args.get("courtyard")), group=args.get("group", ""),
        state=args.get("state", state), worker_id=uuid_of(args.get("worker")), due=args.get("due", ""),
        text=args.get("q", "").strip(), sort=sort if sort in SORTS else "weight", desc=args.get("dir", "desc") != "asc",
        page=page_number(), size=page_size(asked if asked in SIZES else 50),
    )  # fmt: skip


def listing(asked: Wanted) -> dict[str, Any]:
    """All that the template of the list needs: two statements."""
    found = queries.choices()
    lines, total = queries.page(asked)
    reasons = reason_words(found)
    dues: dict[datetime, str] = {}
    verbs: dict[str, str] = {}
    moment = now()
    return {
        "rows": [_row(line, reasons, dues, verbs, moment) for line in lines], "total": total, "asked": asked,
        "pages": max(1, -(-total // asked.size)),
        "filters": [
            _group("courtyard", _("院落"), found.courtyards, asked.courtyard_id),
            _group("group", _("人群"), found.groups, asked.group),
            {"name": "state", "label": _("状态"), "value": asked.state,
             "options": [(code, str(word), None) for code, word in words.CASE_STATES.items()]},
            *([] if asked.own else [_group("worker", _("负责人"), found.workers, asked.worker_id)]),
            {"name": "due", "label": _("期限"), "value": asked.due, "options": [("late", _("已超期"), None)]},
        ],
    }  # fmt: skip


def reason_words(found: queries.Choices) -> dict[str, str]:
    """Why somebody should be helped, code → words: special groups and the marks of the desk."""
    return words.local(found.groups) | {code: str(word) for code, word in words.MARKS.items()}


def _group(name: str, label: str, rows: list[tuple[str, str, str]], value: Any) -> dict[str, Any]:
    options = [(code, word, None) for code, word in words.local(rows).items()]
    return {"name": name, "label": label, "value": str(value or ""), "options": options}


def _row(
    line: Line, reasons: dict[str, str], dues: dict[datetime, str], verbs: dict[str, str], moment: datetime
) -> Row:
    due, verb = "", ""
    if line.due_at is not None and line.verb is not None:
        due = dues.get(line.due_at) or dues.setdefault(line.due_at, when(line.due_at))
        verb = verbs.get(line.verb) or verbs.setdefault(line.verb, _(line.verb))
    return Row(
        number=line.number, head=line.head, people=_people(line.people), courtyard=line.courtyard,
        reasons="·".join(reasons.get(code, code) for code in line.reasons[:4]), urgency=line.urgency, state=line.state,
        actor=line.actor or "", verb=verb, due=due, late=line.due_at is not None and line.due_at < moment,
        worker=line.worker, demo=line.demo,
    )  # fmt: skip


def _people(number: int) -> str:
    return say("%(n)s 人", n=number) if number else ""
