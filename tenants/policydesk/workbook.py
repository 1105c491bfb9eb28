"""The conditions of many policies as one table, out and in again: the same table changes nothing."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select

from rongjiu.codes import N_
from rongjiu.db import db
from rongjiu.errors import Clash, Refused
from tenants.catalogue import queries as catalogue
from tenants.policydesk import rules, service
from tenants.policydesk.models import PolicyDraft
from tenants.policydesk.rules import Fault
from tenants.policydesk.service import Faulty, Given
from tenants.policydesk.vocabulary import words

MOST_LINES = 2000
HEADS = (N_("政策编号"), N_("政策名称"), N_("草稿号"), *rules.HEADS.values())
"""Headings are Chinese in every language: they are what is recognised."""
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Part:
    """The lines of one policy: its slug, the draft they were taken from, rows, and where each stands in the file."""

    slug: str
    seq: int | None
    rows: list[dict[str, str]]
    lines: list[int]


def table(slugs: Sequence[str] = ()) -> list[list[str]]:
    """Headings and one line for each condition, of the drafts where there are some; `slugs` = only these policies."""
    drafts = {row.slug: row for row in db.session.scalars(select(PolicyDraft))}
    known, found = words(), [list(HEADS)]
    for row in catalogue.policies():
        if slugs and row["id"] not in slugs:
            continue
        draft = drafts.get(row["id"])
        content = draft.content if draft else row
        for each in rules.rows_of(content["criteria"]):
            said = rules.shown(each, known)
            start = [row["id"], content["name_zh"], str(draft.seq if draft else 0)]
            found.append([*start, *(said[name] for name in rules.COLUMNS)])
    return found


def read(lines: Sequence[Sequence[str]]) -> list[str]:
    """Keep a draft of every policy that the table changes; answers their slugs. All or nothing.

    Raises Refused naming `file`, Faulty with the lines of the file, Clash when a draft was saved since the download.
    """
    if len(lines) > MOST_LINES + 1:
        raise Refused(
            "一次最多 %(n)s 行，这个文件有 %(m)s 行。请分成几份。", field="file", n=MOST_LINES, m=len(lines) - 1
        )
    if not lines or [rules.half(cell) for cell in lines[0][: len(HEADS)]] != list(HEADS):
        raise Refused("第一行的列名不对。请先下载表格，在里面改。", field="file")
    faults = list[Fault]()
    parts = _parts(lines, faults)
    saved = list[str]()
    late = [part.slug for part in parts if part.seq is not None and part.seq != _seq(part.slug)]
    if late:
        raise Clash("下载以后，同事又改过这些政策的草稿：%(names)s。请重新下载再改。", names="、".join(late))
    for part in parts:
        try:
            if _same(part):
                continue
            if service.save(part.slug, Given(part.rows), _seq(part.slug)):
                saved.append(part.slug)
        except Faulty as faulty:
            faults += [replace(fault, row=part.lines[fault.row - 1]) for fault in faulty.faults]
            faults += [Fault(part.lines[0], "fact", each.message, each.words) for each in faulty.fields]
    if faults:
        raise Faulty(sorted(faults, key=lambda fault: fault.row))
    return saved


def _same(part: Part) -> bool:
    """Does the table say what the draft, or the policy in force, says already?"""
    tree, faults = rules.tree_of(part.rows, words())
    draft = service.draft_of(part.slug)
    now = draft.content if draft else next(row for row in catalogue.policies() if row["id"] == part.slug)
    return not faults and tree == now["criteria"]


def _seq(slug: str) -> int:
    draft = service.draft_of(slug)
    return draft.seq if draft else 0


def _parts(lines: Sequence[Sequence[str]], faults: list[Fault]) -> list[Part]:
    policies = catalogue.policies()
    known = {row["name_zh"]: row["id"] for row in policies} | {row["id"]: row["id"] for row in policies}
    parts: dict[str, Part] = {}
    slug = ""
    for number, line in enumerate(lines[1:], 2):
        cells = [*line, *[""] * len(HEADS)][: len(HEADS)]
        if not any(cells):
            continue
        named = rules.half(cells[0]) or rules.half(cells[1])
        slug = known.get(named, "") if named else slug
        if not slug:
            names = tuple(row["name_zh"] for row in policies)
            faults.append(
                Fault(number, "policy", "没有叫“%(text)s”的政策，请从列表里选。", {"text": named[:40]}, names)
            )
            continue
        told = rules.half(cells[2])
        part = parts.setdefault(slug, Part(slug, int(told) if told.isdigit() else None, [], []))
        part.rows.append(dict(zip(rules.COLUMNS, cells[3:], strict=True)))
        part.lines.append(number)
    return list(parts.values())
