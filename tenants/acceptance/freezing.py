"""The copy that goes to the desk: the persons asked for, their door, the screening of that one policy. Nothing else
of the community travels, and the desk reads nothing but this copy."""

import json
from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select

from rongjiu import masks
from rongjiu.clock import today
from rongjiu.db import db
from rongjiu.errors import Absent, Refused
from rongjiu.library.packfiles import read_pack
from tenants.residents import queries as residents
from tenants.residents.models import Person
from tenants.residents.rules import age
from tenants.screening import queries as screening
from tenants.screening.values import HOUSEHOLD, SubjectVerdict

MOST = 12


def people(household_id: UUID, ids: Sequence[UUID]) -> list[dict[str, Any]]:
    """The chosen persons of a household as they stand in the register today, in its order.

    Raises Refused naming `people` when none is chosen, Absent when one does not live there.
    """
    if not ids:
        raise Refused("请选择为谁申请，至少一位。", field="people")
    p = Person
    rows = db.session.execute(
        select(p.id, p.name, p.gender, p.relation, p.birth_date, p.age_said, p.age_on, p.phone, p.id_number)
        .where(p.household_id == household_id, p.id.in_(ids))
        .order_by(p.seq)
    ).all()
    if len(rows) != len(set(ids)) or len(rows) > MOST:
        raise Absent("这户没有这个人。")
    day = today()
    return [
        {
            "id": str(row.id), "name": row.name, "gender": row.gender, "relation": row.relation,
            "birth": row.birth_date.isoformat() if row.birth_date else "",
            "age": age(row.birth_date, row.age_said, row.age_on, day), "phone": row.phone or "",
            "id_number": row.id_number or "",
        }
        for row in rows
    ]  # fmt: skip


def head(chosen: Sequence[dict[str, Any]]) -> str:
    """The first person as lists may show it: 张*."""
    return masks.name(chosen[0]["name"])


def door(household_id: UUID) -> dict[str, str]:
    """Courtyard and door."""
    row = residents.household(household_id)
    return {"courtyard": row.courtyard, "door": " ".join(part for part in (row.building, row.unit, row.room) if part)}


def screened(case_id: UUID, policy: str, ids: Collection[str]) -> dict[str, Any] | None:
    """What the last confirmed screening said of this policy for these persons (or the household), with every
    condition; None when nobody has confirmed one, or its grounds are gone."""
    last = screening.standing(case_id)
    if last is None:
        return None
    found = screening.result(case_id, last.id)
    verdicts = [
        row for row in found.determinations if row.policy_id == policy and (row.subject in (HOUSEHOLD, *ids))
    ]  # fmt: skip
    return {
        "seq": last.seq, "as_of": last.as_of.isoformat(), "confirmed_post": last.confirmed_post,
        "parts": [_verdict(row) for row in verdicts],
    }  # fmt: skip


def eligible(record: dict[str, Any] | None) -> bool:
    """Did the screening find the policy open to one of them?"""
    return record is not None and any(part["verdict"] == "eligible" for part in record["parts"])


def _verdict(row: SubjectVerdict) -> dict[str, Any]:
    words = {each["id"]: each for each in read_pack()["eligibility_fields"]["fields"]}
    return {
        "subject": row.subject, "verdict": row.verdict,
        "conditions": [
            {
                "field": each.field, "name_zh": words.get(each.field, {}).get("name_zh", each.field),
                "name_en": words.get(each.field, {}).get("name_en", each.field), "truth": each.truth,
                "value": None if each.value is None or isinstance(each.value, bool) else str(each.value),
                "line": None if each.line is None else str(each.line), "unit": words.get(each.field, {}).get("unit"),
            }
            for each in row.conditions
        ],
    }  # fmt: skip


def written(content: dict[str, Any]) -> str:
    """The copy as it is sealed."""
    return json.dumps(content, ensure_ascii=False)
