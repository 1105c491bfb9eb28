"""…/cases/<number>/papers/<kind>: slip, visit sheet, emergency card, consent form, large-print answer: for the family or
for one of its members (?for=<seq>, all), to be printed from the browser or made into a PDF by a worker."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from blueprints import downloads
from blueprints.desk import words
from blueprints.desk.door import bp
from blueprints.desk.scope import case_or_404
from blueprints.forms import lazy
from blueprints.guard import logged, me, place
from blueprints.security import EXPORTING, by_account, limiter
from rongjiu.clock import today
from rongjiu.errors import Refused
from rongjiu.printing import service
from rongjiu.workdays import due_day
from tenants.accompaniment import queries as visits
from tenants.cases import queries as cases
from tenants.consents import queries as consents
from tenants.consents import rules as consent_rules
from tenants.founding import service as founding
from tenants.needs import queries as needs
from tenants.referrals import queries as referrals
from tenants.residents import contacts
from tenants.residents import queries as residents
from tenants.residents.queries import Member
from tenants.residents.rules import OWN_VOICE, is_minor, speaks_for_self

KINDS = {
    "slip": lazy("转介单"), "visit": lazy("上门登记单"), "card": lazy("紧急联系卡"), "consent": lazy("授权书"),
    "answer": lazy("大字答复"),
}  # fmt: skip

EACH = frozenset({"card", "consent", "answer"})
"""Sheets that every member of a family can have of their own."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Whom a sheet is about and whose name may stand on it: a child under 14 is never named, the guardian is."""

    member: Member | None
    name: str
    child: bool
    needs: tuple[Any, ...] = ()
    contact: Any = None


@bp.get("/cases/<number>/papers/<kind>")
@logged
def paper(number: str, kind: str) -> ResponseReturnValue:
    """The sheet on the screen."""
    case = _case(number, kind)
    return render_template(
        "desk/paper.html", **_sheet(case, kind), kinds=KINDS, possible=service.possible()
    )  # fmt: skip


@bp.post("/cases/<number>/papers/<kind>")
@limiter.limit(EXPORTING, key_func=by_account)
@logged
def paper_make(number: str, kind: str) -> ResponseReturnValue:
    """Have the PDF made of the sheet as this reader may see it."""
    case = _case(number, kind)
    try:
        asked = service.ask(kind, case.number, render_template("papers/pdf.html", **_sheet(case, kind)))
    except Refused as refused:
        flash(_(refused.message), "warning")
        return redirect(url_for("desk.paper", number=number, kind=kind) + _same_reader(), 303)
    return redirect(url_for("desk.paper_one", paper_id=asked), 303)


@bp.get("/papers/<uuid:paper_id>")
def paper_one(paper_id: UUID) -> ResponseReturnValue:
    """How far it is; the page asks again by itself until it is done."""
    made = _mine(paper_id)
    return render_template("desk/paper_one.html", made=made, kind=KINDS[made.kind])


@bp.get("/papers/<uuid:paper_id>/file")
@logged
def paper_file(paper_id: UUID) -> ResponseReturnValue:
    """The PDF, as a download; only for who asked for it, as long as the case is theirs to see."""
    made = _mine(paper_id)
    if made.file_id is None:
        abort(404)
    return downloads.kept(made.file_id)


def _mine(paper_id: UUID) -> service.Made:
    made = service.one(paper_id, asked_by=me().account_id)
    case_or_404(made.subject)
    return made


def _case(number: str, kind: str) -> Any:
    if kind not in KINDS:
        abort(404)
    return case_or_404(number)


def _sheet(case: Any, kind: str) -> dict[str, Any]:
    """What stands on the sheets of a case."""
    people = residents.members(case.household_id) if case.household_id else []
    here = place().id
    steps = [step for step in cases.steps(case.id) if step.actor_role != "resident"]
    wanted, known = _wanted(people, kind), needs.of_case(case.id)
    named = consents.guardians(case.id)
    found: dict[str, Any] = {
        "case": case, "kind": kind, "title": KINDS[kind], "people": people, "words": words, "day_made": today(),
        "needs": known, "community": founding.community(here) if here else None, "wanted": wanted, "own_voice": OWN_VOICE,
        "reader": _reader(people[0] if people else None, people, named), "each": kind in EACH and len(people) > 1,
        "step": steps[0] if steps else None, "due_on": due_day(steps[0].due_at) if steps else None,
    }  # fmt: skip
    if kind in ("slip", "answer"):
        found["slips"] = referrals.slips(case.id)
    if kind == "visit":
        found["visit"] = next((row for row in visits.of_case(case.id) if row.state == "planned"), None)
    elif kind == "consent":
        found["notice"] = consent_rules.NOTICE
    chosen = [each for each in people if wanted in ("all", str(each.seq))]
    found["readers"] = [_reader(each, people, named, known) for each in chosen] or [found["reader"]]
    if kind == "card":
        found["readers"] = [_with_contact(each) for each in found["readers"]]
    return found


def _same_reader() -> str:
    said = request.args.get("for", "")
    return f"?for={said}" if said.isalnum() else ""


def _wanted(people: Sequence[Member], kind: str) -> str:
    """?for=: the number of a member within the family, or all; empty for the family as a whole."""
    said = request.args.get("for", "")
    return said if kind in EACH and said in {"all", *(str(each.seq) for each in people)} else ""


def _reader(
    member: Member | None, people: Sequence[Member], named: Mapping[UUID, UUID], known: Sequence[Any] = ()
) -> Reader:
    """A child's sheet is addressed to the guardian on paper, else to the first adult of the home."""
    if member is None:
        return Reader(None, "", child=False)
    own = tuple(need for need in known if need.person_id == member.id)
    if speaks_for_self(member.age):
        return Reader(member, member.name, child=False, needs=own)
    adults = [each for each in people if not is_minor(each.age)]
    adults.sort(key=lambda each: each.id != named.get(member.id))
    return Reader(member, adults[0].name if adults else "", child=True, needs=own)


def _with_contact(reader: Reader) -> Reader:
    """Who is rung for this person; a living contact with a telephone."""
    rows = contacts.of(person_id=reader.member.id) if reader.member else []
    rung = next((each for each in rows if each.ended_at is None and not each.orphaned and each.phone), None)
    return Reader(reader.member, reader.name, reader.child, reader.needs, rung)
