"""What the answers say: items weighed by courtyard, other needs gathered, and the draft of a needs list made of them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select

from rongjiu import audit
from rongjiu.clock import now
from rongjiu.db import db
from rongjiu.errors import Clash, Refused
from tenants.catalogue import editing
from tenants.catalogue import queries as catalogue
from tenants.catalogue.editing_rules import merged_slug
from tenants.surveys import queries, rules, sampling
from tenants.surveys.models import Survey, SurveyAnswer
from tenants.surveys.queries import Yard
from tenants.surveys.rules import Stratum, Weighing

Line = dict[str, Any]
"""One line of the draft: slug ('' = new), name_zh, name_en, category, action (keep | retire | add | skip), count,
weighted, from_words (texts it was gathered from)."""
ACTIONS = {"keep": ("keep", "retire"), "retire": ("keep", "retire"), "add": ("add", "skip"), "skip": ("add", "skip")}


@dataclass(frozen=True, slots=True)
class Report:
    """All that the page shows of a survey's answers."""

    yards: list[Yard]
    weighing: Weighing
    items: dict[str, Any]
    """Rows of the model by slug, retired ones too."""
    by_yard: dict[UUID, dict[str, int]]
    no_need: int
    others: list[list[str]]


def report(survey_id: UUID, *, others: bool = True) -> Report:
    """Count and weigh the answers of a survey; a merged item counts where it went. Raises Absent."""
    queries.existing(survey_id)
    rows = {row["id"]: row for row in catalogue.need_items(every=True)}
    into = {slug: row["merged_into"] for slug, row in rows.items()}
    yards = queries.yards(survey_id)
    by_yard, no_need = _named(survey_id, into)
    asked = [slug for slug, row in rows.items() if not row["merged_into"]]
    shown = [
        slug for slug in asked if rows[slug]["retired_at"] is None or any(slug in named for named in by_yard.values())
    ]
    strata = [Stratum(str(y.id), y.households, y.answers, by_yard.get(y.id, {})) for y in yards]
    return Report(
        yards,
        rules.weigh(strata, shown),
        rows,
        by_yard,
        no_need,
        rules.group_texts(_others(survey_id)) if others else [],
    )


def _named(survey_id: UUID, into: dict[str, str | None]) -> tuple[dict[UUID, dict[str, int]], int]:
    """How many answers of each courtyard name each item; and how many name none."""
    found: dict[UUID, dict[str, int]] = {}
    none = 0
    query = select(SurveyAnswer.courtyard_id, SurveyAnswer.items).where(SurveyAnswer.survey_id == survey_id)
    for yard, items in db.session.execute(query):
        counts = found.setdefault(yard, {})
        none += not items
        for slug in {merged_slug(each, into) for each in items}:
            counts[slug] = counts.get(slug, 0) + 1
    return found, none


def _others(survey_id: UUID) -> list[str]:
    query = select(SurveyAnswer.other).where(SurveyAnswer.survey_id == survey_id, SurveyAnswer.other.is_not(None))
    return [text for text in db.session.scalars(query) if text]


def make_draft(survey_id: UUID) -> int:
    """Make the draft list of the answers so far, in place of the one before: items by weighted share, those nobody
    named proposed to retire, groups of other needs to be named by the clerk. Answers how many lines.

    Raises Absent, Clash when it was published, Refused without an answer.
    """
    survey = sampling.row(survey_id)
    if survey.published_at is not None:
        raise Clash("这次统计的清单已经公布。")
    found = report(survey_id)
    if not found.weighing.answers:
        raise Refused("还没有答卷，不能生成清单。")
    lines: list[Line] = []
    for share in found.weighing.shares:
        row = found.items[share.item]
        if row["retired_at"] is None:
            lines.append({
                "slug": share.item, "name_zh": row["name_zh"], "name_en": row["name_en"],
                "category": row["category_id"], "action": "keep" if share.count else "retire", "count": share.count,
                "weighted": round(share.weighted, 4), "words": [],
            })  # fmt: skip
    for group in found.others:
        lines.append({
            "slug": "", "name_zh": "", "name_en": "", "category": "", "action": "skip", "count": len(group),
            "weighted": 0.0, "words": list(dict.fromkeys(group))[:5],
        })  # fmt: skip
    survey.needs_draft = json.dumps(lines, ensure_ascii=False)
    db.session.flush()
    audit.record("survey.draft_list", "survey", survey.id, lines=len(lines))
    return len(lines)


def edit_draft(survey_id: UUID, lines: Sequence[Line]) -> None:
    """Keep what the editor says of each line, in the editor's order: action, name and category of additions.

    Raises Absent, Clash, Refused naming `<n>-<input>` (n from 0).
    """
    survey = sampling.row(survey_id)
    before = _lines(survey)
    if survey.published_at is not None or len(lines) != len(before):
        raise Clash("清单刚刚有人改过，请刷新页面。")
    known = {row["id"] for row in catalogue.need_categories()}
    kept = []
    for n, (old, said) in enumerate(zip(before, lines, strict=True)):
        if said["action"] not in ACTIONS[old["action"]]:
            raise Refused("请选一项", field=f"{n}-action")
        new = {**old, "action": said["action"], "place": said["place"]}
        if not old["slug"]:
            new |= {"name_zh": said["name_zh"].strip()[:30], "category": said["category"]}
            if new["action"] == "add" and not new["name_zh"]:
                raise Refused("请给新增的需求起个名称。", field=f"{n}-name_zh")
            if new["action"] == "add" and new["category"] not in known:
                raise Refused("请选一个大类。", field=f"{n}-category")
        kept.append(new)
    survey.needs_draft = json.dumps(sorted(kept, key=lambda line: line["place"]), ensure_ascii=False)
    db.session.flush()
    audit.record("survey.edit_list", "survey", survey.id, lines=len(kept))


def lines(survey_id: UUID) -> list[Line]:
    """The draft list as it stands; empty when none was made. Raises Absent."""
    queries.existing(survey_id)
    text = db.session.scalar(select(Survey.needs_draft).where(Survey.id == survey_id))
    return json.loads(text) if text else []


def _lines(survey: Survey) -> list[Line]:
    return json.loads(survey.needs_draft) if survey.needs_draft else []


def publish(survey_id: UUID) -> dict[str, int]:
    """Make the draft the community's needs list: add, retire and order, each with its history. Answers what was done.

    Raises Absent, Clash when it was published already, Refused without a draft or when a name is taken.
    """
    survey = sampling.row(survey_id)
    if survey.published_at is not None:
        raise Clash("这次统计的清单已经公布。")
    lines = _lines(survey)
    if not lines:
        raise Refused("请先生成清单草稿。")
    live = {row["id"] for row in catalogue.need_items()}
    order, done = list[str](), {"keep": 0, "add": 0, "retire": 0}
    for line in lines:
        if line["action"] == "add":
            order.append(editing.add("item", line["name_zh"], line["name_en"], category=line["category"]))
        elif line["action"] == "retire" and line["slug"] in live:
            editing.retire("item", line["slug"])
        elif line["action"] == "keep" and line["slug"] in live:
            order.append(line["slug"])
        else:
            continue
        done[line["action"]] += 1
    if not order:
        raise Refused("清单里一项也没有，不能公布。")
    editing.reorder("item", order)
    survey.published_at = now()
    db.session.flush()
    audit.record("survey.publish", "survey", survey.id, kept=done["keep"], added=done["add"], retired=done["retire"])
    return done
