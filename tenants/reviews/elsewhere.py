"""Is this person known elsewhere? One question with a reason, yes or no; nothing opens until both have agreed."""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select

from rongjiu import audit
from rongjiu.actor import SYSTEM, acting, current_actor
from rongjiu.clock import now
from rongjiu.codes import N_
from rongjiu.db import Tenant, current_tenant, db, tenant_scope
from rongjiu.errors import Absent, Clash, Refused
from rongjiu.ids import uuid7
from rongjiu.oversight.service import next_step, no_step
from rongjiu.tenancy import known
from tenants.catalogue import service as catalogue
from tenants.residents.models import Person
from tenants.reviews.models import KnownAsk
from tenants.reviews.rules import DAILY_QUESTIONS, SHORTEST_REASON

_WAIT = "closure-approval"
_CLERK = "assistance_clerk"


def ask(person_id: UUID, reason: str) -> bool:
    """Ask whether another community has registered this person's identity number; answers only yes or no.

    Both sides' audits keep it; each community that knows the number is asked to agree, without learning about whom.
    Raises Refused naming `reason`, Refused 429 above DAILY_QUESTIONS, Absent.
    """
    number = _number(person_id)
    if len(reason.strip()) < SHORTEST_REASON:
        raise Refused("请写明为什么要问，至少 %(n)s 个字。", field="reason", n=SHORTEST_REASON)
    actor, here = current_actor(), current_tenant()
    if _asked_today(actor.account_id) >= DAILY_QUESTIONS:
        raise Refused("今天已经问满 %(n)s 次，请明天再问。", status=429, n=DAILY_QUESTIONS)
    ask_id = uuid7()
    questions = known.ask(ask_id, number, actor.name)
    row = KnownAsk(
        id=ask_id, person_id=person_id, reason=reason.strip(), asked_by=actor.account_id, asked_post=actor.name,
        asked_at=now(), known=bool(questions),
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    acts = [(here, lambda: audit.record("known.ask", "person", person_id, ask_id=ask_id, known=bool(questions)))]
    acts += [(other, _told(question)) for question, other in questions]
    _each_at_home(acts)
    return bool(questions)


def decide(question_id: UUID, agreed: bool) -> None:
    """The clerk of the community that was asked agrees, or declines; Clash when it is decided, or not theirs."""
    here = current_tenant()
    asker = known.decide(question_id, agreed, current_actor().name)
    if asker is None:
        raise Clash("这个询问已经有结果了，请刷新页面。")
    no_step(question_id)
    verb = "known.agree" if agreed else "known.decline"
    _each_at_home(
        [
            (here, lambda: audit.record(verb, "known_question", question_id)),
            (asker, lambda: audit.record("known.answered", "known_question", question_id, agreed=agreed)),
        ]
    )


def own_resident(question_id: UUID) -> UUID | None:
    """Of an agreed question: who in the community in force it is about. Opens its numbers one by one, so it is asked
    only where somebody wants to know."""
    mark = known.agreed_hash(question_id)
    if mark is None:
        return None
    rows = db.session.execute(
        select(Person.id, Person.id_number).where(Person.id_index.is_not(None), Person.status != "merged")
    )
    return next((row.id for row in rows if row.id_number and known.fingerprint(row.id_number) == mark), None)


def _number(person_id: UUID) -> str:
    row = db.session.execute(
        select(Person.id, Person.id_number).where(Person.id == person_id, Person.status != "merged")
    ).one_or_none()
    if row is None:
        raise Absent("没有这个人。")
    if not row.id_number:
        raise Refused("这个人还没登记身份证号，没法去问。", field="reason")
    return str(row.id_number)


def _asked_today(account_id: UUID | None) -> int:
    since = now() - timedelta(days=1)
    query = select(func.count()).where(KnownAsk.asked_by == account_id, KnownAsk.asked_at > since)
    return db.session.scalar(query) or 0


def _told(question_id: UUID) -> Callable[[], None]:
    """What happens at the community that is asked: a row in its audit, and its clerk's next step. No word of whom."""

    def tell() -> None:
        audit.record("known.asked", "known_question", question_id)
        next_step(
            "known_question", question_id, number=f"XW-{question_id.hex[-6:].upper()}", case_id=None, actor_role=_CLERK,
            actor=N_("救助专干"), verb=N_("答复外社区询问"), due_at=_due(),
        )  # fmt: skip

    return tell


def _due() -> datetime:
    try:
        return catalogue.due(_WAIT)
    except KeyError:  # a community without a model has no waits of its own
        return now() + timedelta(days=3)


def _each_at_home(acts: list[tuple[Tenant, Callable[[], None]]]) -> None:
    """Do each act in its own community, in the order of communities: two that ask each other never wait for ever."""
    here = current_tenant()
    for tenant, act in sorted(acts, key=lambda each: each[0].id):
        if tenant == here:
            act()
        else:
            with tenant_scope(tenant), acting(SYSTEM):
                act()
