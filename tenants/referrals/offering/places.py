"""After a provider has said that it has no places it is asked once, some days later, whether there are some again."""

from typing import Any
from uuid import UUID

from sqlalchemy import select

from rongjiu import outbox
from rongjiu.codes import N_
from rongjiu.db import db
from rongjiu.marketplace import offers
from rongjiu.marketplace.models import Provider, ProviderService
from rongjiu.notify.service import tell
from rongjiu.outbox import Outbox
from tenants.referrals.offering import opening


@outbox.effect("referrals.ask_places")
def ask_places(payload: dict[str, Any]) -> None:
    """A provider said days ago that it has no places (timer no-capacity-ask): ask it once whether there are some again.
    Where it has said so a second time meanwhile, the later bell asks."""
    service_id, day = UUID(payload["service"]), payload["day"]
    row = db.session.execute(
        select(ProviderService.provider_id, Provider.phone)
        .join(Provider, Provider.id == ProviderService.provider_id)
        .where(ProviderService.id == service_id, Provider.state == "active", Provider.phone.is_not(None))
    ).one_or_none()
    of_service = Outbox.payload["service"].astext == str(service_id)
    later = select(Outbox.id).where(
        Outbox.kind == "referrals.ask_places", of_service, Outbox.payload["day"].astext > day, Outbox.done_at.is_(None)
    )
    if row is None or offers.closed(service_id) is None or db.session.scalar(later.limit(1)) is not None:
        return
    link = opening.address(f"/provider/again/{opening.places_link(row.provider_id, service_id)}")
    text = N_("您之前说没有名额了。现在有名额了吗?有了请打开链接按一下 %(link)s")
    tell(row.phone, text, words={"link": link}, purpose="provider_places", key=f"places-{service_id}-{day}")
