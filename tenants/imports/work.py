"""What a worker does with a file: read its headers, check every row, write, take back. Each is all or nothing: what goes
wrong half-way leaves the register as it was and the import with words that say why."""

import json
import traceback
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from rongjiu import audit, facts, files, outbox, workbook
from rongjiu.actor import Actor, acting
from rongjiu.clock import now, today
from rongjiu.codes import N_
from rongjiu.db import current_tenant, db
from rongjiu.errors import Refused
from rongjiu.ids import uuid7
from rongjiu.tenancy.models import Community
from tenants.catalogue import queries as catalogue
from tenants.imports import queries, rules, service, undoing, writing
from tenants.imports.facts import ImportUndone, RegisterImported
from tenants.imports.lines import Line, Reader, group_words
from tenants.imports.matching import EVERY, Matcher
from tenants.imports.models import ImportBatch, ImportIssue
from tenants.imports.plans import Noticed, Plan
from tenants.reviews.imported import withdraw_all

log = structlog.get_logger(__name__)
MOST = 5000
"""Rows of one kind that are listed; beyond that only counted."""
SAMPLE = 50
"""New rows that are listed."""
BROKEN = N_("导入中断了，没有写入任何内容。请再试一次；还不行，请把文件另存为新的 .xlsx 再上传。")


def read(batch_id: UUID, by: Actor) -> None:
    """Find the sheet and its header, and what the columns are."""
    _guarded(batch_id, by, "uploaded", "failed", _read)


def check(batch_id: UUID, by: Actor) -> None:
    """Compare every row with the register and note what is wrong, changed or perhaps there twice."""
    _guarded(batch_id, by, "checking", "failed", _check)


def apply(batch_id: UUID, by: Actor) -> None:
    """Write the rows without errors in one transaction."""
    _guarded(batch_id, by, "applying", "failed", _apply)


def undo(batch_id: UUID, by: Actor) -> None:
    """Take back what an import entered and changed, as far as nobody has touched it since."""
    _guarded(batch_id, by, "undoing", "done", _undo)


def forget(batch_id: UUID) -> None:
    """Remove the file of an import that is written or was never confirmed."""
    row = db.session.execute(select(ImportBatch.file_id, ImportBatch.state).where(ImportBatch.id == batch_id)).one()
    if row.state in ("checking", "applying"):
        return
    files.forget(row.file_id)
    if row.state in service.OPEN:
        _end(batch_id, "failed", problem=N_("文件放了 30 天没有确认，已删除。要导入请重新上传。"), columns=None)


def _guarded(batch_id: UUID, by: Actor, expected: str, fallen: str, do: Callable[[Any], None]) -> None:
    batch = db.session.execute(
        select(ImportBatch.id, ImportBatch.state, ImportBatch.file_id, ImportBatch.sheet, ImportBatch.header,
               ImportBatch.mapping, ImportBatch.options, ImportBatch.post, ImportBatch.counts)
        .where(ImportBatch.id == batch_id)
    ).one_or_none()  # fmt: skip
    if batch is None or batch.state != expected:
        return
    try:
        with acting(replace(by, name=batch.post or by.name)), db.session.begin_nested():
            do(batch)
    except OperationalError:
        raise  # the database is away: the outbox tries again
    except Refused as refused:
        _fall(batch_id, fallen, refused.message)
    except Exception as error:
        # Whatever it is, the register is as it was and the page says so. The words of the error may repeat a row.
        log.error("import broke", step=expected, error=type(error).__name__, at=_place(error))
        _fall(batch_id, fallen, BROKEN)


def _place(error: Exception) -> str:
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"{last.name}:{last.lineno}"


def _fall(batch_id: UUID, state: str, problem: str) -> None:
    _end(batch_id, state, problem=problem)
    audit.record("import.failed", "import", batch_id)


def _end(batch_id: UUID, state: str, **values: Any) -> None:
    row = update(ImportBatch).where(ImportBatch.id == batch_id)
    values = {"state": state, "finished_at": now(), **values}
    db.session.execute(row.values(**values), execution_options={"synchronize_session": False})


def _progress(batch_id: UUID, total: int) -> Callable[[int], None]:
    """Reports progress in short transactions of its own, so that the page sees it before the work is committed."""
    number = current_tenant().id

    def tell(done: int) -> None:
        with Session(bind=db.engine, join_transaction_mode="create_savepoint") as short, short.begin():
            here = (ImportBatch.tenant_id == number) & (ImportBatch.id == batch_id)
            short.execute(
                update(ImportBatch).where(here).values(done=done, total=total),
                execution_options={"synchronize_session": False},
            )

    return tell


def _kind(mime: str) -> str:
    return next(kind for kind, known in service.MIME.items() if known == mime)


def _read(batch: Any) -> None:
    _name, mime, content = files.load(batch.file_id)
    best: tuple[rules.Header, workbook.Sheet] | None = None
    for sheet in workbook.sheets(content, _kind(mime)):
        header = rules.find_header(sheet.rows)
        if header.row and (best is None or header.score > best[0].score):
            best = (header, sheet)
    if best is None or not any(any(cell not in ("", None) for cell in row) for row in best[1].rows[best[0].row :]):
        raise Refused("文件里没有找到名册：没有一行像表头，或表头下面没有内容。")
    header, sheet = best
    known = queries.remembered(header.fingerprint)
    guess = rules.merge(header, known)
    found = [
        {"title": words, "guess": code, "known": known is not None, "samples": _samples(sheet.rows, header.row, n)}
        for n, (words, code) in enumerate(zip(header.titles, guess, strict=True))
    ]
    _end(batch.id, "mapping", sheet=sheet.name[:60], header=header.row, columns=json.dumps(found, ensure_ascii=False),
         mapping=guess, finished_at=None)  # fmt: skip


def _samples(rows: list[workbook.Row], header: int, column: int) -> list[str]:
    found = list[str]()
    for row in rows[header : header + 200]:
        shown = rules.masked(row[column]) if column < len(row) else ""
        if shown and shown not in found:
            found.append(shown)
        if len(found) == 2:
            break
    return found


def _planned(batch: Any, options: dict[str, bool]) -> tuple[Plan, Reader, Callable[[int], None]]:
    """The whole file compared with the register as it is now."""
    _name, mime, content = files.load(batch.file_id)
    (sheet,) = workbook.sheets(content, _kind(mime), None if mime == service.MIME["csv"] else batch.sheet)
    reader = Reader(batch.mapping, batch.header, group_words(catalogue.groups()), today())
    tell = _progress(batch.id, len(sheet.rows) - batch.header)
    lines: list[Line] = []
    for line in reader.lines(sheet.rows):
        lines.append(line)
    return Matcher(options).take(lines, tell), reader, tell


def _check(batch: Any) -> None:
    options = dict(batch.options)
    plan, reader, _tell = _planned(batch, options)
    db.session.execute(delete(ImportIssue).where(ImportIssue.batch_id == batch.id))
    shown = list[Noticed]()
    seen: dict[str, int] = {}
    for each in plan.noticed:
        seen[each.kind] = seen.get(each.kind, 0) + 1
        if seen[each.kind] <= MOST:
            shown.append(each)
    _note(batch.id, shown + _fresh(plan))
    counts = {
        **plan.counts,
        "skipped": reader.skipped,
        "yards_by_name": dict(plan.yards.most_common(40)),
        "noticed": seen,
    }
    _end(batch.id, "checked", counts=counts, finished_at=None)


def _fresh(plan: Plan) -> list[Noticed]:
    """The first new rows, so that somebody can see how they will be entered."""
    lines = sorted((new.line for home in plan.each_home() for new in home.incoming), key=lambda line: line.row)
    return [Noticed(line.row, "new", ("", line.courtyard, {}), line.name) for line in lines[:SAMPLE]]


def _note(batch_id: UUID, noticed: list[Noticed]) -> None:
    tenant = current_tenant()
    rows = [
        {"tenant_id": tenant.id, "id": uuid7(), "batch_id": batch_id, "row": each.row, "kind": each.kind, "column": each.fault[0],
         "message": each.fault[1], "words": each.fault[2], "preview": each.name or None, "household_id": each.household_id}
        for each in noticed
    ]  # fmt: skip
    for start in range(0, len(rows), EVERY):
        db.session.execute(insert(ImportIssue), rows[start : start + EVERY])


def _apply(batch: Any) -> None:
    tenant = current_tenant()
    # One import of a community at a time: doors have no unique key, two would both make the same household.
    db.session.execute(text("SELECT pg_advisory_xact_lock(hashtext('import'), :tenant)"), {"tenant": tenant.id})
    options = {"changes": True, **batch.options}
    plan, reader, tell = _planned(batch, options)
    demo = bool(db.session.scalar(select(Community.demo).where(Community.id == tenant.uid)))
    done = writing.write(plan, batch.id, demo=demo, changes=options["changes"], tell=tell)
    counts = {**plan.counts, "skipped": reader.skipped, "yards_by_name": dict(plan.yards.most_common(40))}
    counts["asked"] = done.asked
    if not options["changes"]:
        counts["changed"] = 0
    moved = {"households": plan.counts["households"], "persons": plan.counts["persons"]}
    if any(moved.values()):
        facts.send(RegisterImported(tenant_id=tenant.id, object_id=batch.id, counts=moved))
    audit.record("import.apply", "import", batch.id, households=moved["households"], persons=moved["persons"], changed=counts.get("changed", 0),
                 error=counts.get("error", 0), people=sha256(done.marks).hexdigest())  # fmt: skip
    _end(batch.id, "done", counts=counts, made=done.marks, made_yards=[str(each) for each in plan.new_yards.values()],
         columns=None)  # fmt: skip
    if any(moved.values()) or counts.get("changed"):
        outbox.put("import.settle", {}, key=f"import.settle:{batch.id}")
    outbox.put("import.forget", {"batch": str(batch.id)}, key=f"import.forget:{batch.id}")


def _undo(batch: Any) -> None:
    tenant = current_tenant()
    row = db.session.execute(select(ImportBatch.made, ImportBatch.made_yards).where(ImportBatch.id == batch.id)).one()
    gone = undoing.undo(batch.id, writing.unpack(row.made), [UUID(each) for each in row.made_yards], _progress)
    withdraw_all(batch.id)
    _note(batch.id, gone.kept)
    moved = {"households": -gone.households, "persons": -gone.persons}
    facts.send(ImportUndone(tenant_id=tenant.id, object_id=batch.id, counts=moved))
    audit.record(
        "import.undone",
        "import",
        batch.id,
        households=-gone.households,
        persons=-gone.persons,
        restored=gone.restored,
        kept=len(gone.kept),
    )
    counts = {**batch.counts, "removed_households": gone.households, "removed_persons": gone.persons,
              "restored": gone.restored, "kept": len(gone.kept)}  # fmt: skip
    outbox.put("import.settle", {}, key=f"import.settle:{batch.id}:undone")
    _end(batch.id, "undone", counts=counts, made=None)
