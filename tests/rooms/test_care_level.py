"""The grade of nursing that a provider with beds gives counts where the register says that the person cannot look after
themself, and only there."""

from typing import Any
from uuid import UUID

from sqlalchemy import update

from rongjiu.db import db, tenant_scope
from rongjiu.marketplace.models import Provider
from rongjiu.marketplace.service import publish
from tenants.referrals.matching import service as matching
from tenants.residents.models import Person
from tests import casework


def _nursing(family: casework.Family, details: dict[str, Any]) -> casework.Helper:
    helper = casework.a_helper(family)
    values = {"kind": "nursing_hospital", "details": details}
    db.session.execute(update(Provider).where(Provider.id == helper.id).values(**values))
    publish(helper.id)
    return helper


def _found(family: casework.Family) -> list[tuple[UUID, list[str]]]:
    with tenant_scope(family.tenant):
        run = matching.match(family.need, ["catheter-change"])
        return [
            (UUID(row["provider_id"]), [one for one in row["reasons"] if one.startswith("care_")])
            for row in run.candidates
        ]


def test_closer_nursing_is_a_reason_for_who_cannot_look_after_themself(family: casework.Family) -> None:
    plain = casework.a_helper(family)
    silent = _nursing(family, {"beds": 20})
    third = _nursing(family, {"beds": 20, "care_level": "三级护理"})
    first = _nursing(family, {"beds": 20, "care_level": "一级、二级护理"})
    assert _found(family) == [(first.id, ["care_1"]), (third.id, ["care_3"]), (plain.id, []), (silent.id, [])]


def test_it_is_none_for_who_can(family: casework.Family) -> None:
    helper = _nursing(family, {"beds": 20, "care_level": "一级护理"})
    assert _found(family) == [(helper.id, ["care_1"])]
    with tenant_scope(family.tenant):
        db.session.execute(update(Person).where(Person.id == family.old_man).values(groups=[], labels=[]))
    assert _found(family) == [(helper.id, [])]
