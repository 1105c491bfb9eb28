"""What goes of a dispute file that has been over for so long, and what stays.

Why it goes: what stands in it is about two families who told it in confidence, and nothing of it is needed once nobody
can come back to the quarrel (PIPL art. 19: the shortest time that is necessary; art. 47: deletion when the purpose is
reached). The default of three years is the product's, set to the ordinary period in which a claim between two people may
still go to a court (Civil Code art. 188; from memory, to be confirmed by a lawyer); a community sets 1 to 10.

What stays, as tombstone: the cover (number, holder, law firm, days, how it ended) and the changes of hands, so that it can
still be told that there was a file, how it ended and who could read it.
"""

from datetime import datetime

from sqlalchemy import delete, select

from rongjiu import files
from rongjiu.clock import now
from rongjiu.db import db
from rongjiu.files import TenantFile
from tenants.disputes.models import DisputeEntry, DisputeFile
from tenants.disputes.service import held

OWNER = "dispute"


def clear(before: datetime, most: int) -> int:
    """Remove every entry and the content of every paper of at most so many files that ended before a moment; answers how
    many files. Open ones are never touched; each is entered in its holder's name, as the database asks for it."""
    query = select(DisputeFile).where(
        DisputeFile.state != "open", DisputeFile.closed_at < before, DisputeFile.cleared_at.is_(None)
    )
    rows = db.session.scalars(query.order_by(DisputeFile.id).limit(most).with_for_update()).all()
    for row in rows:
        papers = select(TenantFile.id).where(TenantFile.owner_kind == OWNER, TenantFile.owner_id == row.id)
        for file_id in db.session.scalars(papers.where(TenantFile.size > 0)).all():
            files.forget(file_id)
        with held(row.holder_id):
            db.session.execute(
                delete(DisputeEntry).where(DisputeEntry.dispute_id == row.id),
                execution_options={"synchronize_session": False},
            )
        row.cleared_at = now()
    db.session.flush()
    return len(rows)
