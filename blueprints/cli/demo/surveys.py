"""A running survey of 黄雁社区 with coded answers, so that its report says something at once. All invented (示例)."""

import json
from datetime import datetime, time, timedelta
from random import Random
from typing import Any
from uuid import UUID

from rongjiu import facts
from rongjiu.actor import Actor, acting
from rongjiu.clock import ZONE, today
from rongjiu.db import Tenant, db, tenant_scope
from rongjiu.ids import uuid7
from tenants.catalogue import queries as catalogue
from tenants.surveys import queries, service
from tenants.surveys.facts import SurveyAnswered
from tenants.surveys.models import Survey, SurveyAnswer
from tenants.surveys.queries import Yard

SILENT = 2
"""Courtyards without an answer yet, so that the report shows how they stand apart."""
SINCE = 40
"""Days for which it has been running."""
WANTED = {
    "elder-canteen": 9, "home-medical": 7, "proxy-shopping": 6, "companionship": 6, "door-to-door-admin": 5,
    "policy-help": 4, "one-touch-safety": 4, "care-bed-toilet": 3, "assisted-bathing": 3, "child-learning": 3,
    "job-income": 2,
}  # fmt: skip
"""How often an item is named, against each other; 老人赋能培训 is not named at all."""
OTHERS = (
    "楼道没有灯（示例）",
    "楼道里没有灯（示例）",
    "想有地方给电动车充电（示例）",
    "电动车没有地方充电（示例）",
    "想学用手机挂号（示例）",
)


def make(tenant: Tenant, actor: Actor, workers: list[Actor]) -> int:
    """Lay out the survey and fill it with answers of the last weeks; answers how many."""
    lots = Random(20220310)  # noqa: S311 the same sample for everybody
    with tenant_scope(tenant), acting(actor):
        row = service.start_draft("居民需求统计（示例）", today() - timedelta(days=SINCE))
        service.begin(row.id)
        kinds = {item["id"]: item["category_id"] for item in catalogue.need_items()}
        yards = [yard for yard in queries.yards(row.id) if yard.target]
        count = 0
        for n, yard in enumerate(yards[: len(yards) - SILENT]):
            for _each in range(round(yard.target * lots.uniform(0.6, 0.95))):
                db.session.add(_answer(row, yard, workers[n % len(workers)], kinds, lots))
                count += 1
        db.session.flush()
        facts.send(SurveyAnswered(tenant_id=tenant.id, object_id=row.id, counts={"survey_answers": count}))
        return count + _hardship(row.id, yards[:3])


def _answer(row: Survey, yard: Yard, worker: Actor, kinds: dict[str, str], lots: Random) -> SurveyAnswer:
    picked = lots.choices(list(WANTED), list(WANTED.values()), k=lots.choice((1, 2, 2, 3)))
    items = list(dict.fromkeys(picked))
    categories = list(dict.fromkeys(kinds[slug] for slug in items))
    other = lots.choice(OTHERS) if lots.random() < 0.1 else None
    day = today() - timedelta(days=lots.randint(1, SINCE - 1))
    said: dict[str, Any] = {
        "building_unit_room": "示例门", "household_size": lots.randint(1, 5), "category_needs": categories,
        "item_needs": items, "consent_basic": True,
    }  # fmt: skip
    if other:
        said["other_need"] = other
    return SurveyAnswer(
        id=uuid7(), survey_id=row.id, courtyard_id=yard.id, household_id=None, form_version=row.form_version,
        answers=json.dumps(said, ensure_ascii=False), other=other, categories=categories, items=items, consent=True,
        how="door", worker_id=worker.account_id, worker=worker.name, client_key=uuid7(),
        at=datetime.combine(day, time(lots.randint(9, 17), lots.choice((0, 20, 40))), ZONE),
    )  # fmt: skip


def _hardship(survey_id: UUID, yards: list[Yard]) -> int:
    """A few households whose answers put them on the home-visit list."""
    signs: tuple[dict[str, Any], ...] = (
        {"income_band": "under_line"},
        {"group_tags": ["seriously-ill"]},
        {"income_band": "line_to_1.5"},
    )
    for n, (yard, sign) in enumerate(zip(yards, signs, strict=True), 1):
        told: dict[str, Any] = {
            "building_unit_room": f"示例楼 {n}", "household_size": "2", "category_needs": ["gov-aid"],
            "item_needs": ["policy-help"], "consent_basic": "1", **sign,
        }  # fmt: skip
        service.answer(survey_id, told, client_key=uuid7(), courtyard_id=yard.id, how="paper")
    return len(signs)
