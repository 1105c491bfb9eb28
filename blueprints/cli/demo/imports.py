"""A register of 黄雁社区 that was uploaded and checked, and waits for somebody to confirm it. All invented (示例)."""

import csv
from io import StringIO
from uuid import UUID

from sqlalchemy import select

from rongjiu.actor import Actor, acting
from rongjiu.db import Tenant, db, tenant_scope
from tenants.imports import service, work
from tenants.imports.models import ImportBatch
from tenants.residents.models import Courtyard, Household, Person

HEAD = ("院落", "楼号", "单元", "房号", "姓名", "与户主关系", "性别", "出生日期", "联系电话", "人群类别", "备注")
NEW = (
    ("雁栖苑", "1", "1", "101", "林示例", "户主", "女", "1949-03-02", "19900005101", "", ""),
    ("雁栖苑", "1", "1", "101", "郑示例", "配偶", "男", "1947-11-20", "", "", ""),
    ("雁栖苑", "1", "1", "202", "谢示例", "户主", "男", "1981-06-15", "19900005202", "", ""),
    ("雁栖苑", "1", "1", "202", "谢示例一", "儿子", "男", "2013-09-01", "", "", ""),
    ("雁栖苑", "1", "2", "301", "韩示例", "户主", "女", "1956-13-40", "19900005301", "", ""),
    ("雁栖苑", "1", "2", "302", "", "户主", "男", "1990-01-08", "19900005302", "", ""),
    ("雁栖苑", "2", "1", "101", "唐示例", "户主", "男", "1972-05-30", "1990000", "", ""),
    ("没有这个院", "2", "1", "102", "冯示例", "户主", "女", "1968-02-11", "", "", ""),
)
"""New people, and the faults that registers have: no such day, no name, a short number, no such courtyard."""
KNOWN = 6
"""People of 雁堤院 who are in the register already; every other one has a new number."""


def make(tenant: Tenant, clerk: Actor) -> UUID:
    """Upload the file, confirm its columns, have its rows checked."""
    with tenant_scope(tenant), acting(clerk):
        batch_id = service.upload(_table(), "居民台账（示例）.csv")
        work.read(batch_id, clerk)
        mapping = db.session.execute(select(ImportBatch.mapping).where(ImportBatch.id == batch_id)).scalar_one()
        service.choose(batch_id, mapping, {})
        work.check(batch_id, clerk)
    return batch_id


def _table() -> bytes:
    known = db.session.execute(
        select(Courtyard.name.label("yard"), Household.building, Household.unit, Household.room, Person)
        .join(Household, Household.courtyard_id == Courtyard.id)
        .join(Person, Person.household_id == Household.id)
        .where(Courtyard.slug == "hy-14", Person.seq == 1)
        .order_by(Household.building, Household.unit, Household.room)
        .limit(KNOWN)
    ).all()
    file = StringIO()
    table = csv.writer(file)
    table.writerow(HEAD)
    for n, row in enumerate(known):
        who = row.Person
        phone = f"199000059{n:02d}" if n % 2 else who.phone
        sex = "男" if who.gender == "male" else "女"
        table.writerow(
            (row.yard, row.building, row.unit, row.room, who.name, "户主", sex, who.birth_date, phone, "", "")
        )
    table.writerows(NEW)
    return file.getvalue().encode("utf-8-sig")
