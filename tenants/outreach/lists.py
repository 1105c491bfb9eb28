"""A table of shops: read, looked at line by line, entered, undone. The file is not kept."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select

from rongjiu import audit, workbook
from rongjiu.actor import current_actor
from rongjiu.clock import now
from rongjiu.db import db
from rongjiu.errors import Absent, Clash, Refused
from rongjiu.ids import uuid7
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
    if not name.strip():
        raise Refused("请写这份名单叫什么。", field="name")
    rows = workbook.rows(content, file_name)
    lines = _lines(rows)
    digest = sha256(content).digest()
    row = db.session.scalar(select(ProspectList).where(ProspectList.digest == digest))
    if row is not None and row.state == "done":
        return row.id
    if row is None:
        row = ProspectList(id=uuid7(), name="", digest=digest, state="draft", lines=0, made=0, at=now())
        db.session.add(row)
    row.name, row.state, row.lines, row.made = name.strip()[:60], "draft", len(lines), 0
    row.found = json.dumps([asdict(each) for each in lines], ensure_ascii=False)
    row.by, row.at = current_actor().account_id, now()
    db.session.flush()
    audit.record("prospect_list.read", "prospect_list", row.id, lines=len(lines))
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
    return db.session.scalar(select(ProspectList).where(ProspectList.id == list_id))


def newest(most: int = 20) -> list[Any]:
    """The lists that were read, newest first, without their lines."""
    p = ProspectList
    query = select(p.id, p.name, p.state, p.lines, p.made, p.at.label("at")).order_by(p.at.desc(), p.id)
    return list(db.session.execute(query.limit(most)))


def lines(row: ProspectList) -> list[Line]:
    """What each line leads to; empty once it was entered."""
    found = json.loads(row.found or "[]")
    return [Line(**{**each, "typed": Typed(**each["typed"])}) for each in found]


def enter(list_id: UUID, *, spoken_too: bool = False) -> int:
    """Enter the new lines of a list (and, if asked, those to whom a neighbour has spoken); answers how many.

    Raises Absent, Clash when it was done before.
    """
    row = _held(list_id)
    if row.state != "draft":
        raise Clash("这份名单已经导入过了，不会重复登记。")
    wanted = {"new", "spoken"} if spoken_too else {"new"}
    for line in lines(row):
        if line.how in wanted:
            service.add(line.typed, source="list", seen=True, list_id=row.id)
            row.made += 1
    row.state, row.found = "done", None
    db.session.flush()
    audit.record("prospect_list.enter", "prospect_list", row.id, made=row.made)
    return row.made


def undo(list_id: UUID) -> tuple[int, int]:
    """Take out again what a list entered and nobody has spoken to: (taken out, left standing). Raises Absent, Clash."""
    row = _held(list_id)
    if row.state != "done":
        raise Clash("这份名单现在不能撤销。")
    touched = select(ProspectEvent.prospect_id).union_all(select(ProspectTie.prospect_id))
    mine = select(Prospect.id).where(Prospect.list_id == row.id, Prospect.id.not_in(touched))
    gone = list(db.session.scalars(mine))
    community_id, _street_id, _mark = service.here()
    pool.take(community_id, gone)
    left = row.made - len(gone)
    db.session.execute(delete(Prospect).where(Prospect.id.in_(gone)), execution_options={"synchronize_session": False})
    row.state, row.made = "undone", left
    db.session.flush()
    audit.record("prospect_list.undo", "prospect_list", row.id, gone=len(gone), left=left)
    return len(gone), left


def _held(list_id: UUID) -> ProspectList:
    row = db.session.scalar(select(ProspectList).where(ProspectList.id == list_id).with_for_update())
    if row is None:
        raise Absent("没有这份名单。")
    return row
