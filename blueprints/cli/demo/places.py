"""The places of the demo: 碑林区 with its two streets, 黄雁社区 and 三学街社区 cloned from the pack."""

from datetime import date
from uuid import UUID

from sqlalchemy import case, func, select, update

from rongjiu.clock import now
from rongjiu.db import Tenant, db, tenant_scope
from rongjiu.ids import uuid7
from rongjiu.library import packfiles
from rongjiu.library import queries as library
from rongjiu.library.service import publish_base
from rongjiu.tenancy.models import Community, District, Street
from tenants.catalogue.models import Parameter
from tenants.founding import cloning
from tenants.founding.models import ChecklistItem
from tenants.livestream.models import LiveSession
from tenants.residents.models import Courtyard

_CREDIT = "源自黄雁社区"


def make() -> dict[tuple[str, str], UUID | None]:
    """Make district, streets and the two live communities; answers the id of each place by kind and slug."""
    district = District(id=uuid7(), slug="beilin", name="碑林区", code="610103", demo=True)
    db.session.add(district)
    db.session.flush()
    streets = [
        Street(id=uuid7(), district_id=district.id, slug="zhangjiacun", name="张家村街道", code="610103008", demo=True),
        Street(id=uuid7(), district_id=district.id, slug="baishulin", name="柏树林街道", code="610103002", demo=True),
    ]
    db.session.add_all(streets)
    db.session.flush()
    row = publish_base()
    ref = f"{row.slug}@{row.version}"
    huangyan = _community("huangyan", "黄雁社区", "610103008011", "HY", streets[0].id, ref)
    sanxuejie = _community("sanxuejie", "三学街社区", "610103002001", "SX", streets[1].id, ref)
    _huangyan(huangyan)
    return {
        ("district", "beilin"): district.id,
        ("street", "zhangjiacun"): streets[0].id,
        ("street", "baishulin"): streets[1].id,
        ("community", "huangyan"): huangyan.uid,
        ("community", "sanxuejie"): sanxuejie.uid,
        ("platform", ""): None,
    }


def _community(slug: str, name: str, code: str, mark: str, street_id: UUID, ref: str) -> Tenant:
    row = Community(
        id=uuid7(), slug=slug, name=name, code=code, street_id=street_id, state="live", mark=mark, cloned_from=ref,
        host=f"{name}居民委员会(示例)", phone="029-88880000", address=f"西安市碑林区{name}(示例地址)",
        desk_hours="周一至周五 9:00–12:00,14:00–18:00", icp="示例备案号", police_record="示例公安备案号",
        privacy_note="本站为演示,所有人和单位均为示例。", demo=True, created_at=now(), live_at=now(),
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    db.session.refresh(row, ["tenant_id"])
    tenant = Tenant(row.tenant_id, row.id)
    cloning.clone(library.find(ref), tenant)
    with tenant_scope(tenant):
        kind = case((Parameter.value.is_(None), "not_set"), else_="value")
        db.session.execute(update(Parameter).where(Parameter.must_review).values(confirmed_as=kind, confirmed_at=now()))
        done = ChecklistItem.slug.in_(("clone", "parameters", "resident-units"))
        db.session.execute(update(ChecklistItem).where(done).values(done_at=now()))
    return tenant


def _huangyan(tenant: Tenant) -> None:
    facts = packfiles.read_demo("huangyan")
    live = packfiles.read_demo("livestream_stats")
    with tenant_scope(tenant):
        db.session.add_all(
            Courtyard(
                id=uuid7(), slug=yard["id"], seq=yard["seq"], name=yard["name_zh"], grid=yard["grid_id"],
                households=yard["households"], residents=yard["residents"], source="华商报 2022-08 / 示例分配",
                old_estate=yard["old_estate"], demo=True,
            )
            for yard in facts["courtyards"]
        )  # fmt: skip
        db.session.add_all(
            LiveSession(
                id=uuid7(), seq=each["seq"], held_on=date.fromisoformat(each["date"]), topic=each["topic_zh"],
                outdoor=each["outdoor"], watching=each["avg_online"], questions=each["questions"], demo=True,
            )
            for each in live["sessions"]
        )  # fmt: skip
        db.session.execute(update(ChecklistItem).values(done_at=now()))
        db.session.flush()


def names() -> dict[tuple[str, str], str]:
    """The name of each place by kind and slug."""
    found = {("platform", ""): "平台"}
    for kind, table in (("community", Community), ("street", Street), ("district", District)):
        for slug, name in db.session.execute(select(table.slug, table.name)):
            found[kind, slug] = name
    return found


def loaded() -> bool:
    """Is the demo there already?"""
    return bool(db.session.scalar(select(func.count()).select_from(Community).where(Community.demo)))


def real() -> bool:
    """Is there a community that is no sample and was not founded in this demo?"""
    return not loaded() and bool(db.session.scalar(select(func.count()).select_from(Community)))


def tenant(slug: str) -> Tenant:
    """A community of the demo by slug."""
    row = db.session.execute(select(Community.tenant_id, Community.id).where(Community.slug == slug)).one()
    return Tenant(row.tenant_id, row.id)
