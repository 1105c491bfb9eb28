"""A file's way into the register, verb by verb: upload, confirm the columns, confirm the rows, undo, discard.

Each verb changes the state and asks a worker for the rest; what the worker does is in `work.py`.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from hashlib import sha256
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from rongjiu import audit, files, outbox, workbook
from rongjiu.actor import current_actor
from rongjiu.clock import now
from rongjiu.codes import N_
from rongjiu.db import current_tenant, db, telling
from rongjiu.errors import Absent, Clash, Refused
from rongjiu.ids import uuid7
from rongjiu.tenancy.models import Community
from tenants.imports import queries, rules
from tenants.imports.models import ImportBatch, ImportMapping

MIME = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "xls": "application/vnd.ms-excel",
    "csv": "text/csv",
}
KEPT = timedelta(days=30)
"""How long a file waits for its confirmation; a file that was written is removed at once."""
OPEN = ("uploaded", "mapping", "checking", "checked", "applying")


def upload(content: bytes, name: str) -> UUID:
    """Take a file and have its headers read; the same file still on its way is the same import.

    Raises Refused naming `file` when it is no table or could do harm (`workbook.kind`).
    """
    kind = workbook.kind(content, name)
    digest = sha256(content).hexdigest()
    known = select(ImportBatch.id).where(ImportBatch.digest == digest, ImportBatch.state.in_(OPEN))
    if (there := db.session.scalar(known.limit(1))) is not None:
        return there
    batch_id = uuid7()
    file_id = files.keep(content, name, MIME[kind], owner_kind="import", owner_id=batch_id)
    batch = ImportBatch(
        id=batch_id, file_id=file_id, digest=digest, name=rules.narrow(name)[-120:], state="uploaded", turn=1, post=current_actor().name,
        created_at=now(), created_by=current_actor().account_id, mapping=[], options={}, counts={}, made_yards=[],
    )  # fmt: skip
    db.session.add(batch)
    db.session.flush()
    audit.record("import.upload", "import", batch_id, file=kind, size=len(content))
    outbox.put("import.read", _job(batch_id), key=f"import.read:{batch_id}")
    outbox.put("import.forget", _job(batch_id), key=f"import.late:{batch_id}", after=now() + KEPT)
    return batch_id


def choose(batch_id: UUID, mapping: Sequence[str], options: Mapping[str, bool]) -> None:
    """Confirm what the columns are kept as, remember it for the street, and have every row checked.

    Raises Refused when nobody could be found by it, Clash when the file is at another step.
    """
    batch = _locked(batch_id, "mapping", "checked", "failed")
    columns = queries.columns(batch.columns)
    if not columns:
        raise Clash("这个文件没有读出来，请重新上传。")
    chosen = [code if code in rules.BY_CODE else "" for code in mapping]
    if len(chosen) != len(columns):
        raise Refused("列数对不上，请刷新页面重新确认。", field="columns")
    if (text := rules.missing(chosen)) is not None:
        raise Refused(text, field="columns")
    batch.mapping = chosen
    batch.options = {**batch.options, "yards": bool(options.get("yards"))}
    _remember(rules.Header(batch.header, tuple(each["title"] for each in columns), tuple(chosen)))
    _send(batch, "checking")
    audit.record("import.check", "import", batch_id, columns=[code for code in chosen if code])
    outbox.put("import.check", _job(batch_id), key=f"import.check:{batch_id}:{batch.turn}")


def confirm(batch_id: UUID, *, changes: bool = True, duplicates: bool = False) -> None:
    """Have the checked rows written; rows with errors are left out. A second confirmation is a Clash and writes nothing."""
    batch = _locked(batch_id, "checked")
    batch.options = {**batch.options, "changes": changes, "duplicates": duplicates}
    _send(batch, "applying")
    audit.record("import.confirm", "import", batch_id, changes=changes, duplicates=duplicates)
    outbox.put("import.apply", _job(batch_id), key=f"import.apply:{batch_id}:{batch.turn}")


def undo(batch_id: UUID) -> None:
    """Have taken out what this import entered and nobody has touched since, and put back what it changed."""
    batch = _locked(batch_id, "done")
    _send(batch, "undoing")
    audit.record("import.undo", "import", batch_id)
    outbox.put("import.undo", _job(batch_id), key=f"import.undo:{batch_id}:{batch.turn}")


def discard(batch_id: UUID) -> None:
    """Leave a file that has not been written, and remove it."""
    batch = _locked(batch_id, "mapping", "checked", "failed", "uploaded")
    batch.state, batch.problem = "failed", N_("已放弃这次导入，没有写入任何内容。")
    batch.columns, batch.finished_at = None, now()
    audit.record("import.discard", "import", batch_id)
    outbox.put("import.forget", _job(batch_id), key=f"import.forget:{batch_id}")


def _job(batch_id: UUID) -> dict[str, str]:
    """What the worker is told: which import, and for whom it works."""
    actor = current_actor()
    return {"batch": str(batch_id), "by": str(actor.account_id or ""), "role": actor.role}


def _locked(batch_id: UUID, *states: str) -> ImportBatch:
    batch = db.session.scalar(
        select(ImportBatch)
        .where(ImportBatch.id == batch_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if batch is None:
        raise Absent("没有这次导入。")
    if batch.state not in states:
        raise Clash("这次导入已经到了别的步骤，请刷新页面看看。")
    return batch


def _send(batch: ImportBatch, state: str) -> None:
    batch.state, batch.turn, batch.done, batch.total, batch.problem = state, batch.turn + 1, 0, 0, ""
    batch.finished_at, batch.post = None, current_actor().name
    db.session.flush()


def _remember(header: rules.Header) -> None:
    uid = current_tenant().uid
    street = db.session.scalar(select(Community.street_id).where(Community.id == uid))
    row = insert(ImportMapping).values(
        id=uuid7(), street_id=street, fingerprint=header.fingerprint, mapping=list(header.mapping), made_by=uid, used=1,
        updated_at=now(),
    )  # fmt: skip
    again = row.on_conflict_do_update(
        index_elements=["fingerprint", "made_by"],
        set_={"mapping": row.excluded.mapping, "used": ImportMapping.used + 1, "updated_at": func.now()},
    )
    with telling(community_id=uid):
        db.session.execute(again)
