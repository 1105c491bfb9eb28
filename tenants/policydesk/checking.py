"""What the inputs beside the conditions may say, checked against closed lists; every fault at its own input."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from rongjiu.errors import Refused
from rongjiu.library.packfiles import read_pack
from tenants.catalogue import queries as catalogue
from tenants.policydesk import rules
from tenants.screening.relations import CLASSES, RECOGNISED

Row = dict[str, Any]
TEXTS = {"name_zh": 40, "name_en": 120, "gives_zh": 300, "gives_en": 300}
"""Input → most characters."""
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
    if "working_days" in given:
        found |= _limit(base, str(given["working_days"]), faults)
    return found | _days(given, base, faults)


def _limit(base: Mapping[str, Any], text: str, faults: list[Refused]) -> Row:
    old = dict(base.get("time_limit") or {})
    days: int | None = None
    text = rules.half(text)
    if text:
        if not text.isdigit() or not 1 <= int(text) <= 365:
            faults.append(Refused("办理时限请填 1 到 365 个工作日；还没定就留空。", field="working_days"))
            return {}
        days = int(text)
    if old.get("working_days") == days:
        return {}
    return {"time_limit": {"working_days": days, "status": "community" if days else "to_be_set"}}


def _days(given: Mapping[str, Any], base: Mapping[str, Any], faults: list[Refused]) -> Row:
    found: Row = {}
    for name in ("effective_from", "effective_to"):
        if name in given:
            text = rules.half(str(given[name] or ""))
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


def source(given: Mapping[str, Any]) -> tuple[str, str, date | None]:
    """Title, number and date of the document a draft goes by; raises Refused naming `source_date`."""
    text = rules.half(str(given.get("source_date") or ""))
    try:
        day = date.fromisoformat(text) if text else None
    except ValueError as error:
        raise Refused("日期不对，请重新选择。", field="source_date") from error
    return str(given.get("source_title", "")).strip()[:120], str(given.get("source_number", "")).strip()[:60], day


def origin(content: Mapping[str, Any]) -> Row:
    """The document of an item as the pack names it."""
    basis = content.get("basis") or [{}]
    return {"source_title": str(basis[0].get("title", "")), "source_number": "", "source_date": None}


def circular(policies: Mapping[str, Row]) -> set[str]:
    """Recognising policies that wait for each other."""
    return rules.circular(policies, CLASSES, RECOGNISED)
