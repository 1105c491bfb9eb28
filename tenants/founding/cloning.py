"""Cloning a pack into a community: every room's part in order, inside the community, all or nothing, no people."""

from collections.abc import Sequence

from sqlalchemy import update

from rongjiu import audit
from rongjiu.clock import now
from rongjiu.db import Tenant, db, tenant_scope
from rongjiu.library import queries as library
from rongjiu.library.cloner import Cloner, Line, in_order
from rongjiu.library.queries import PackInfo
from tenants.catalogue.clone import CLONERS as CATALOGUE
from tenants.founding.clone import CLONERS as FOUNDING
from tenants.founding.models import ChecklistItem
from tenants.policydesk.clone import CLONERS as POLICYDESK

CLONERS: tuple[Cloner, ...] = (*CATALOGUE, *POLICYDESK, *FOUNDING)
"""The parts of all rooms; each room keeps its own in `clone.py`."""


def clone(pack: PackInfo, tenant: Tenant, cloners: Sequence[Cloner] | None = None) -> list[Line]:
    """Copy a published pack into a community without a model and answer the report, line by line.

    A part that fails takes everything back with it; its error goes on to the caller.
    """
    content = library.content(pack)
    report: list[Line] = []
    with tenant_scope(tenant), db.session.begin_nested():
        for cloner in in_order(CLONERS if cloners is None else cloners):
            report += cloner.clone(content, pack.ref, tenant)
        done = update(ChecklistItem).where(ChecklistItem.tenant_id == tenant.id, ChecklistItem.slug == "clone")
        db.session.execute(done.values(done_at=now()))
        audit.record("clone", "pack_version", pack.id, version=pack.ref, rows=sum(line.count for line in report))
    return report
