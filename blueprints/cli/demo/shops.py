"""Sample shops that look around themselves: quiet hours, languages, several prices, let in by the neighbouring community
too, so that what is near them this week is to be seen. All invented (示例)."""

from collections.abc import Mapping
from datetime import time
from decimal import Decimal
from uuid import UUID

from sqlalchemy import update

from blueprints.cli.demo import admissions
from rongjiu.clock import today
from rongjiu.db import db
from rongjiu.marketplace import keeping, rules
from rongjiu.marketplace.costs import Cost
from rongjiu.marketplace.models import ProviderService
from rongjiu.marketplace.service import publish

NEAR = ("yanqi-delivery", "yanmo-academy")
"""Shops whose people log in as personas, and for which families of 三学街社区 have something to ask."""
_MEALS = (
    Cost("cost_price", Decimal(8), Decimal(15), (), "示例：老年餐成本公示", today(), "provider"),
    Cost("free", None, Decimal(15), ("severely-disabled",), "示例：爱心餐公示", today(), "sponsor"),
)  # fmt: skip


def make(community_id: UUID | None, made: Mapping[str, UUID]) -> None:
    """Quiet on weekday afternoons, speaking 陕西话, let in by one more community; meals at three prices."""
    admissions.admitted(community_id, [made[slug] for slug in NEAR if slug != admissions.ENDING])
    for slug in NEAR:
        keeping.quiet(made[slug], ["MO", "TU", "WE", "TH", "FR"], time(14), time(17), ["shaanxi"])
    shop = made["yanqi-delivery"]
    terms = rules.stored(rules.Terms(description="示例说明", documents=("身份证",), costs=_MEALS))
    db.session.execute(
        update(ProviderService)
        .where(ProviderService.provider_id == shop, ProviderService.service_type == "elder-meals")
        .values(price=Decimal(12), usual_price=Decimal(15), terms=terms)
    )
    publish(shop)
