"""Drafting, publishing, withdrawing and rolling back policies. A clerk drafts, a second person publishes; what is
published never changes, so that every screening of the past keeps the version of its day."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import func, select, update

from rongjiu import audit
from rongjiu.actor import current_actor
from rongjiu.clock import now, today
from rongjiu.db import db
from rongjiu.errors import Absent, Clash, Refused
from rongjiu.ids import uuid7
from tenants.catalogue import queries as catalogue
from tenants.catalogue.models import Policy, PolicyVersion
from tenants.policydesk import cells, checking, examples, rules, trials
from tenants.policydesk.models import PolicyDraft
from tenants.policydesk.vocabulary import words
from tenants.rescreening import service as rescreening

Row = dict[str, Any]


class Faulty(Refused):
    """Some cells or fields are wrong; `faults` names each cell, `fields` each input with a refusal."""

    def __init__(self, faults: Sequence[cells.Fault], fields: Sequence[Refused] = ()) -> None:
        super().__init__("还有 %(n)s 处要改，填过的内容都在。", n=len(faults) + len(fields))
        self.faults, self.fields = list(faults), list(fields)


@dataclass(frozen=True, slots=True)
class Given:
    """What the editor sends: the rows of the grid, the other inputs by name."""

    rows: Sequence[Mapping[str, str]]
    inputs: Mapping[str, Any] = field(default_factory=dict)


def draft_of(slug: str) -> PolicyDraft | None:
    """The draft of a policy, if there is one."""
    return db.session.scalar(select(PolicyDraft).where(PolicyDraft.slug == slug))


def save(slug: str, given: Given, seen: int) -> PolicyDraft | None:
    """Keep a draft; what equals the policy in force makes no draft (None).

    `seen`: the draft that was on the screen (0 = none). Raises Absent, Clash when somebody saved since, Faulty.
    """
    head, row = _head_or_none(slug), draft_of(slug)
    if head is None and row is None:
        raise Absent("没有这项政策。")
    if (row.seq if row else 0) != seen:
        raise Clash(
            "您填写的时候，%(who)s已经存了这项政策的草稿。您填的还在，请对照新版后再保存。",
            who=row.saved_post if row else "",
        )
    content = read(slug, given)
    source = checking.source(given.inputs, checking.kept(row))
    if row is None:
        if head and content == head.content:
            return None
        row = PolicyDraft(id=uuid7(), slug=slug, seq=0)
        db.session.add(row)
    elif row.content == content and (row.source_title, row.source_number, row.source_date) == source:
        return row
    actor = current_actor()
    row.content, row.seq = content, row.seq + 1
    row.source_title, row.source_number, row.source_date = source
    row.saved_at, row.saved_by, row.saved_post = now(), actor.account_id, actor.name or actor.role
    db.session.flush()
    audit.record("policy.draft", "policy", slug, seq=row.seq)
    return row


def create(given: Given) -> str:
    """Begin a wholly new policy as a draft; answers its slug. Nobody reads it before it is published.

    Raises Faulty naming every wrong cell and input.
    """
    row_id = uuid7()
    slug = f"own-{row_id.hex[-8:]}"
    seq = db.session.scalar(select(func.max(Policy.seq))) or 0
    content = read(slug, given, checking.begun(slug, seq + 1))
    source, actor = checking.source(given.inputs), current_actor()
    db.session.add(
        PolicyDraft(
            id=row_id, slug=slug, seq=1, content=content, source_title=source[0], source_number=source[1],
            source_date=source[2], saved_at=now(), saved_by=actor.account_id, saved_post=actor.name or actor.role,
        )
    )  # fmt: skip
    db.session.flush()
    audit.record("policy.draft", "policy", slug, seq=1)
    return slug


def read(slug: str, given: Given, begun: Row | None = None) -> Row:
    """The whole item that the inputs mean, over `begun`, the draft or the policy in force; raises Faulty."""
    row = draft_of(slug)
    base: Row = dict(begun or (row.content if row else _head(slug).content))
    known = words()
    fields = list[Refused]()
    if len(given.rows) > rules.MOST_ROWS:
        refused = Refused("一项政策最多 %(n)s 条条件，您给了 %(m)s 条。请分成几项政策。", field="paste", n=rules.MOST_ROWS, m=len(given.rows))  # fmt: skip
        raise Faulty([], [refused])
    criteria, faults = rules.tree_of(given.rows, known)
    base |= checking.inputs(base, given.inputs, fields)
    fields += checking.same_name(slug, base["name_zh"])
    if not faults:
        base["criteria"] = criteria
        fields += _circle(slug, criteria)
    if faults or fields:
        raise Faulty(faults, fields)
    return base


def _circle(slug: str, criteria: Row) -> list[Refused]:
    policies = {row["id"]: row["criteria"] for row in catalogue.policies()}
    before = checking.circular(policies)
    stuck = checking.circular({**policies, slug: criteria}) - before  # a new policy recognises nothing
    if not stuck:
        return []
    names = {row["id"]: row["name_zh"] for row in catalogue.policies()}
    return [Refused("这几项认定互相要求，谁也没法先办：%(names)s。请去掉其中一条认定条件。", field="conditions", names="、".join(names[each] for each in sorted(stuck)))]  # fmt: skip


def drop(slug: str) -> None:
    """Throw a draft away; the policy stays as it is. Raises Absent."""
    row = draft_of(slug)
    if row is None:
        raise Absent("没有草稿。")
    audit.record("policy.draft_drop", "policy", slug, seq=row.seq)
    db.session.delete(row)
    db.session.flush()


def publish(slug: str, seq: int, effective: date, post: str) -> int:
    """Make the draft a version from that day on, checked by a second person; answers its number.

    Raises Absent, Clash when the draft on the screen is not the newest, Refused naming `effective_on`, `examples` (none,
    or one that does not pass) or `trial` (the draft as it stands was not tried on the register).
    """
    head, row = _head_or_none(slug), draft_of(slug)
    if row is None:
        raise Absent("没有草稿。")
    if row.seq != seq:
        raise Clash("草稿又改过了，请先看新的内容再发布。")
    if row.saved_by is not None and row.saved_by == current_actor().account_id:
        raise Refused("草稿是您自己存的，请另一位同事核对后发布。")
    if not row.source_title:
        raise Refused("草稿还没有写依据的文件。请先补上文件名称、文号和日期。")
    if (missing := examples.missing(examples.results(slug, row.content), new=head is None)) is not None:
        raise missing
    if not trials.fresh(row, trials.latest(slug)):
        raise Refused("这份草稿还没有在真实家庭上试算完。请先试算，看过谁受影响再发布。", field="trial")
    source = row.source_title, row.source_number, row.source_date
    content: Row = {**row.content, "basis": [checking.basis(source)]}
    if head is None:
        head, content = _begin(slug, content, effective)
    number = _keep(head, content, effective, post, source=source, drafted=(row.saved_by, row.saved_post))
    db.session.delete(row)
    db.session.flush()
    return number


def _begin(slug: str, content: Row, effective: date) -> tuple[Policy, Row]:
    """The place of a new policy among the others; nothing is judged by it before its day."""
    if effective < today():
        raise Refused("请选今天或以后的一天；已经过去的日子按当时的版本研判，不能改。", field="effective_on")
    content = {**content, "effective_from": max(content.get("effective_from") or "", effective.isoformat())}
    head = Policy(id=uuid7(), slug=slug, seq=content["seq"], pack="", **_columns(content))
    db.session.add(head)
    db.session.flush()
    return head, content


def roll_back(slug: str, number: int, effective: date, post: str) -> int:
    """Bring an older version back as a new one from that day on; answers its number.

    Raises Absent, Refused naming `effective_on` or when that version is the one in force.
    """
    head = _head(slug)
    old = db.session.scalar(select(PolicyVersion).where(PolicyVersion.slug == slug, PolicyVersion.number == number))
    if old is None:
        raise Absent("没有这一版。")
    if old.content == head.content:
        raise Refused("这一版和现在用的一样，不用恢复。")
    source = (old.source_title, old.source_number, old.source_date)
    return _keep(head, old.content, effective, post, source=source, restored=number)


def _keep(
    head: Policy, content: Row, effective: date, post: str, *, source: tuple[str, str, date | None],
    drafted: tuple[Any, str] = (None, ""), restored: int | None = None,
) -> int:  # fmt: skip
    v = PolicyVersion
    if effective < today():
        raise Refused("请选今天或以后的一天；已经过去的日子按当时的版本研判，不能改。", field="effective_on")
    last: Any = db.session.execute(
        select(func.max(v.number), func.max(v.effective_from).filter(v.withdrawn_at.is_(None))).where(
            v.slug == head.slug
        )
    ).one()
    if last[1] is not None and effective < last[1]:
        raise Refused("和已发布的版本重叠：有一版从 %(day)s 起用。请选那天以后，或先撤回那一版。", field="effective_on", day=last[1].isoformat())  # fmt: skip
    if last[0] is None and not head.content.get("own"):
        _first(head)
        last = (1, None)
    number = (last[0] or 0) + 1
    db.session.add(
        v(
            id=uuid7(), slug=head.slug, number=number, content=content, effective_from=effective, source_title=source[0],
            source_number=source[1], source_date=source[2], restored_of=restored, drafted_by=drafted[0],
            drafted_post=drafted[1], published_by=current_actor().account_id, published_post=post, published_at=now(),
            withdrawn_at=None, withdrawn_post="",
        )
    )  # fmt: skip
    db.session.flush()
    audit.record(
        "policy.publish", "policy", head.slug, version=number, effective=effective.isoformat(), restored=restored
    )
    if effective <= today():
        _switch(head, content)
    return number


def _first(head: Policy) -> None:
    """The item as it stood before anything was published."""
    db.session.add(
        PolicyVersion(
            id=uuid7(), slug=head.slug, number=1, content=head.content, effective_from=None, restored_of=None,
            published_by=None, published_at=now(), withdrawn_at=None, **checking.origin(head.content),
        )
    )  # fmt: skip
    db.session.flush()


def withdraw(slug: str, number: int, post: str) -> None:
    """Take back a version whose day has not come yet. Raises Absent, Clash when it is in force already."""
    v = PolicyVersion
    row = db.session.scalar(select(v).where(v.slug == slug, v.number == number, v.withdrawn_at.is_(None)))
    if row is None:
        raise Absent("没有这一版。")
    if row.effective_from is None or row.effective_from <= today():
        raise Clash("这一版已经在用了，不能撤回；可以恢复更早的一版。")
    db.session.execute(update(v).where(v.id == row.id).values(withdrawn_at=now(), withdrawn_post=post))
    audit.record("policy.withdraw", "policy", slug, version=number)
    head = _head(slug)
    if head.content.get("own") and not any(each.withdrawn_at is None for each in catalogue.versions(slug)):
        db.session.delete(head)  # a new policy whose only version never began
        db.session.flush()


def take_effect() -> list[str]:
    """Switch every policy whose version of today is not in force yet; answers their slugs. Safe to run twice."""
    due = catalogue.versions_on(today())
    if not due:
        return []
    heads = db.session.scalars(select(Policy).where(Policy.slug.in_(due)).with_for_update())
    switched = []
    for head in heads:
        if head.content != due[head.slug]:
            _switch(head, due[head.slug])
            switched.append(head.slug)
    return switched


def _switch(head: Policy, content: Row) -> None:
    """Readers see the new version from now on, and the register is judged again."""
    for name, value in _columns(content).items():
        setattr(head, name, value)
    db.session.flush()
    audit.record("policy.in_force", "policy", head.slug)
    rescreening.start("policy", head.slug)


def _columns(content: Row) -> Row:
    """What the head of a policy shows of its content."""
    return {
        "content": content, "name_zh": content["name_zh"], "name_en": content["name_en"], "scope": content["scope"],
        "department_slug": content["department_id"], "help_class": content["help_class"],
    }  # fmt: skip


def _head_or_none(slug: str) -> Policy | None:
    return db.session.scalar(select(Policy).where(Policy.slug == slug).with_for_update())


def _head(slug: str) -> Policy:
    row = _head_or_none(slug)
    if row is None:
        raise Absent("没有这项政策。")
    return row
