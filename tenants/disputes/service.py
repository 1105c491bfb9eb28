"""A dispute file from opening to its end, and its change of hands. What stands in it is read and written only inside
`held`, which tells the database whose file it is; every other transaction finds no entry at all."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from typing import Literal
from uuid import UUID

from sqlalchemy import select, update

from rongjiu import audit, cash, codes, crypto, files
from rongjiu.actor import current_actor
from rongjiu.clock import ZONE, now, today
from rongjiu.codes import N_
from rongjiu.db import current_tenant, db, telling
from rongjiu.errors import Absent, Clash, Refused
from rongjiu.ids import uuid7
from rongjiu.oversight.service import next_step, no_step
from rongjiu.tenancy.staff import Worker, working
from tenants.cases import service as cases
from tenants.disputes import rules
from tenants.disputes.models import DisputeEntry, DisputeFile, DisputeHand

Kind = Literal["party", "matter", "talk", "paper", "agreement"]
STEP = "dispute"
CONTENT = "dispute paper"
"""Name under which the bytes of a paper are sealed once more: whoever finds the file elsewhere reads nothing."""


@contextmanager
def held(holder_id: UUID, heir_id: UUID | None = None) -> Iterator[None]:
    """Let the database show the entries of a holder for the length of the block, and let them pass to an heir."""
    with telling(dispute_holder=holder_id, dispute_heir=heir_id or holder_id):
        yield


def staff() -> list[Worker]:
    """Who may hold a file now, longest here first; each once."""
    found = {each.account_id: each for each in reversed(working(current_tenant().uid, rules.HOLDERS))}
    return list(reversed(found.values()))


def open_file(matter: str, parties: list[tuple[str, str]], provider_id: UUID | None = None) -> DisputeFile:
    """Begin a file on what was heard: the matter and at least two parties (name, phone or ''). Who opens it holds it.

    Raises Refused naming matter, party_1, party_2 or the phone beside them.
    """
    me = _me()
    words = _words(matter, "matter", N_("请写下是什么事，4000 字以内。"))
    named = [(name.strip()[:60], phone) for name, phone in parties if name.strip()]
    if len(named) < 2:
        raise Refused("请写下双方，至少两位。", field=f"party_{len(named) + 1}")
    phones = [_phone(phone, f"phone_{n}") for n, (_name, phone) in enumerate(named, 1)]
    letters, demo = cases.mark()
    row = DisputeFile(
        id=uuid7(), number=cases.next_number(f"{letters}-JF", "dispute"), holder_id=me, provider_id=provider_id,
        state="open", opened_at=now(), due_at=_due(None), closed_at=None, demo=demo,
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    with held(me):
        _add(row, "matter", "", words)
        for (name, _typed), phone in zip(named, phones, strict=True):
            _add(row, "party", name, None, phone=phone)
    _step(row)
    audit.record("dispute.open_file", "dispute", row.id, parties=len(named))
    return row


def talk(dispute_id: UUID, words: str, next_on: date | None = None) -> None:
    """Note a talk, and the day of the next (default: in rules.TALK_AGAIN_DAYS days). Raises Absent for anybody but the
    holder, Clash once it has ended, Refused naming words or next_on."""
    row = own(dispute_id)
    said = _words(words, "words", N_("请写下谈了什么，4000 字以内。"))
    row.due_at = _due(next_on)
    with held(row.holder_id):
        _add(row, "talk", "", said)
    _step(row)
    audit.record("dispute.talk", "dispute", row.id)


def add_party(dispute_id: UUID, name: str, phone: str) -> None:
    """One more party. Raises Absent, Clash, Refused naming name or phone."""
    row = own(dispute_id)
    if len(name.strip()) < rules.SHORTEST:
        raise Refused("请写当事人的称呼。", field="name")
    number = _phone(phone, "phone")
    with held(row.holder_id):
        _add(row, "party", name.strip()[:60], None, phone=number)
    audit.record("dispute.party", "dispute", row.id)


def add_paper(dispute_id: UUID, title: str, content: bytes, filename: str) -> None:
    """Lay a photograph or PDF into the file, sealed twice: by the store, and under a name of its own. Raises Absent,
    Clash, Refused naming title or file."""
    row = own(dispute_id)
    if len(title.strip()) < rules.SHORTEST:
        raise Refused("请写这是什么材料。", field="title")
    mime = files.checked(content, filename)
    sealed = crypto.seal(content, current_tenant().uid, CONTENT)
    file_id = files.keep(sealed, "sealed", mime, owner_kind="dispute", owner_id=row.id)
    with held(row.holder_id):
        _add(row, "paper", title.strip()[:60], None, file_id=file_id)
    audit.record("dispute.paper", "dispute", row.id)


def end(dispute_id: UUID, state: str, words: str) -> None:
    """How it ended, in words that stay in the file. Raises Absent, Clash, Refused naming state or words."""
    row = own(dispute_id)
    if state not in rules.ENDS:
        raise Refused("请选一项", field="state")
    said = _words(words, "words", N_("请写下结果，4000 字以内。"))
    cash.refuse(said, "words")
    with held(row.holder_id):
        _add(row, "agreement", "", said)
    row.state, row.closed_at, row.due_at = state, now(), None
    db.session.flush()
    no_step(row.id)
    audit.record("dispute.end", "dispute", row.id, state=state)


def hand(dispute_id: UUID, heir_id: UUID | None, reason: str) -> None:
    """Another worker holds the file from now on, with all that stands in it; the one before reads nothing any more.
    Also of a file that has ended. Raises Absent for whoever may not (rules.may_hand), Refused naming heir or reason."""
    row = _row(dispute_id)
    actor, workers = current_actor(), staff()
    works = any(each.account_id == row.holder_id for each in workers)
    if not rules.may_hand(actor.account_id, actor.role, row.holder_id, holder_works=works):
        raise Absent("没有这份卷宗。")
    if reason not in rules.REASONS:
        raise Refused("请选一项", field="reason")
    heir = next((each for each in workers if each.account_id == heir_id), None)
    others = sum(each.account_id not in (row.holder_id, actor.account_id) for each in workers)
    if heir is None or not rules.may_take(heir.account_id, actor.account_id, row.holder_id, others):
        raise Refused("请选另一位在岗的同事接手。", field="heir")
    before, row.holder_id = row.holder_id, heir.account_id
    db.session.flush()
    with held(before, heir.account_id):
        db.session.execute(
            update(DisputeEntry)
            .where(DisputeEntry.dispute_id == row.id)
            .values(holder_id=heir.account_id)
            .execution_options(synchronize_session=False)
        )
    db.session.add(
        DisputeHand(
            id=uuid7(), dispute_id=row.id, at=now(), from_id=before, to_id=heir.account_id, by_id=actor.account_id,
            reason=reason,
        )
    )  # fmt: skip
    db.session.flush()
    if row.state == "open":
        _step(row)
    else:
        no_step(row.id)
    audit.record("dispute.hand", "dispute", row.id, reason=reason, to=heir.account_id)


def own(dispute_id: UUID) -> DisputeFile:
    """An open file, locked, for its holder; Absent for everybody else, Clash once it has ended."""
    row = _row(dispute_id)
    if row.holder_id != current_actor().account_id:
        raise Absent("没有这份卷宗。")
    if row.state != "open":
        raise Clash("这份卷宗已经结束，不能再添。要重新谈，请另立一份。")
    return row


def await_holders() -> None:
    """Say of each file whose holder no longer works here that the secretary must name another. Safe to run twice."""
    here = {each.account_id for each in staff()}
    chief = next(iter(working(current_tenant().uid, ("secretary",))), None)
    for row in db.session.scalars(
        select(DisputeFile).where(DisputeFile.holder_id.not_in(here), DisputeFile.cleared_at.is_(None))
    ):
        next_step(
            STEP, row.id, number=row.number, case_id=None, actor_role="secretary", actor=chief.post if chief else "社区",
            verb=N_("给纠纷卷宗找接手的人"), due_at=_due(None),
        )  # fmt: skip


def _me() -> UUID:
    found = current_actor().account_id
    if found is None:
        raise Absent("没有这份卷宗。")
    return found


def _row(dispute_id: UUID) -> DisputeFile:
    row = db.session.scalar(select(DisputeFile).where(DisputeFile.id == dispute_id).with_for_update())
    if row is None:
        raise Absent("没有这份卷宗。")
    return row


def _add(
    row: DisputeFile, kind: Kind, title: str, words: str | None, *, phone: str | None = None, file_id: UUID | None = None
) -> None:  # fmt: skip
    db.session.add(
        DisputeEntry(
            id=uuid7(), dispute_id=row.id, holder_id=row.holder_id, kind=kind, at=now(), by_id=_me(), title=title,
            phone=phone, words=words, file_id=file_id,
        )
    )  # fmt: skip
    db.session.flush()


def _words(text: str, name: str, refusal: str) -> str:
    words = text.strip()
    if not rules.SHORTEST <= len(words) <= rules.LONGEST:
        raise Refused(refusal, field=name)
    return words


def _phone(text: str, name: str) -> str | None:
    if not text.strip():
        return None
    try:
        return codes.phone(text)
    except codes.CodeError as error:
        raise Refused(str(error), field=name) from error


def _due(day: date | None) -> datetime:
    if day is not None and not today() <= day <= today() + timedelta(days=366):
        raise Refused("请选今天以后、一年以内的日子。", field="next_on")
    return datetime.combine(day or today() + timedelta(days=rules.TALK_AGAIN_DAYS), time(18), ZONE)


def _step(row: DisputeFile) -> None:
    """The next step names the file and the post, nothing of the matter."""
    holder = next((each for each in staff() if each.account_id == row.holder_id), None)
    next_step(
        STEP, row.id, number=row.number, case_id=None, actor_role=holder.role if holder else "secretary",
        actor=holder.post if holder else "社区", verb=N_("和双方谈一次"), due_at=row.due_at or _due(None),
    )  # fmt: skip
