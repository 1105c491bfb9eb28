"""Adding needs, sorting them into the model's items, and saying what became of them."""

from uuid import UUID

from sqlalchemy import func, select

from rongjiu import audit, facts
from rongjiu.clock import now
from rongjiu.db import current_tenant, db
from rongjiu.errors import Absent, Refused
from rongjiu.ids import uuid7
from tenants.cases import service as cases
from tenants.cases.models import CaseFile
from tenants.catalogue.models import NeedItem
from tenants.needs import rules
from tenants.needs.facts import NeedAnswered
from tenants.needs.models import Need
from tenants.residents.models import Person


def add(
    case_id: UUID,
    words: str,
    *,
    is_wish: bool = False,
    item_slug: str | None = None,
    urgency: str = "ordinary",
    person_id: UUID | None = None,
) -> Need:
    """Add a need of a case in the family's words as the next w-number; raises Refused naming the field, Absent."""
    # The case's row is locked so that two desks adding at once do not give the same number.
    if db.session.scalar(select(CaseFile.id).where(CaseFile.id == case_id).with_for_update()) is None:
        raise Absent("没有这个个案。")
    last = db.session.scalar(select(func.max(Need.seq)).where(Need.case_id == case_id)) or 0
    row = Need(
        id=uuid7(), case_id=case_id, person_id=_person(case_id, person_id), seq=last + 1, words=_words(words),
        is_wish=is_wish, item_slug=_item(item_slug), urgency=_urgency(urgency), result="", result_code="",
        result_by="", result_at=None,
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    audit.record("need.add", "need", row.id, number=f"w{row.seq}")
    if urgency != "ordinary":
        cases.hurry(case_id, urgency)
    return row


def sort(
    need_id: UUID,
    *,
    item_slug: str | None,
    urgency: str = "ordinary",
    person_id: UUID | None = None,
    words: str | None = None,
) -> None:
    """Put a need under an item of the model with urgency and person; its words stay unless given anew."""
    row = _row(need_id)
    if item_slug != row.item_slug:
        row.item_slug = _item(item_slug)
    row.urgency = _urgency(urgency)
    row.person_id = _person(row.case_id, person_id)
    if words is not None:
        row.words = _words(words)
    db.session.flush()
    audit.record("need.sort", "need", row.id, item=item_slug or "", urgency=urgency)
    if urgency != "ordinary":
        cases.hurry(row.case_id, urgency)


def set_result(need_id: UUID, result: str, *, code: str = "", by: str = "worker") -> None:
    """Say what became of a need (solved | partly | not_solved | unknown, '' = open again) and who says so
    (resident | worker | audit); the same again changes nothing. Raises Absent, ValueError for other codes."""
    if result not in ("", *rules.RESULTS) or by not in ("resident", "worker", "audit"):
        raise ValueError(f"{result} by {by}")
    row = _row(need_id)
    if (row.result, row.result_code, row.result_by) == (result, code, by):
        return
    step = rules.solved_by(row.result, result)
    row.result, row.result_code, row.result_by = result, code, by if result else ""
    row.result_at = now() if result else None
    db.session.flush()
    audit.record("need.result", "need", row.id, result=result, code=code, by=by)
    facts.send(NeedAnswered(tenant_id=current_tenant().id, object_id=row.id, counts={"needs_solved": step}))


def _row(need_id: UUID) -> Need:
    case_id = db.session.scalar(select(Need.case_id).where(Need.id == need_id))
    if case_id is None:
        raise Absent("没有这项需求。")
    cases.hold(case_id)
    return db.session.scalars(select(Need).where(Need.id == need_id).execution_options(populate_existing=True)).one()


def _words(text: str) -> str:
    words = text.strip()
    if not words:
        raise Refused("请用家里人的原话写这项需求。", field="words")
    if len(words) > rules.LONGEST:
        raise Refused("请写短一点，1000 字以内。", field="words")
    return words


def _urgency(code: str) -> str:
    if code not in rules.URGENCIES:
        raise Refused("请选一项", field="urgency")
    return code


def _item(slug: str | None) -> str | None:
    if not slug:
        return None
    if db.session.scalar(select(NeedItem.id).where(NeedItem.slug == slug, NeedItem.retired_at.is_(None))) is None:
        raise Refused("需求目录里没有这一项，请重新选择。", field="item_slug")
    return slug


def _person(case_id: UUID, person_id: UUID | None) -> UUID | None:
    if person_id is None:
        return None
    home = select(CaseFile.household_id).where(CaseFile.id == case_id).scalar_subquery()
    if db.session.scalar(select(Person.id).where(Person.id == person_id, Person.household_id == home)) is None:
        raise Absent("这户没有这个人。")
    return person_id
