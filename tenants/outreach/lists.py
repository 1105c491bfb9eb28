"""A table of shops: read, looked at line by line, entered, undone. The file is not kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select

from rongjiu import audit, file_lists, workbook
from rongjiu.db import db
from rongjiu.errors import Refused
from rongjiu.marketplace.words import KINDS as TRADES
from rongjiu.neighbours import pool
from tenants.catalogue import queries as catalogue
from tenants.outreach import rules, service
from tenants.outreach.models import Prospect, ProspectEvent, ProspectList, ProspectTie
from tenants.outreach.service import Typed

HEAD = ("名称", "类型", "行业", "统一社会信用代码", "地址", "联系人", "电话", "能帮什么")
MOST = 2000


@dataclass(frozen=True, slots=True)
class Line:
    """One line: how = new | own (entered before) | twice (in this table) | spoken | listed | wrong, with the reason."""

    row: int
    typed: Typed
    how: str
    why: str = ""
    community: str = ""


def read(content: bytes, file_name: str, name: str) -> UUID:
    """Read a table to be looked at; nothing is entered. The same file again is the same list.

    Raises Refused naming file or name.
    """
    called, found = file_lists.named(name), _lines(workbook.rows(content, file_name))
    row, fresh = file_lists.draft(ProspectList, content, called, found)
    if fresh:
        audit.record("prospect_list.read", "prospect_list", row.id, lines=row.lines)
    return row.id


def _lines(rows: Sequence[Sequence[str]]) -> list[Line]:
    at = rules.columns(rows[0]) if rows else {}
    if "name" not in at:
        raise Refused("第一行要写列名，至少有“名称”。可以先下载模板。", field="file")
    if len(rows) > MOST + 1:
        raise Refused("一次最多 2000 行，请分成几份。", field="file")
    trades = {word: code for code, word in TRADES.items()}
    types = {row["name_zh"]: row["id"] for row in catalogue.service_types()}
    lines, met = list[Line](), set[str]()
    for number, cells in enumerate(rows[1:], 2):
        if not cells:
            continue
        got = {name: cells[place] if place < len(cells) else "" for name, place in at.items()}
        lines.append(_line(number, _typed(got, trades, types), met))
    if not lines:
        raise Refused("名单里没有内容。", field="file")
    return lines


def _typed(got: dict[str, str], trades: dict[str, str], types: dict[str, str]) -> Typed:
    return Typed(
        got.get("name", ""), rules.KIND_WORDS.get(got.get("kind", ""), "shop"), trades.get(got.get("trade", ""), "other"),
        got.get("uscc", ""), got.get("address", ""), got.get("contact", ""), got.get("phone", ""),
        types.get(got.get("service", ""), ""),
    )  # fmt: skip


def _line(number: int, raw: Typed, met: set[str]) -> Line:
    try:
        typed = service.checked(raw)
    except Refused as refused:
        return Line(number, raw, "wrong", str(refused))
    keys = {f"{typed.kind} {pool.folded(typed.name)}", *([typed.uscc] if typed.uscc else [])}
    if keys & met:
        return Line(number, typed, "twice")
    met |= keys
    known = service.known(typed)
    if known.own:
        return Line(number, typed, "own", known.own)
    if known.spoken:
        return Line(number, typed, "spoken", known.spoken[0].why, known.spoken[0].community)
    if known.listed:
        return Line(number, typed, "listed", known.listed[0].name)
    return Line(number, typed, "new")


def one(list_id: UUID) -> ProspectList | None:
    """A list, or None."""
    return file_lists.one(ProspectList, list_id)


def newest() -> list[Any]:
    """The lists that were read, newest first, without their lines."""
    return file_lists.newest(ProspectList)


def lines(row: ProspectList) -> list[Line]:
    """What each line leads to; empty once it was entered."""
    return [Line(**{**each, "typed": Typed(**each["typed"])}) for each in file_lists.found(row)]


def enter(list_id: UUID, *, spoken_too: bool = False) -> int:
    """Enter the new lines of a list (and, if asked, those to whom a neighbour has spoken); answers how many.

    Raises Absent, Clash when it was done before.
    """
    row = file_lists.to_make(ProspectList, list_id)
    wanted = {"new", "spoken"} if spoken_too else {"new"}
    for line in lines(row):
        if line.how in wanted:
            service.add(line.typed, source="list", seen=True, list_id=row.id)
            row.made += 1
    file_lists.done(row)
    audit.record("prospect_list.enter", "prospect_list", row.id, made=row.made)
    return row.made


def undo(list_id: UUID) -> tuple[int, int]:
    """Take out again what a list entered and nobody has spoken to: (taken out, left standing). Raises Absent, Clash."""
    row = file_lists.to_undo(ProspectList, list_id)
    touched = select(ProspectEvent.prospect_id).union_all(select(ProspectTie.prospect_id))
    mine = select(Prospect.id).where(Prospect.list_id == row.id, Prospect.id.not_in(touched))
    gone = list(db.session.scalars(mine))
    community_id, _street_id, _mark = service.here()
    pool.take(community_id, gone)
    db.session.execute(delete(Prospect).where(Prospect.id.in_(gone)), execution_options={"synchronize_session": False})
    taken, left = file_lists.undone(row, len(gone))
    audit.record("prospect_list.undo", "prospect_list", row.id, gone=taken, left=left)
    return taken, left
