"""Who may use a public form once more: by network address and by a small question, without any third party."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import SystemRandom
from uuid import UUID, uuid4

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert

from rongjiu import codes, crypto
from rongjiu.actor import current_actor
from rongjiu.clock import ZONE, now
from rongjiu.db import current_tenant, db
from rongjiu.errors import Refused
from tenants.catalogue import service as catalogue
from tenants.signals import rules
from tenants.signals.models import PublicUse, Signal

HOUR = timedelta(hours=1)
LIFE = timedelta(minutes=30)
"""How long a question may be answered."""
TRIES = 10
"""Questions that one address may answer in an hour, rightly or wrongly."""
KEPT = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Question:
    """A question and the token that goes with its answer."""

    riddle: rules.Riddle
    token: str


def here() -> str:
    """The network address that asks."""
    return current_actor().address or ""


def hold(kind: str, value: str) -> None:
    """Wait for whoever uses this at the same moment, until the transaction ends: counting and writing are one act."""
    key = int.from_bytes(_who(kind, value)[:8], signed=True)
    db.session.execute(select(func.pg_advisory_xact_lock(key)))


def uses(kind: str, value: str) -> int:
    """How often this was used in the last hour."""
    found = db.session.scalar(
        select(func.count())
        .select_from(PublicUse)
        .where(PublicUse.kind == kind, PublicUse.who == _who(kind, value), PublicUse.at > now() - HOUR)
    )
    return found or 0


def note(kind: str, value: str) -> None:
    """Count one use."""
    _add(uuid4(), kind, value)


def open_form() -> None:
    """Refuses (429) an address that has sent its number of forms in this hour (timer wish-per-address)."""
    hold("form", here())
    if uses("form", here()) >= int(catalogue.setting("wish-per-address")):
        raise Refused("这里一小时内提交得太多了。请过一会儿再来，有急事请直接打社区电话。", status=429)


def near_limit(phone: str) -> bool:
    """Is a telephone one form away from its day's number? What is no telephone is not."""
    try:
        read = codes.phone(phone)
    except codes.CodeError:
        return False
    return asked_today(read) >= int(catalogue.setting("wish-per-phone")) - 1


def asked_today(phone: str) -> int:
    """How many signals came by form from one telephone since midnight."""
    index = crypto.blind(phone, current_tenant().uid, "phone")
    midnight = now().astimezone(ZONE).replace(hour=0, minute=0, second=0, microsecond=0)
    return (
        db.session.scalar(
            select(func.count())
            .select_from(Signal)
            .where(
                Signal.phone_index == index,
                Signal.received_at >= midnight,
                Signal.channel.in_(("self", "neighbour")),
            )
        )
        or 0
    )


def asks(near_limit: bool) -> bool:
    """Must a question be answered? Not for the first form of an address in an hour, unless a telephone is near its limit."""
    return near_limit or uses("form", here()) > 0


def question() -> Question:
    """A new question; its answer is in the token only as a keyed hash."""
    riddle, nonce = rules.pick_riddle(SystemRandom()), uuid4()
    until = int((now() + LIFE).timestamp())
    return Question(riddle, f"{nonce.hex}.{until}.{_proof(nonce, until, riddle.answer)}")


def check(token: str, typed: str) -> None:
    """Spend a question. Raises Refused naming `riddle` for a wrong, late or second answer; what it writes must be kept
    then, so that each question is tried once."""
    hold("question", here())
    if uses("question", here()) >= TRIES:
        raise Refused("试得太多了，请一小时后再来。有急事请直接打社区电话。", status=429)
    nonce, until, proof = _read(token)
    if until < int(now().timestamp()):
        raise Refused("题目过时了，请回答新的一题。", field="riddle")
    if not _add(nonce, "question", here()):
        raise Refused("这道题已经用过了，请回答新的一题。", field="riddle")
    number = rules.read_number(typed)
    if number is None or _proof(nonce, until, number) != proof:
        raise Refused("答案不对，请回答新的一题。写数字或汉字都可以。", field="riddle")


def forget(before: datetime | None = None) -> int:
    """Remove uses older than a day; answers how many."""
    result = db.session.execute(
        delete(PublicUse).where(PublicUse.at < (before or now() - KEPT)).returning(PublicUse.id)
    )
    return len(result.all())


def _read(token: str) -> tuple[UUID, int, str]:
    nonce, _dot, rest = token.partition(".")
    until, _dot, proof = rest.partition(".")
    try:
        return UUID(nonce), int(until[:12]), proof
    except ValueError as error:
        raise Refused("请再回答一个小问题，确认是真人在填写。", field="riddle") from error


def _proof(nonce: UUID, until: int, answer: int) -> str:
    return crypto.blind(f"{nonce.hex}|{until}|{answer}", current_tenant().uid, "riddle").hex()


def _who(kind: str, value: str) -> bytes:
    return crypto.blind(f"{kind}|{value}", current_tenant().uid, "public-use")


def _add(use_id: UUID, kind: str, value: str) -> bool:
    row = insert(PublicUse).values(
        tenant_id=current_tenant().id, id=use_id, kind=kind, who=_who(kind, value), at=now()
    )  # fmt: skip
    return db.session.scalar(row.on_conflict_do_nothing().returning(PublicUse.id)) is not None
