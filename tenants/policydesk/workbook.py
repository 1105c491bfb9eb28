"""Many policies as two tables, the conditions and the items, out and in again: the same tables change nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import select

from rongjiu.codes import N_
from rongjiu.db import db
from rongjiu.errors import Clash, Refused
from tenants.catalogue import queries as catalogue
from tenants.policydesk import columns, rules, service
from tenants.policydesk.cells import Fault, half
from tenants.policydesk.models import PolicyDraft
from tenants.policydesk.service import Faulty, Given
from tenants.policydesk.vocabulary import words

MOST_LINES = 2000
START = (N_("政策编号"), N_("政策名称"), N_("草稿号"))
HEADS = (*START, *rules.HEADS.values())
"""Headings are Chinese in every language: they are what is recognised."""
ITEM_HEADS = (*START, *columns.HEADS.values())
Row = dict[str, Any]
Lines = Sequence[Sequence[str]]


@dataclass(slots=True)
class Part:
    """What the tables say of one policy, and where: its slug, the draft they were taken from, the rows with their lines,
    the inputs with their line."""

    slug: str
    seq: int | None
    rows: list[dict[str, str]] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    inputs: dict[str, Any] = field(default_factory=dict)
    line: int = 0


def table(slugs: Sequence[str] = ()) -> list[list[str]]:
    """Headings and one line for each condition, of the drafts where there are some; `slugs` = only these policies."""
    known, found = words(), [list(HEADS)]
    for slug, content, draft in _all(slugs):
        for each in rules.rows_of(content["criteria"]):
            said = rules.shown(each, known)
            start = [slug, content["name_zh"], str(draft.seq if draft else 0)]
            found.append([*start, *(said[name] for name in rules.COLUMNS)])
    return found


def items(slugs: Sequence[str] = ()) -> list[list[str]]:
    """Headings and one line for each policy: what it gives, papers, desk, time limit and the rest; drafts first."""
    lists = columns.Lists.here()
    found = [list(ITEM_HEADS)]
    for slug, content, draft in _all(slugs):
        said = lists.shown(content, draft)
        start = [slug, content["name_zh"], str(draft.seq if draft else 0)]
        found.append([*start, *(said[name] for name in columns.HEADS)])
    return found


def _all(slugs: Sequence[str]) -> list[tuple[str, Row, PolicyDraft | None]]:
    """Every policy, and every new one that is only a draft: slug, what its draft or else the policy says, the draft."""
    drafts = {row.slug: row for row in db.session.scalars(select(PolicyDraft).order_by(PolicyDraft.slug))}
    heads = {row["id"]: row for row in catalogue.policies()}
    return [
        (slug, drafts[slug].content if slug in drafts else heads[slug], drafts.get(slug))
        for slug in dict.fromkeys([*heads, *drafts])
        if not slugs or slug in slugs
    ]


def sort_of(lines: Lines) -> str:
    """conditions | items | '' by the line of headings."""
    first = [half(cell) for cell in lines[0]] if lines else []
    for name, heads in (("conditions", HEADS), ("items", ITEM_HEADS)):
        if first[: len(heads)] == [half(head) for head in heads]:
            return name
    return ""


def read(lines: Lines, item_lines: Lines = ()) -> list[str]:
    """Keep a draft of every policy that the tables change; answers their slugs. All or nothing; either may be empty.

    Raises Refused naming `file`, Faulty with the lines of the file, Clash when a draft was saved since the download.
    """
    for found, wanted in ((lines, "conditions"), (item_lines, "items")):
        if len(found) > MOST_LINES + 1:
            raise Refused("一次最多 %(n)s 行，这个文件有 %(m)s 行。请分成几份。", field="file", n=MOST_LINES, m=len(found) - 1)  # fmt: skip
        if found and sort_of(found) != wanted:
            raise Refused("第一行的列名不对。请先下载表格，在里面改。", field="file")
    if not lines and not item_lines:
        raise Refused("第一行的列名不对。请先下载表格，在里面改。", field="file")
    faults = list[Fault]()
    parts = _parts(lines, item_lines, faults)
    late = [part.slug for part in parts if part.seq is not None and part.seq != _seq(part.slug)]
    if late:
        raise Clash("下载以后，同事又改过这些政策的草稿：%(names)s。请重新下载再改。", names="、".join(late))
    saved = [part.slug for part in parts if _keep(part, faults)]
    if faults:
        raise Faulty(sorted(faults, key=lambda fault: fault.row))
    return saved


def _keep(part: Part, faults: list[Fault]) -> bool:
    """Was a draft saved, because the tables say something else than the draft or the policy in force?"""
    before = _seq(part.slug)
    try:
        if _same(part):
            return False
        given = part.rows or rules.rows_of(_content(part.slug)["criteria"])
        service.save(part.slug, Given(given, part.inputs), before)
    except Faulty as faulty:
        faults += [
            replace(fault, row=part.lines[fault.row - 1] if part.lines else part.line) for fault in faulty.faults
        ]
        for each in faulty.fields:
            column = each.field if part.line and each.field in columns.COLUMNS else "fact"
            faults.append(Fault(part.line or part.lines[0], column or "fact", each.message, each.words))
    except Refused as refused:
        faults.append(Fault(part.line or part.lines[0], refused.field or "fact", refused.message, refused.words))
    return _seq(part.slug) != before


def _same(part: Part) -> bool:
    """Conditions alone that say what stands there already, however they were written."""
    if part.inputs or not part.rows:
        return False
    tree, faults = rules.tree_of(part.rows, words())
    return not faults and tree == _content(part.slug)["criteria"]


def _content(slug: str) -> Mapping[str, Any]:
    draft = service.draft_of(slug)
    return draft.content if draft else next(row for row in catalogue.policies() if row["id"] == slug)


def _seq(slug: str) -> int:
    draft = service.draft_of(slug)
    return draft.seq if draft else 0


def _parts(lines: Lines, item_lines: Lines, faults: list[Fault]) -> list[Part]:
    every = {slug: content["name_zh"] for slug, content, _draft in _all(())}
    known = {name: slug for slug, name in every.items()} | {slug: slug for slug in every}
    names, lists = tuple(every.values()), columns.Lists.here()
    parts: dict[str, Part] = {}
    for found, heads in ((lines, HEADS), (item_lines, ITEM_HEADS)):
        slug = ""
        for number, line in enumerate(found[1:], 2):
            cells = [*line, *[""] * len(heads)][: len(heads)]
            if not any(cells):
                continue
            named = half(cells[0]) or half(cells[1])
            slug = known.get(named, "") if named else slug
            if not slug:
                faults.append(
                    Fault(number, "policy", "没有叫“%(text)s”的政策，请从列表里选。", {"text": named[:40]}, names)
                )
                continue
            told = half(cells[2])
            part = parts.setdefault(slug, Part(slug, int(told) if told.isdigit() else None))
            if heads is HEADS:
                part.rows.append(dict(zip(rules.COLUMNS, cells[3:], strict=True)))
                part.lines.append(number)
            else:
                typed = dict(zip(columns.HEADS, cells[3:], strict=True))
                part.inputs, part.line = {"name_zh": cells[1], **lists.read(number, typed, faults)}, number
    return list(parts.values())
