"""Two entries of the register become one, field by field. What stood before is kept, so that it can be undone."""

import json
from collections.abc import Mapping
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import func, select, update

from rongjiu import audit, facts
from rongjiu.actor import current_actor
from rongjiu.clock import now
from rongjiu.codes import N_
from rongjiu.db import current_tenant, db
from rongjiu.errors import Absent, Clash, Refused
from rongjiu.ids import uuid7
from rongjiu.tenancy import known
from tenants.residents import changing, duplicates, labels
from tenants.residents.changing import Origin
from tenants.residents.facts import LabelsMoved
from tenants.residents.models import Household, Person, RegisterChange, RegisterReview
from tenants.reviews import references
from tenants.reviews.models import RegisterMerge
from tenants.reviews.rules import as_json

FIELDS = ("name", "gender", "relation", "birth_date", "phone", "id_number", "condition", "groups")
"""What is chosen field by field."""
FIELD_WORDS = {
    "name": N_("姓名"), "gender": N_("性别"), "relation": N_("与户主关系"), "birth_date": N_("出生日期"),
    "phone": N_("电话"), "id_number": N_("身份证号"), "condition": N_("身体情况"), "groups": N_("人群"), "languages": N_("会说什么"),
    "status": N_("是否还在"), "building": N_("楼"), "unit": N_("单元"), "room": N_("室"),
    "occupancy": N_("居住情况"), "left_on": N_("搬走日期"), "household": N_("住在哪一户"),
    "benefit": N_("待遇"), "benefit_since": N_("待遇的开始日期"), "benefit_until": N_("待遇的到期日期"),
    "benefit_ground": N_("待遇的依据"), "benefit_checked": N_("待遇的核对"),
}  # fmt: skip
Choice = Literal["keep", "drop", "both"]


def merge_people(keep_id: UUID, drop_id: UUID, choices: Mapping[str, Choice]) -> UUID:
    """Take one person into another and answer the merge; `choices` names the fields (FIELDS, `household`) taken from
    the dropped one; groups may be `both`. Nothing is lost: the dropped entry stays, hidden, until it is undone.

    Raises Refused naming a field, Absent, Clash when one of them has been merged already.
    """
    keep, drop = _two(Person, keep_id, drop_id)
    merge_id = uuid7()
    origin = Origin("merge", merge_id)
    before: dict[str, Any] = {
        "keep": as_json(keep), "drop": as_json(drop),
        "sealed": {name: getattr(keep, name) for name in ("phone", "id_number", "condition")},
    }  # fmt: skip
    number = drop.id_number
    drop.phone_index = drop.id_index = None
    db.session.flush()
    known.note(number, None)
    outcome = changing.change_person(keep_id, _taken(keep, drop, choices), origin=origin)
    changing.change_person(drop_id, {"status": "merged"}, origin=origin)
    drop.merged_into = keep_id
    if choices.get("birth_date") == "drop" and keep.birth_date is None:
        keep.age_said, keep.age_on = drop.age_said, drop.age_on
    if choices.get("household") == "drop" and keep.household_id != drop.household_id:
        _settle(keep, drop.household_id, origin)
    before["seqs"] = _heads({before["keep"]["household_id"], before["drop"]["household_id"]})
    before["fields"], before["home"] = list(outcome.changed), str(keep.household_id)
    before["moved"] = references.move("person", keep_id, drop_id)
    before["reviews"] = _close_reviews(drop_id, {keep_id, drop_id})
    _write(merge_id, "person", keep_id, drop_id, before)
    duplicates.note([keep_id])
    follow(UUID(before["keep"]["household_id"]), UUID(before["drop"]["household_id"]))
    return merge_id


def merge_homes(keep_id: UUID, drop_id: UUID) -> UUID:
    """One door that was written in two ways becomes one household: people and cases move. Answers the merge."""
    keep, _drop = _two(Household, keep_id, drop_id)
    merge_id = uuid7()
    people = list(
        db.session.execute(select(Person.id, Person.seq).where(Person.household_id == drop_id).order_by(Person.seq))
    )
    last = db.session.scalar(select(func.max(Person.seq)).where(Person.household_id == keep_id)) or 0
    for n, row in enumerate(people, start=1):
        moved = update(Person).where(Person.id == row.id).values(household_id=keep.id, seq=last + n)
        db.session.execute(moved)
    before = {
        "people": {str(row.id): row.seq for row in people}, "moved": references.move("household", keep_id, drop_id),
        "reviews": _close_reviews(drop_id, {keep_id, drop_id}),
    }  # fmt: skip
    db.session.execute(update(Household).where(Household.id == drop_id).values(merged_into=keep_id))
    _write(merge_id, "household", keep_id, drop_id, before)
    follow(keep_id, drop_id)
    return merge_id


def follow(*homes: UUID) -> None:
    """Groups that follow by rule, and the weight of the cases, after people have moved."""
    labels.recheck(set(homes))
    for home in dict.fromkeys(homes):
        facts.send(LabelsMoved(tenant_id=current_tenant().id, object_id=home))


def _two(model: Any, keep_id: UUID, drop_id: UUID) -> tuple[Any, Any]:
    if keep_id == drop_id:
        raise Refused("请选两个不同的登记。")
    keep, drop = both(model, keep_id, drop_id)
    if keep.merged_into is not None or drop.merged_into is not None:
        raise Clash("其中一个已经合并过了，请刷新页面。")
    return keep, drop


def both(model: Any, keep_id: UUID, drop_id: UUID) -> tuple[Any, Any]:
    """Both rows, locked in one order, so that two merges of the same people never wait for each other."""
    ids = sorted((keep_id, drop_id))
    rows = {
        row.id: row
        for row in db.session.scalars(select(model).where(model.id.in_(ids)).order_by(model.id).with_for_update())
    }
    if len(rows) != 2:
        raise Absent("没有这个登记。")
    return rows[keep_id], rows[drop_id]


def _taken(keep: Person, drop: Person, choices: Mapping[str, Choice]) -> dict[str, Any]:
    values = {name: getattr(drop, name) for name in FIELDS if choices.get(name) == "drop"}
    if values.get("id_number"):  # the number says when somebody was born
        values["birth_date"] = drop.birth_date
    elif keep.id_number and "id_number" not in values:
        values.pop("birth_date", None)
    if choices.get("groups") == "both":
        values["groups"] = sorted({*keep.groups, *drop.groups})
    if set(drop.languages) - set(keep.languages):  # what somebody speaks is lost by no merge
        values["languages"] = sorted({*keep.languages, *drop.languages})
    return values


def _settle(person: Person, household_id: UUID, origin: Origin) -> None:
    """The kept person lives in the other's household."""
    actor, before = current_actor(), person.household_id
    last = db.session.scalar(select(func.max(Person.seq)).where(Person.household_id == household_id)) or 0
    person.household_id, person.seq = household_id, last + 1
    db.session.add(
        RegisterChange(
            id=uuid7(), household_id=household_id, person_id=person.id, name="household", before=str(before),
            after=str(household_id), at=now(), actor_id=actor.account_id, actor=actor.name, source=origin.kind,
            source_id=origin.id,
        )
    )  # fmt: skip
    db.session.flush()


def _heads(homes: set[str]) -> dict[str, int]:
    """A household whose first person was taken away gets the next as its first; answers the orders of before."""
    was = {}
    for home in homes:
        rows = db.session.execute(
            select(Person.id, Person.seq, Person.status)
            .where(Person.household_id == UUID(home))
            .order_by(Person.seq, Person.id)
        ).all()
        living = [row for row in rows if row.status != "merged"]
        if not living or living[0].seq == 1:
            continue
        first, taken = living[0], [row for row in rows if row.seq == 1]
        for row, seq in [(first, 1), *((row, first.seq) for row in taken)]:
            was[str(row.id)] = row.seq
            db.session.execute(update(Person).where(Person.id == row.id).values(seq=seq))
    return was


def _close_reviews(drop_id: UUID, pair: set[UUID]) -> dict[str, str]:
    """Decide this pair's review, and put aside others in which the dropped entry stands; answers their states."""
    r = RegisterReview
    rows = db.session.execute(
        select(r.id, r.one_id, r.other_id, r.state).where(
            (r.one_id == drop_id) | (r.other_id == drop_id), r.state.in_(("open", "later"))
        )
    ).all()
    for row in rows:
        state = "merged" if {row.one_id, row.other_id} == pair else "gone"
        actor = current_actor()
        db.session.execute(
            update(r)
            .where(r.id == row.id)
            .values(state=state, decided_at=now(), decided_by=actor.account_id, decided_post=actor.name)
        )
    return {str(row.id): row.state for row in rows}


def _write(merge_id: UUID, kind: str, keep_id: UUID, drop_id: UUID, before: dict[str, Any]) -> None:
    actor = current_actor()
    db.session.add(
        RegisterMerge(
            id=merge_id, kind=kind, keep_id=keep_id, drop_id=drop_id, before=json.dumps(before, ensure_ascii=False),
            at=now(), actor_id=actor.account_id, actor=actor.name,
        )
    )  # fmt: skip
    db.session.flush()
    rows = {name: len(ids) for name, ids in before["moved"].items()}
    audit.record(f"{kind}.merge", kind, keep_id, merge_id=merge_id, dropped=drop_id, rows=rows)
