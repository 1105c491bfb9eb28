"""A volunteers' team of 三学街社区 with one paired volunteer, so that shifts, roster and visits can be seen. 示例."""

from datetime import time, timedelta

from sqlalchemy import select

from rongjiu.actor import Actor, acting
from rongjiu.clock import today
from rongjiu.db import Tenant, db, tenant_scope
from rongjiu.identity.models import Account
from tenants.accompaniment import rounds
from tenants.cases.models import CaseFile
from tenants.volunteers import joining, rules, teams


def make(tenant: Tenant, secretary: Actor, lead: Account, helper: Account) -> None:
    """Team, insurance, a vetted volunteer, and a weekly visit of the first sample family from tomorrow on."""
    with tenant_scope(tenant), acting(secretary):
        team = teams.open_team("小雁服务队（示例）", lead.id, "志愿者意外险 保单 示例-1", today() + timedelta(days=365))
        joined = joining.sign_up("示例志愿者", "小雁", helper.phone or "", "no")
        joining.place(joined, team)
        joining.bind(helper.id)
        joining.pledge(joined, agreed=True)
        joining.take_quiz(joined, {question["id"]: question["answer"] for question in joining.questions()})
        joining.vet(joined, rules.CHECKS)
        case_id = db.session.scalars(
            select(CaseFile.id).where(CaseFile.household_id.is_not(None)).order_by(CaseFile.opened_at).limit(1)
        ).one()
        rounds.begin(
            case_id,
            rounds.Round(
                "weekly", today() + timedelta(days=1), time(10), "keep", ("chat", "shopping", "medicine"), False, "示例：不当着邻居提低保",
                "示例：楼道灯坏了，带手电", team, True,
            ),
        )  # fmt: skip
        teams.pair(case_id, joined)
