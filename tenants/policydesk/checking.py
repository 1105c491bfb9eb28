"""What the inputs beside the conditions may say, checked against closed lists; every fault at its own input."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import select

from rongjiu.db import db
from rongjiu.errors import Refused
from rongjiu.library.packfiles import read_pack
from tenants.catalogue import queries as catalogue
from tenants.policydesk import benefits, cells, rules
from tenants.policydesk.models import PolicyDraft
from tenants.policydesk.vocabulary import words
from tenants.screening.relations import CLASSES, RECOGNISED

Row = dict[str, Any]
TEXTS = {"name_zh": 40, "name_en": 120, "gives_zh": 300, "gives_en": 300}
"""Input → most characters."""
LISTS = ("document_ids", "apply_at")
HELP_CLASSES = ("basic_living", "special", "emergency", "welfare")
SCOPES = ("household", "person")


def inputs(base: Mapping[str, Any], given: Mapping[str, Any], faults: list[Refused]) -> Row:
    """What the inputs change in an item; each fault is added with its input's name. An input that is not given stays."""
    found: Row = {}
    for name, most in TEXTS.items():
        if name in given:
            text = str(given[name]).strip()
            if not text and name.endswith("zh"):
                faults.append(Refused("请填写这一项", field=name))
            if len(text) > most:
                faults.append(Refused("请写短一点，%(n)s 个字以内。", field=name, n=most))
            found[name] = text
    pack = read_pack()["policies"]
    offices = [row["id"] for row in catalogue.departments()]
    for name, allowed in (("department_id", offices), ("help_class", HELP_CLASSES), ("scope", SCOPES)):
        if name in given:
            if given[name] not in allowed:
                faults.append(Refused("请从列出的里面选。", field=name))
            found[name] = given[name]
    for name, key in (("document_ids", "documents"), ("apply_at", "apply_at")):
        if name in given:
            ids = [row["id"] for row in pack[key]]
            chosen = given[name]
            if any(each not in ids for each in chosen):
                faults.append(Refused("请从列出的里面选。", field=name))
            kept = base.get(name) or []
            found[name] = kept if sorted(kept) == sorted(chosen) else list(chosen)
    found |= benefits.read(base, given, words(), faults)
    if "working_days" in given:
        found |= _limit(base, str(given["working_days"]), faults)
    return found | _days(given, base, faults)


def days_of(content: Mapping[str, Any]) -> str:
    """The time limit as it is typed: working days, 0 = on the spot, empty = not set."""
    days = (content.get("time_limit") or {}).get("working_days")
    return "" if days is None else str(days)


def _limit(base: Mapping[str, Any], text: str, faults: list[Refused]) -> Row:
    old = dict(base.get("time_limit") or {})
    days: int | None = None
    text = cells.half(text)
    if text:
        if not text.isdigit() or int(text) > 365:
            faults.append(Refused("办理时限请填 0 到 365 个工作日，当场办的填 0；还没定就留空。", field="working_days"))
            return {}
        days = int(text)
    if old.get("working_days") == days:
        return {}
    return {"time_limit": {"working_days": days, "status": "to_be_set" if days is None else "community"}}


def _days(given: Mapping[str, Any], base: Mapping[str, Any], faults: list[Refused]) -> Row:
    found: Row = {}
    for name in ("effective_from", "effective_to"):
        if name in given:
            text = cells.half(str(given[name] or ""))
            try:
                value = date.fromisoformat(text).isoformat() if text else None
            except ValueError:
                faults.append(Refused("日期不对，请重新选择。", field=name))
                continue
            if value or base.get(name):
                found[name] = value
    begins = found.get("effective_from", base.get("effective_from"))
    ends = found.get("effective_to", base.get("effective_to"))
    if begins and ends and ends < begins:
        faults.append(Refused("停止的日子不能早于施行的日子。", field="effective_to"))
    return found


Source = tuple[str, str, date | None]


def source(given: Mapping[str, Any], kept: Source = ("", "", None)) -> Source:
    """Title, number and date of the document a draft goes by; `kept` = where nothing is given. Raises Refused naming
    `source_date`."""
    if not any(name.startswith("source_") for name in given):
        return kept
    text = cells.half(str(given.get("source_date") or ""))
    try:
        day = date.fromisoformat(text) if text else None
    except ValueError as error:
        raise Refused("日期不对，请重新选择。", field="source_date") from error
    return str(given.get("source_title", "")).strip()[:120], str(given.get("source_number", "")).strip()[:60], day


def kept(row: Any) -> Source:
    """The document of a draft, if there is one."""
    return (row.source_title, row.source_number, row.source_date) if row else ("", "", None)


def basis(named: Source) -> Row:
    """A document as an item names what it stands on."""
    title = " ".join(part for part in (named[0], named[1]) if part)
    return {"title": title, "date": named[2].isoformat() if named[2] else None}


def same_name(slug: str, name: str) -> list[Refused]:
    """A refusal when another policy, or another's draft, is called so already."""
    d = PolicyDraft
    others = {row["id"]: row["name_zh"] for row in catalogue.policies()}
    drafted = db.session.execute(select(d.slug, d.content["name_zh"].astext))
    others |= {row[0]: row[1] for row in drafted}
    if name and name in {each for other, each in others.items() if other != slug}:
        return [Refused("已经有一项政策叫这个名称，请换一个，或去改那一项。", field="name_zh")]
    return []


def origin(content: Mapping[str, Any]) -> Row:
    """The document of an item as the pack names it."""
    basis = content.get("basis") or [{}]
    return {"source_title": str(basis[0].get("title", "")), "source_number": "", "source_date": None}


def begun(slug: str, seq: int) -> Row:
    """An item that says nothing yet, for a policy that is wholly new."""
    return {
        "id": slug, "seq": seq, "name_zh": "", "name_en": "", "department_id": "", "help_class": "", "scope": "",
        "gives_zh": "", "gives_en": "", "benefit": {"kind": "", "amount_param": None, "period": None},
        "criteria": {"all": []}, "document_ids": [], "apply_at": [], "basis": [], "verification": "community",
        "time_limit": {"working_days": None, "status": "to_be_set"}, "effective_from": None, "own": True,
    }  # fmt: skip


def circular(policies: Mapping[str, Row]) -> set[str]:
    """Recognising policies that wait for each other."""
    return rules.circular(policies, CLASSES, RECOGNISED)
