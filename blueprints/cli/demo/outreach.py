"""Shops that 黄雁社区 walks to, what was given, a project, a complaint that waits. All invented (示例)."""

from datetime import timedelta

from sqlalchemy import select, update

from rongjiu.actor import Actor, acting
from rongjiu.clock import today
from rongjiu.db import Tenant, db, tenant_scope
from rongjiu.marketplace.models import Admission
from tenants.complaints import service as complaints
from tenants.complaints.models import Complaint
from tenants.outreach import ledger, projects, service
from tenants.outreach.models import Project, Prospect

SHOPS = (
    ("雁栖五金修理部（示例）", "shop", "repair", "雁南一路 8 号", "", ("visited", "interested")),
    ("雁来香面馆（示例）", "shop", "catering", "雁南一路 16 号", "", ("visited", "interested", "explained")),
    ("雁鸣干洗店（示例）", "shop", "other", "雁南一路 22 号", "home-haircut", ("visited", "interested", "explained", "agreed")),
    ("雁归超市（示例）", "shop", "supermarket", "雁南二路 3 号", "", ("visited", "no_staff")),
    ("雁翔小学（示例）", "unit", "other", "雁南二路 50 号", "", ()),
    ("刘热心（示例）", "person", "other", "", "", ("visited",)),
)  # fmt: skip
"""Name, kind, trade, address, service, steps; a reason as the last step is a no."""


def make(tenant: Tenant, worker: Actor, clerk: Actor) -> None:
    """Enter and walk."""
    with tenant_scope(tenant):
        with acting(worker):
            for name, kind, trade, address, wanted, steps in SHOPS:
                row = service.add(service.Typed(name, kind, trade, "", address, "", "", wanted), seen=True)
                for step in steps:
                    if step == "no_staff":
                        service.talk(row.id, "declined", reason=step, note="年底再来问问")
                    else:
                        service.talk(row.id, step)
        with acting(clerk):
            _given()
            _project()
            _complaint(tenant)
        for model in (Prospect, Project, Complaint):
            db.session.execute(update(model).values(demo=True), execution_options={"synchronize_session": False})


def _given() -> None:
    for kind, what, n, unit in (
        ("goods", "大米（示例）", "10", "袋"),
        ("hours", "清洗油烟机（示例）", "6", "小时"),
        ("discount", "老年餐八折（示例）", "40", "份"),
    ):
        ledger.add(ledger.Given(kind, what, n, unit, today(), "示例商户"))


def _project() -> None:
    waiting = projects.clusters()
    if waiting:
        planned = projects.Planned(
            "家门口的帮手（示例）", waiting[0][0], "3000", "街道专项（示例）", None, today(), today() + timedelta(days=90),
            "12 场、60 人次",
        )  # fmt: skip
        projects.add(planned)


def _complaint(tenant: Tenant) -> None:
    provider = db.session.scalar(
        select(Admission.provider_id).where(Admission.community_id == tenant.uid, Admission.state == "active").limit(1)
    )
    if provider:
        heard = complaints.Heard(
            "约好下午三点，五点才来（示例）", "provider", provider, category="late", complainant="示例居民"
        )
        complaints.receive(heard)
