"""A merge undone: everything stands as it stood before, or whoever asks is told what has changed since."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update

from rongjiu import audit, crypto
from rongjiu.actor import current_actor
from rongjiu.clock import now
from rongjiu.codes import N_
from rongjiu.db import current_tenant, db
from rongjiu.errors import Absent, Clash
from rongjiu.tenancy import known
from tenants.residents import changing
from tenants.residents.changing import Origin
from tenants.residents.models import Household, Person, RegisterChange, RegisterReview
from tenants.reviews import references
from tenants.reviews.merging import FIELD_WORDS, both, follow
from tenants.reviews.models import RegisterMerge
from tenants.reviews.rules import from_json

_TABLE_WORDS = {
    "carer": N_("照护关系"), "consent": N_("同意书"), "need": N_("需求"), "referral_request": N_("转介单"),
    "referral_task": N_("派单"), "case_file": N_("个案"), "change_request": N_("变更申请"),
}  # fmt: skip


def undo(merge_id: UUID) -> None:
    """Put everything back as it stood before a merge; Clash says what has changed since and forbids it."""
    row = db.session.scalar(select(RegisterMerge).where(RegisterMerge.id == merge_id).with_for_update())
    if row is None:
        raise Absent("没有这次合并。")
    if row.undone_at is not None:
        raise Clash("这次合并已经撤销过了。")
    before = json.loads(row.before)
    kind, keep_id, drop_id = row.kind, row.keep_id, row.drop_id
    keep, drop = both(Person if kind == "person" else Household, keep_id, drop_id)
    if keep.merged_into is not None or drop.merged_into != keep_id:
        raise Clash("留下的这个登记后来又并入了别的登记，请先撤销后面那次合并。")
    changed = references.elsewhere(kind, before["moved"], keep_id)
    if changed:
        _forbid(*dict.fromkeys(_TABLE_WORDS.get(each, each) for each in changed))
    if kind == "person":
        _undo_people(merge_id, keep, drop, before, row.at)
    else:
        _undo_homes(keep, drop, before)
    references.move_back(kind, before["moved"], keep_id, drop_id)
    follow(*((keep.household_id, drop.household_id) if kind == "person" else (keep_id, drop_id)))
    _open_reviews(before["reviews"])
    row.undone_at, row.undone_by = now(), current_actor().name
    db.session.flush()
    audit.record(f"{kind}.unmerge", kind, keep_id, merge_id=merge_id, dropped=drop_id)


def _undo_people(merge_id: UUID, keep: Person, drop: Person, before: dict[str, Any], at: datetime) -> None:
    c, keep_id, drop_id = RegisterChange, keep.id, drop.id
    since = db.session.scalars(
        select(c.name).where(
            c.person_id == keep_id, c.name.in_(before["fields"]), c.at > at, c.source_id.is_distinct_from(merge_id)
        )
    ).all()
    if str(keep.household_id) != before["home"]:
        since = [*since, "household"]
    if since:
        _forbid(*(FIELD_WORDS[name] for name in dict.fromkeys(since)))
    index = crypto.blind(drop.id_number, current_tenant().uid, "id_number") if drop.id_number else None
    others = Person.id.not_in((keep_id, drop_id))
    if index and db.session.scalar(select(Person.id).where(Person.id_index == index, others)):
        _forbid(FIELD_WORDS["id_number"])
    origin = Origin("undo", merge_id)
    was = {**from_json(before["keep"]), **before["sealed"]}
    values = {name: was[name] for name in before["fields"]}
    if "id_number" in values:  # a number brings its birth date along, so the one of before goes first
        values["birth_date"] = was["birth_date"]
    changing.change_person(keep_id, values, origin=origin)
    changing.change_person(drop_id, {"status": before["drop"]["status"]}, origin=origin)
    for person, values in ((keep, before["keep"]), (drop, before["drop"])):
        for name, value in from_json(values).items():
            setattr(person, name, value)
    drop.merged_into, drop.id_index = None, index
    drop.phone_index = crypto.blind(drop.phone, current_tenant().uid, "phone") if drop.phone else None
    db.session.flush()
    known.note(None, drop.id_number)
    for person_id, seq in before["seqs"].items():
        if person_id in (str(keep_id), str(drop_id)):
            continue
        db.session.execute(update(Person).where(Person.id == UUID(person_id)).values(seq=seq))


def _undo_homes(keep: Household, drop: Household, before: dict[str, Any]) -> None:
    keep_id, drop_id = keep.id, drop.id
    ids = [UUID(text) for text in before["people"]]
    away = db.session.scalar(
        select(func.count()).select_from(Person).where(Person.id.in_(ids), Person.household_id != keep_id)
    )
    if away:
        _forbid(FIELD_WORDS["household"])
    for text, seq in before["people"].items():
        back = update(Person).where(Person.id == UUID(text)).values(household_id=drop_id, seq=seq)
        db.session.execute(back)
    drop.merged_into = None


def _forbid(*what: str) -> None:
    """Say which changes since forbid an undo; the words are msgids and stand in Chinese in the message."""
    raise Clash("合并以后又改过：%(what)s。请先看一看，再决定怎么改。", what="、".join(what))


def _open_reviews(states: Mapping[str, str]) -> None:
    r = RegisterReview
    for text, state in states.items():
        values = {"state": state, "decided_at": None, "decided_by": None, "decided_post": ""}
        db.session.execute(update(r).where(r.id == UUID(text)).values(values))
