"""A dry run: the draft judged against the policy in force on the community's own register, in parts. Nothing is written
but who would gain, lose, come near or become unknown."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, insert, select

from rongjiu import audit, outbox
from rongjiu.clock import now, today
from rongjiu.db import current_tenant, db
from rongjiu.errors import Absent, Refused
from rongjiu.ids import uuid7
from tenants.catalogue import queries as catalogue
from tenants.catalogue import service as waits
from tenants.policydesk.models import PolicyDraft, PolicyTrial, PolicyTrialRow
from tenants.rescreening import judging, rules
from tenants.rescreening.judging import Home, Judge
from tenants.residents.models import Household
from tenants.screening.relations import CLASSES, RECOGNISED
from tenants.screening.values import SubjectVerdict

PART = 1000
"""Households of one part."""
KEPT = 3
"""Dry runs of a policy whose names are kept; older ones keep their counts."""
LINE = "line"
"""Content of a dry run that tries a line, not a policy."""
FIRST = UUID(int=0)
Row = Mapping[str, Any]


def start(slug: str, as_of: date | None = None) -> UUID:
    """Begin a dry run of the draft as of a day (today, or when it begins); answers its id. A run of the same draft and day that has not
    begun yet is the same run. Raises Absent, Refused while lines are unconfirmed."""
    draft = db.session.scalar(select(PolicyDraft).where(PolicyDraft.slug == slug))
    if draft is None:
        raise Absent("没有草稿。")
    if waits.screening_ready():
        raise Refused("研判还没有开启：请先确认本地参数。")
    name = draft.content["name_zh"], draft.content.get("name_en", "")
    begins = date.fromisoformat(draft.content.get("effective_from") or str(today()))
    return _begin(slug, name, draft.content, draft.seq, max(as_of or begins, today()))


def start_line(slug: str, value: Decimal, since: date) -> UUID:
    """Begin a dry run of a line at another value, as of the day from which it holds; answers its id. Raises as `start`."""
    row = next((each for each in catalogue.parameters() if each["id"] == slug), None)
    if row is None:
        raise Absent("没有这个标准。")
    content = {LINE: {"value": str(value), "since": since.isoformat()}}
    return _begin(slug, (row["name_zh"], row["name_en"]), content, 0, max(since, today()))


def _begin(slug: str, name: tuple[str, str], content: Row, seq: int, day: date) -> UUID:
    if waits.screening_ready():
        raise Refused("研判还没有开启：请先确认本地参数。")
    t = PolicyTrial
    same = select(t.id).where(
        t.slug == slug, t.draft_seq == seq, t.content == content, t.as_of == day, t.done == 0, t.ended_at.is_(None)
    )
    if (known := db.session.scalar(same.limit(1))) is not None:
        return known
    trial = t(
        id=uuid7(), slug=slug, name_zh=name[0], name_en=name[1], content=dict(content), draft_seq=seq, as_of=day, done=0,
        counts={}, began_at=now(), ended_at=None,
        total=db.session.scalar(select(func.count()).select_from(Household)) or 0,
    )  # fmt: skip
    _forget(slug)
    db.session.add(trial)
    db.session.flush()
    audit.record("policy.trial", "policy_trial", trial.id, about=slug, draft=seq)
    _next(trial.id, FIRST)
    return trial.id


def _forget(slug: str) -> None:
    """Names of old dry runs go; the newest few stay."""
    t = PolicyTrial
    old = select(t.id).where(t.slug == slug).order_by(t.id.desc()).offset(KEPT - 1)
    db.session.execute(delete(PolicyTrialRow).where(PolicyTrialRow.trial_id.in_(old)))


def _next(trial_id: UUID, after: UUID) -> None:
    outbox.put("policy.trial.part", {"trial_id": str(trial_id), "after": str(after)}, key=f"trial-{trial_id}-{after}")


def part(trial_id: UUID, after: UUID) -> UUID | None:
    """Judge the next households, those whose id follows `after`; answers where to go on, None at the end."""
    trial = db.session.scalar(select(PolicyTrial).where(PolicyTrial.id == trial_id).with_for_update())
    if trial is None or trial.ended_at is not None:
        return None
    ids = list(db.session.scalars(select(Household.id).where(Household.id > after).order_by(Household.id).limit(PART)))
    if ids:
        found = _compare(trial, ids)
        if found:
            db.session.execute(insert(PolicyTrialRow), found)
        counts = Counter(trial.counts)
        counts.update(row["kind"] for row in found)
        trial.counts, trial.done = dict(counts), trial.done + len(ids)
    if len(ids) < PART:
        trial.ended_at = now()
        db.session.flush()
        return None
    db.session.flush()
    _next(trial_id, ids[-1])
    return ids[-1]


def _compare(trial: PolicyTrial, ids: list[UUID]) -> list[dict[str, Any]]:
    before, after, about = _judges(trial)
    tenant, found = current_tenant().id, list[dict[str, Any]]()
    for home in judging.homes(ids):
        for subject, policy, kind in differences(before, after, home, trial.as_of, about):
            found.append({
                "tenant_id": tenant, "id": uuid7(), "trial_id": trial.id, "household_id": home.id,
                "subject_id": judging.subject_of(subject, home), "policy_slug": policy, "kind": kind,
            })  # fmt: skip
    return found


def _judges(trial: PolicyTrial) -> tuple[Judge, Judge, set[str]]:
    """With what is in force, with what is tried, and the policies whose unknown answers are told."""
    every = catalogue.policies(trial.as_of)
    if line := trial.content.get(LINE):
        lines = catalogue.parameters()
        value = {"value": Decimal(line["value"]), "effective_from": line["since"]}
        then = [{**row, **value} if row["id"] == trial.slug else row for row in lines]
        about = {row["id"] for row in every if f'"{trial.slug}"' in json.dumps(row["criteria"])}
        return Judge.here(every, lines), Judge.here(every, then), about
    drafted = [{**trial.content, "id": trial.slug} if row["id"] == trial.slug else row for row in every]
    if all(row["id"] != trial.slug for row in every):  # wholly new; tried as if it were in force that day
        drafted.append({**trial.content, "id": trial.slug})
    spoken = concerned(trial.slug, [*every, *drafted])
    before = Judge.here([row for row in every if row["id"] in spoken])
    return before, Judge.here([row for row in drafted if row["id"] in spoken]), {trial.slug}


def concerned(slug: str, rows: Iterable[Row]) -> set[str]:
    """The policies whose answers a change of `slug` can move: itself, and what stands with it on a recognition."""
    asks = {row["id"] for row in rows if _asks(row["criteria"])}
    recognisers = set(CLASSES.values())
    return {slug} | (asks | recognisers if slug in asks | recognisers else set())


def _asks(node: Row) -> bool:
    parts = node.get("all", node.get("any"))
    return any(_asks(part) for part in parts) if parts is not None else node.get("field") == RECOGNISED


def differences(before: Judge, after: Judge, home: Home, day: date, about: set[str]) -> list[tuple[str, str, str]]:
    """(subject, policy, kind) of everything that is moved for a household: as re-screening would tell it afterwards, and
    who would have to be asked anew about the policies `about`."""
    told, facts = before.told(home, day)
    then, _facts = after.told(home, day)
    was, will = before.letters(told, facts), after.letters(then, facts)
    found = [
        (subject, change.policy, change.kind)
        for subject in {**was, **will}
        for change in rules.changes(was.get(subject, {}), will.get(subject, {}), day, home.has(subject, day))
    ]
    return found + [(*each, "unknown") for each in sorted(_unknown(then, about) - _unknown(told, about))]


def _unknown(told: Iterable[SubjectVerdict], about: set[str]) -> set[tuple[str, str]]:
    return {(row.subject, row.policy_id) for row in told if row.policy_id in about and row.verdict == "need_info"}


def fresh(draft: PolicyDraft, trial: PolicyTrial | None) -> bool:
    """Was this very draft tried to the end?"""
    return bool(trial and trial.ended_at and trial.draft_seq == draft.seq and trial.content == draft.content)


def latest(slug: str) -> PolicyTrial | None:
    """The newest dry run of a policy."""
    return db.session.scalar(
        select(PolicyTrial).where(PolicyTrial.slug == slug).order_by(PolicyTrial.id.desc()).limit(1)
    )
