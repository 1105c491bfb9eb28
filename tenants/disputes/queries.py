"""Reads of dispute files: covers for the list, and the whole for its holder."""

from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from rongjiu import crypto, files
from rongjiu.actor import current_actor
from rongjiu.db import current_tenant, db
from rongjiu.errors import Absent
from rongjiu.identity.models import Account
from rongjiu.marketplace.models import Provider
from tenants.disputes.models import DisputeEntry, DisputeFile, DisputeHand
from tenants.disputes.service import CONTENT, held


def page(holder_id: UUID | None, *, state: str = "", words: str = "", page: int = 1, size: int = 50) -> Any:
    """Covers, what is due first: id, number, holder_id, holder, provider, state, opened_at, due_at; and how many. Of
    one holder, or of all."""
    d = DisputeFile
    query = (
        select(
            d.id, d.number, d.holder_id, Account.name.label("holder"), Provider.name.label("provider"), d.state, d.opened_at,
            d.due_at, d.closed_at, d.demo,
        )
        .join(Account, Account.id == d.holder_id)
        .outerjoin(Provider, Provider.id == d.provider_id)
    )  # fmt: skip
    if holder_id is not None:
        query = query.where(d.holder_id == holder_id)
    if state:
        query = query.where(d.state == state)
    if words:
        query = query.where(d.number.contains(words.upper(), autoescape=True))
    total = db.session.scalar(select(func.count()).select_from(query.subquery())) or 0
    ordered = query.order_by(d.state != "open", d.due_at, d.number)
    return list(db.session.execute(ordered.limit(size).offset((page - 1) * size))), total


def cover(number: str) -> DisputeFile | None:
    """The cover of a number."""
    return db.session.scalar(select(DisputeFile).where(DisputeFile.number == number))


def entries(row: DisputeFile) -> list[Any]:
    """What stands in a file, oldest first, for its holder; raises Absent for everybody else, whatever the database
    would show: kind, at, title, phone, words, file_id, by (name of the worker who wrote it)."""
    me = current_actor().account_id
    if me is None or row.holder_id != me:
        raise Absent("没有这份卷宗。")
    e = DisputeEntry
    query = select(e.id, e.kind, e.at, e.title, e.phone, e.words, e.file_id, Account.name.label("by"))
    with held(me):
        found = query.outerjoin(Account, Account.id == e.by_id).where(e.dispute_id == row.id).order_by(e.at, e.id)
        return list(db.session.execute(found))


def paper(row: DisputeFile, entry_id: UUID) -> tuple[str, str, bytes]:
    """Title, type and content of a paper, for the holder; raises Absent."""
    found = next((each for each in entries(row) if each.id == entry_id and each.file_id), None)
    if found is None:
        raise Absent("没有这份材料。")
    _name, mime, sealed = files.load(found.file_id)
    return found.title, mime, crypto.unseal(sealed, current_tenant().uid, CONTENT)


def hands(dispute_id: UUID) -> list[Any]:
    """Changes of hands, newest first: at, before, after (names of workers), reason."""
    before, after = Account.__table__.alias(), Account.__table__.alias()
    query = (
        select(DisputeHand.at, DisputeHand.reason, before.c.name.label("before"), after.c.name.label("after"))
        .join(before, before.c.id == DisputeHand.from_id)
        .join(after, after.c.id == DisputeHand.to_id)
        .where(DisputeHand.dispute_id == dispute_id)
        .order_by(DisputeHand.at.desc())
    )
    return list(db.session.execute(query))
