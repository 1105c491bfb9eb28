"""What the desk and the street read of drafts and dry runs."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from rongjiu.db import as_role, db
from tenants.catalogue.models import Policy
from tenants.policydesk.models import PolicyDraft, PolicyTrial, PolicyTrialRow
from tenants.residents.models import Courtyard, Household, Person

SIZE = 50


def drafts() -> list[Any]:
    """Every draft: slug, seq, saved_at, saved_post, source_title, name_zh, name_en, `new` (never published)."""
    d = PolicyDraft
    name = (d.content["name_zh"].astext.label("name_zh"), d.content["name_en"].astext.label("name_en"))
    new = Policy.id.is_(None).label("new")
    return list(
        db.session.execute(
            select(d.slug, d.seq, d.saved_at, d.saved_post, d.source_title, *name, new)
            .outerjoin(Policy, (Policy.slug == d.slug) & (Policy.tenant_id == d.tenant_id))
            .order_by(d.saved_at.desc())
        )
    )


def trial_page(trial_id: UUID, kind: str = "", page: int = 1, size: int = SIZE) -> tuple[list[Any], int]:
    """Subjects of a dry run, by courtyard: kind, policy name, household_id, head, person, courtyard; and how many."""
    t = PolicyTrial
    r, h, p, who = PolicyTrialRow, Household, Person, Person.__table__.alias("who")
    where = [r.trial_id == trial_id] + ([r.kind == kind] if kind else [])
    rows = db.session.execute(
        select(
            r.kind, r.household_id, func.coalesce(Policy.name_zh, t.name_zh).label("name_zh"),
            func.coalesce(Policy.name_en, t.name_en).label("name_en"), Courtyard.name.label("courtyard"),
            p.name.label("head"), who.c.name.label("person"),
        )
        .join(t, (t.id == r.trial_id) & (t.tenant_id == r.tenant_id))
        .join(h, (h.id == r.household_id) & (h.tenant_id == r.tenant_id))
        .join(Courtyard, (Courtyard.id == h.courtyard_id) & (Courtyard.tenant_id == h.tenant_id))
        .outerjoin(Policy, (Policy.slug == r.policy_slug) & (Policy.tenant_id == r.tenant_id))
        .outerjoin(p, (p.household_id == h.id) & (p.tenant_id == h.tenant_id) & (p.seq == 1))
        .outerjoin(who, (who.c.id == r.subject_id) & (who.c.tenant_id == r.tenant_id))
        .where(*where)
        .order_by(Courtyard.seq, r.household_id, r.id)
        .limit(size)
        .offset((page - 1) * size)
    )  # fmt: skip
    return list(rows), db.session.scalar(select(func.count()).select_from(r).where(*where)) or 0


def overseen(tenants: Sequence[int]) -> list[Any]:
    """The newest finished dry run of each policy of these communities, counts alone: for the level above."""
    t = PolicyTrial
    if not tenants:
        return []
    with as_role("app_overseer", visible=tuple(tenants)):
        newest = (
            select(t.tenant_id, t.slug, func.max(t.began_at).label("at"))
            .where(t.ended_at.is_not(None))
            .group_by(t.tenant_id, t.slug)
            .subquery()
        )
        rows = db.session.execute(
            select(t.tenant_id, t.slug, t.name_zh, t.name_en, t.as_of, t.total, t.counts, t.ended_at)
            .join(newest, (newest.c.tenant_id == t.tenant_id) & (newest.c.slug == t.slug) & (newest.c.at == t.began_at))
            .order_by(t.ended_at.desc())
            .limit(200)
        )
        return list(rows)
