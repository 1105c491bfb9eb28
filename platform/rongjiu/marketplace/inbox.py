"""What waits for a provider: one row an offer, without personal data, written in the sender's transaction."""

from collections.abc import Collection
from datetime import datetime
from typing import Protocol
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert

from rongjiu.clock import now
from rongjiu.db import Tenant, current_tenant, db
from rongjiu.marketplace.models import ProviderInbox
from rongjiu.prepared import Prepared


class Sender(Protocol):
    """The community that sends: a Place."""

    @property
    def id(self) -> UUID | None:
        """Its id."""

    @property
    def name(self) -> str:
        """Its name."""

    @property
    def tenant(self) -> Tenant | None:
        """What storage knows it by."""


def inbox_put(
    task_id: UUID, provider_id: UUID, community: Sender, service_id: UUID, title: str, area: str, state: str,
    due_at: datetime | None,
) -> None:  # fmt: skip
    """Lay an offer before a provider: what (`title`), where (`area`, a courtyard), from whom, by when. No person."""
    words = {
        "provider_id": provider_id, "community_id": community.id, "tenant_id": current_tenant().id,
        "service_id": service_id, "title": title, "community_name": community.name, "area": area, "state": state,
        "due_at": due_at,
    }  # fmt: skip
    row = insert(ProviderInbox).values(task_id=task_id, sent_at=now(), **words)
    db.session.execute(row.on_conflict_do_update(index_elements=["task_id"], set_=words))


def inbox_state(task_id: UUID, state: str, due_at: datetime | None) -> None:
    """Say where an offer stands now and by when the provider acts; runs inside the sender's community."""
    inbox_states([task_id], state, due_at)


def inbox_states(task_ids: Collection[UUID], state: str, due_at: datetime | None) -> None:
    """The same of several offers."""
    _MOVE.write(ids=list(task_ids), state=state, due_at=due_at)


_MOVE = Prepared(
    text(
        "UPDATE provider_inbox SET state = :state, due_at = CAST(:due_at AS timestamptz) "
        "WHERE tenant_id = :tenant AND task_id = ANY(:ids)"
    )
)
