"""Which lines bind a community, and which an office has published."""

from typing import Any
from uuid import UUID

from sqlalchemy import and_, or_, select

from rongjiu.db import db
from rongjiu.policies.models import ParameterLine
from rongjiu.policies.rules import rank
from rongjiu.tenancy.models import Community, Street

_COLUMNS = (
    ParameterLine.id, ParameterLine.level, ParameterLine.slug, ParameterLine.value, ParameterLine.since,
    ParameterLine.document, ParameterLine.document_number, ParameterLine.document_date, ParameterLine.published_at,
    ParameterLine.published_post,
)  # fmt: skip


def binding(community_id: UUID) -> dict[str, Any]:
    """Parameter → the line from above that binds a community: of the highest level, the latest date first."""
    line = ParameterLine
    rows = db.session.execute(
        select(*_COLUMNS)
        .select_from(Community)
        .join(Street, Street.id == Community.street_id)
        .join(
            line,
            or_(
                and_(line.place_kind == "street", line.place_id == Street.id),
                and_(line.place_kind == "district", line.place_id == Street.district_id),
            ),
        )
        .where(Community.id == community_id, line.withdrawn_at.is_(None))
        .order_by(line.since.desc(), line.published_at.desc())
    )
    found: dict[str, Any] = {}
    for row in rows:
        known = found.get(row.slug)
        if known is None or rank(row.level) < rank(known.level):
            found[row.slug] = row
    return found


def published(place_id: UUID) -> list[Any]:
    """The lines an office has published and not withdrawn, the newest first."""
    line = ParameterLine
    query = select(*_COLUMNS).where(line.place_id == place_id, line.withdrawn_at.is_(None))
    return list(db.session.execute(query.order_by(line.published_at.desc()).limit(200)))


def communities(kind: str, place_id: UUID) -> list[Any]:
    """The communities bound by an office: tenant_id, name, slug, state."""
    where = Street.id == place_id if kind == "street" else Street.district_id == place_id
    c = Community
    query = select(c.tenant_id, c.name, c.slug, c.state).join(Street, Street.id == c.street_id).where(where)
    return list(db.session.execute(query.order_by(c.name)))
