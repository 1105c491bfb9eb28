"""What some kinds of sample providers have beyond a shop: a rescuer on call with its drills, work that fits carers, declared
prices, licensed nurses; and one sealed dispute file of 黄雁社区. All invented (示例)."""

from datetime import time, timedelta
from decimal import Decimal
from uuid import UUID

from rongjiu.actor import Actor, acting
from rongjiu.clock import today
from rongjiu.db import Tenant, tenant_scope
from rongjiu.marketplace.kinds import licences, oncall, openings, prices
from rongjiu.marketplace.rules import WEEKDAYS
from tenants.disputes import service as disputes

PRICES = (("一次性导尿管", "根", "18.5"), ("上门护理", "次", "30"), ("上门体检", "次", "0"))
JOBS = (
    openings.Opening("午间送餐骑手", 15, Decimal(18), Decimal(25), "hour", WEEKDAYS[:5], time(10), time(13), 600, fits_care=True, places=3),
    openings.Opening("站点夜班分拣", 42, Decimal(4800), Decimal(5200), "month", WEEKDAYS[:6], time(19), time(23), 1800),
)  # fmt: skip
NURSES = (("示例护士甲", "nurse", 320), ("示例护士乙", "nurse", 20), ("示例治疗师", "therapist", 700))


def make(made: dict[str, UUID], tenant: Tenant, worker: Actor) -> None:
    """Enter them, by provider's code; the worker holds the dispute file."""
    rescue = made["yanan-rescue"]
    oncall.keep(rescue, "029-88880120", WEEKDAYS, time(0), time(0))
    for kind, ago, people, minutes in (("first_aid", 24, 18, 6), ("fire", 96, 40, 9)):
        oncall.drill(rescue, oncall.Drill(today() - timedelta(days=ago), kind, people, minutes, "对讲机要备用电池"))
    for job in JOBS:
        openings.save(made["yanqi-delivery"], job)
    for slug in ("yanqing-chc", "yankang-nursing"):
        for item, unit, price in PRICES:
            proof = "价格公示表(示例)第 7 号"
            prices.declare(made[slug], prices.Price(item, unit, Decimal(price), today() - timedelta(days=40), proof))
    for n, (name, post, days) in enumerate(NURSES, 1):
        member = licences.Member(name, post, f"示例 2026000{n}", today() + timedelta(days=days))
        licences.save(made["yankang-nursing"], member)
    with tenant_scope(tenant), acting(worker):
        row = disputes.open_file(
            "楼上卫生间漏水，泡了楼下的墙；一家要赔三千，一家说管子是公家的。", [("示例住户甲", ""), ("示例住户乙", "")],
            made["yanhe-law"],
        )  # fmt: skip
        disputes.talk(row.id, "两家一起看了墙，同意先请物业查管子，再谈谁出钱。", today() + timedelta(days=4))
