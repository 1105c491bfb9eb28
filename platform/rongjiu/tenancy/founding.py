"""The life of a founding draft: one sitting or many, kept 30 days from the last change, then gone."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, or_, select
from sqlalchemy.orm.attributes import flag_modified

from rongjiu import audit, codes, outbox
from rongjiu.clock import now
from rongjiu.codes import N_
from rongjiu.db import db
from rongjiu.errors import Absent, Clash, Refused
from rongjiu.ids import uuid7
from rongjiu.tenancy import divisions
from rongjiu.tenancy.models import Community, Division, FoundingDraft, Membership, Street

LIFE = timedelta(days=30)
"""Timer application-draft: 30 calendar days from the last change."""
REMIND_BEFORE = timedelta(days=3)
STEPS = ("place", "pack", "name", "slots", "clone", "staff", "check")
"""The steps of founding, in order; a draft's `step` is the first one not done."""
POSTS = ("secretary", "director", "worker", "street")
"""Posts a founder may hold: 社区书记, 社区主任, 社区工作者, 街道工作人员."""


@dataclass(frozen=True, slots=True)
class Begun:
    """Somebody else is at it already: which post began, when; `community` says a station stands already."""

    post: str
    since: datetime
    community: bool


def start(account_id: UUID, post: str) -> FoundingDraft:
    """A new draft, or the founder's own that has no place yet."""
    if post not in POSTS:
        raise Refused("请选一项", field="post")
    empty = select(FoundingDraft).where(_open(account_id), FoundingDraft.place_key == "")
    row = db.session.scalar(empty.limit(1))
    if row is None:
        row = FoundingDraft(
            id=uuid7(), account_id=account_id, place_key="", data={}, created_at=now(), expires_at=now() + LIFE
        )
        db.session.add(row)
        db.session.flush()
        audit.record("founding.start", "founding_draft", row.id)
        outbox.put("founding.keep", {"draft": str(row.id)}, after=row.expires_at - REMIND_BEFORE)
    save(row, post=post)
    return row


def _open(account_id: UUID) -> Any:
    return (
        (FoundingDraft.account_id == account_id)
        & FoundingDraft.closed_at.is_(None)
        & or_(FoundingDraft.expires_at > now(), FoundingDraft.community_id.is_not(None))
    )


def mine(account_id: UUID) -> list[FoundingDraft]:
    """Open drafts of an account, the last begun first."""
    return list(
        db.session.scalars(select(FoundingDraft).where(_open(account_id)).order_by(FoundingDraft.created_at.desc()))
    )


def find(draft_id: UUID, account_id: UUID, *, lock: bool = False, answered: bool = False) -> FoundingDraft:
    """The founder's own draft; raises Absent for another's, an expired one, one that was answered (unless `answered`:
    to read how it ended), and for a founder who no longer works in the community it opened."""
    query = select(FoundingDraft).where(FoundingDraft.id == draft_id, FoundingDraft.account_id == account_id)
    row = db.session.scalar(query.with_for_update() if lock else query)
    if row is None:
        raise Absent
    if row.closed_at is not None and not answered:
        raise Absent
    if row.community_id is not None and not _works(account_id, row.community_id):
        raise Absent
    if row.community_id is None and row.expires_at <= now():
        raise Absent("草稿保留 30 天，已经过期。请从“我要建站”重新开始。")
    return row


def _works(account_id: UUID, community_id: UUID) -> bool:
    """Is the founder still a secretary there? What the draft may change is theirs alone."""
    m = Membership
    standing = select(m.id).where(
        m.account_id == account_id, m.scope_kind == "community", m.scope_id == community_id, m.role == "secretary",
        or_(m.ends_at.is_(None), m.ends_at > now()),
    )  # fmt: skip
    return db.session.scalar(standing.limit(1)) is not None


def save(draft: FoundingDraft, *, done: str = "", **words: Any) -> None:
    """Keep answers, move on past a step that is done, and count the 30 days anew."""
    draft = db.session.get_one(FoundingDraft, draft.id)  # the caller's may have been let go by a change of scope
    draft.data = {**draft.data, **words}
    flag_modified(draft, "data")
    if done and STEPS.index(done) >= STEPS.index(draft.step):
        draft.step = STEPS[min(STEPS.index(done) + 1, len(STEPS) - 1)]
    draft.expires_at = now() + LIFE
    db.session.flush()


def choose_listed(draft: FoundingDraft, code: str, *, although_begun: bool = False) -> None:
    """Found the registered community of a code; raises Refused for an unknown code, Clash when it is taken."""
    _fixed(draft)
    row = divisions.of_code(code)
    _settle(draft, row.code, _words(row), although_begun)


def choose_free(
    draft: FoundingDraft, name: str, street: str, district: str = "", *, although_begun: bool = False
) -> None:
    """Found a community that the register does not list; one that it does list is taken from there."""
    _fixed(draft)
    clean = divisions.clean_name(codes.plain(name))
    if len(clean) < 2:
        raise Refused("请写全社区的名称，例如“端履门社区”。", field="name")
    if not clean.endswith(("社区", "村")):
        clean += "社区"
    listed = divisions.of_name(clean, street)
    if listed:
        _settle(draft, listed.code, _words(listed), although_begun)
        return
    place = {"code": "", "name": clean, "street_code": "", "street": street.strip(), "district": district.strip()}
    _settle(draft, divisions.place_key(clean, street), place, although_begun)


def _words(row: Division) -> dict[str, str]:
    return {"code": row.code, "name": row.name, "street_code": row.street_code, "street": row.street_name}


def _fixed(draft: FoundingDraft) -> None:
    if draft.community_id:
        raise Refused("模型已经克隆到这个社区，地点不能再改。要换社区，请另建一份草稿。")


def _settle(draft: FoundingDraft, key: str, place: dict[str, str], although_begun: bool) -> None:
    found = begun(key, place, draft.id)
    if found and found.community:
        raise Clash("这个社区已经有人建站，不能再建第二个。请联系本社区的书记，由他邀请您加入。", field="code")
    if found and not although_begun:
        raise Begins(found)
    draft.place_key = key
    save(draft, done="place", place=place)


class Begins(Refused):
    """Another founder has begun for the same community: a warning that the founder may set aside."""

    def __init__(self, found: Begun) -> None:
        super().__init__(
            N_("已经有人为这个社区开始建站。请先在社区里问一声；确认由您来建，请打勾后再继续。"), "code", 409
        )
        self.found = found


def begun(key: str, place: dict[str, str], but: UUID) -> Begun | None:
    """Whether a station stands for this place, or another draft is open: which post began and when, not who."""
    station = select(Community.created_at)
    if place["code"]:
        station = station.where(Community.code == place["code"])
    else:
        founded = select(FoundingDraft.community_id).where(FoundingDraft.place_key == key)
        street = select(Street.id).where(Street.name == place["street"])
        same_street = (Community.name == place["name"]) & Community.street_id.in_(street)
        station = station.where(or_(Community.id.in_(founded), same_street))
    since = db.session.scalar(station.limit(1))
    if since:
        return Begun("", since, community=True)
    other = db.session.execute(
        select(FoundingDraft.data, FoundingDraft.created_at)
        .where(
            FoundingDraft.place_key == key,
            FoundingDraft.id != but,
            FoundingDraft.closed_at.is_(None),
            FoundingDraft.expires_at > now(),
        )
        .order_by(FoundingDraft.created_at)
        .limit(1)
    ).one_or_none()
    return Begun(other.data.get("post", ""), other.created_at, community=False) if other else None


def one_at_a_time(key: str) -> None:
    """Wait until nobody else is founding the same place; held until the transaction ends. A place that the register
    does not list has no code that could be unique."""
    db.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"founding|{key}", 0))))


def street_of(place: dict[str, str]) -> Street | None:
    """The street office on the platform that a place belongs to, by its code, else by its name."""
    if place["street_code"]:
        same = select(Street).where(Street.code.in_([place["street_code"], place["street_code"].ljust(12, "0")]))
    elif place["street"]:
        same = select(Street).where(Street.name == place["street"])
    else:
        return None
    return db.session.scalar(same.limit(1))


def forget(draft_id: UUID) -> None:
    """Remove a draft that has expired and founded nothing."""
    db.session.execute(
        delete(FoundingDraft).where(
            FoundingDraft.id == draft_id, FoundingDraft.community_id.is_(None), FoundingDraft.expires_at <= now()
        )
    )
    audit.record("founding.expire", "founding_draft", draft_id)
