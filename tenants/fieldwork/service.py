"""Taking in what phones send: each item once, in a savepoint of its own; what cannot be decided waits for a person."""

import json
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DataError, IntegrityError

from rongjiu import audit, files, photos
from rongjiu.clock import now
from rongjiu.codes import N_
from rongjiu.db import current_tenant, db
from rongjiu.errors import Absent, Clash, Refused
from rongjiu.ids import uuid7
from tenants.fieldwork import queries, reading, rules, sheets
from tenants.fieldwork.kinds import KINDS, Done, Read, Told
from tenants.fieldwork.models import FieldItem
from tenants.fieldwork.reading import Item, Payload, Unreadable
from tenants.residents import queries as residents
from tenants.residents.changing import Origin

MOST = 500
"""Items in one sending."""
OURS = ("conflicts", "conflicts_of")
"""Parts of a kept item that we write: a phone that sends them would say itself what the desk may take over, of whom."""
ENDED = N_("上传时这个岗位已经停用，或者院落已换人，请核对后再决定要不要记。")
DONE = N_("这一户别人已经记完了，这一张没有改动它，请看一眼。")
CHANGED = N_("这期间别人改过同一项，请看两边的内容后再选。")


@dataclass(frozen=True, slots=True)
class Sender:
    """Whose phone it is: account, post, the courtyards worked now (none when the post has ended), how far the phone's
    clock is behind ours."""

    account: UUID
    post: str
    device: UUID
    courtyards: Collection[UUID]
    skew: timedelta


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one item: applied | same (taken before, `was` says as what) | conflict | held | refused | wait."""

    id: str
    state: str
    problem: str = ""
    words: Mapping[str, object] = field(default_factory=dict)
    was: str = ""


class _Known(Exception):
    """The item was entered meanwhile, from another sending: what this one wrote goes back."""


class _Overtaken(Exception):
    """Somebody else was faster: nothing was entered, a person must look."""

    def __init__(self, problem: str, read: Read) -> None:
        super().__init__(problem)
        self.problem, self.read = problem, read


def skew_of(phone_now: Any) -> timedelta:
    """How far a phone's clock is behind ours, from what it says now; raises Unreadable."""
    found = now() - reading.moment(phone_now)
    return found if abs(found) < timedelta(days=365 * 50) else timedelta()


def take(items: Sequence[Any], sender: Sender) -> list[Answer]:
    """Take in a list of raw items, in the order of the phone whatever order they came in; one answer for each.

    Nothing is doubled: an item known by its client id answers `same`. Raises Refused (413) beyond MOST items.
    """
    if len(items) > MOST:
        raise Refused("一次最多上传 500 条，请分几次。", status=413)
    known: list[tuple[Item | None, Any]] = [(_item(raw), raw) for raw in items]
    answers: dict[int, Answer] = {}
    there = _there([item.id for item, _raw in known if item], sender)
    for n, (item, raw) in sorted(enumerate(known), key=lambda each: each[1][0].seq if each[1][0] else -1):
        if item is None:
            answers[n] = Answer(reading.id_of(raw), "refused", reading.UNREADABLE)
        else:
            answers[n] = there.get(item.id) or _one(item, sender)
    said: dict[str, Any] = {"skew": _seconds(sender.skew), **Counter(each.state for each in answers.values())}
    audit.record("field.sync", "device", sender.device, **said)
    return [answers[n] for n in range(len(known))]


def take_photo(item: Item, of: UUID, content: bytes, sender: Sender) -> Answer:
    """Keep a photograph of an item that has come before; `wait` when it has not come yet.

    Only JPEG, without whatever it says of place and phone; it belongs to what the item became.
    """
    parent = db.session.execute(
        select(FieldItem.id, FieldItem.object_kind, FieldItem.object_id, FieldItem.courtyard_id).where(
            FieldItem.client_id == of, FieldItem.account_id == sender.account
        )
    ).one_or_none()
    if parent is None:
        return Answer(str(item.id), "wait")
    if item.id in (there := _there([item.id], sender)):
        return there[item.id]
    try:
        plain = photos.plain_jpeg(content)
    except ValueError as error:
        raise Refused("只收照片（JPG），请重新拍一张。", field="photo") from error
    kind, owner = (parent.object_kind, parent.object_id) if parent.object_id else ("field_item", parent.id)
    try:
        with db.session.begin_nested():
            kept = files.save(plain, f"{item.id}.jpg", owner_kind=kind, owner_id=owner, field="photo")
            words = {"courtyard_id": parent.courtyard_id, "object_kind": "file", "object_id": kept}
            _write_down(uuid7(), item, sender, now(), "applied", **words)
    except _Known:
        return _again(item, sender)
    audit.record("field.photo", kind, owner, file=kept)
    return Answer(str(item.id), "applied")


def settle(item_id: UUID, take_over: Collection[str] = (), *, reason: str = "") -> None:
    """A person has looked: what is named in `take_over` is entered as the phone told it (fields of a person, or `all`
    of a held item), everything else stays as it stands. Raises Absent, Clash when it was settled, Refused."""
    row = db.session.scalar(select(FieldItem).where(FieldItem.id == item_id).with_for_update())
    if row is None:
        raise Absent("没有这一条。")
    if row.state not in queries.WAITING:
        raise Clash("这一条已经处理过了，请刷新页面。")
    if not take_over and len(reason.strip()) < 2:
        raise Refused("不记的，请写明为什么，会留在记录里。", field="reason")
    if take_over:
        _take_over(row, take_over)
    row.state, row.settled_at, row.payload, row.settled_why = "settled", now(), None, reason.strip()[:200] or None
    db.session.flush()
    audit.record("field.settle", "field_item", row.id, taken=sorted(take_over))


def _take_over(row: FieldItem, names: Collection[str]) -> None:
    payload = Payload(json.loads(row.payload or "{}"))
    if row.kind not in KINDS:
        raise Absent("没有这一条。")
    if row.state == "conflict" and "conflicts" in payload.raw:
        sheets.take_over(payload, _chosen(payload, names), Origin("field", row.id))
        return
    read = KINDS[row.kind].read(payload, [each.id for each in residents.courtyards()])
    if "values" in read.words and "all" not in names:
        read = Read(read.courtyard, read.words | {"values": _only(read.words["values"], names)})
    told = Told(row.id, row.client_id, row.device_id, row.account_id, row.seq, row.told_at, None)
    done = KINDS[row.kind].apply(read, told)
    row.object_kind, row.object_id = done.kind, done.id


def _chosen(payload: Payload, names: Collection[str]) -> list[str]:
    """Of what was chosen only what was left alone before."""
    return [name for name in payload.words("conflicts") if name in names]


def _item(raw: Any) -> Item | None:
    try:
        return reading.item(raw)
    except Unreadable:
        return None


def _one(item: Item, sender: Sender) -> Answer:
    try:
        return _entered(item, sender)
    except Refused as refused:
        problem, words = refused.message, refused.words
        forged = refused.status == 404
    except (DataError, IntegrityError):
        problem, words, forged = reading.UNREADABLE, {}, False
    kind = item.kind if item.kind in KINDS else "unknown"
    audit.record("field.refuse", kind, item.id, device=sender.device, absent=forged)
    return Answer(str(item.id), "refused", problem, words)


def _entered(item: Item, sender: Sender) -> Answer:
    """Enter an item; what came too late lost its savepoint and is kept in a new one."""
    try:
        with db.session.begin_nested():
            return _enter(item, sender)
    except _Overtaken as overtaken:
        late = overtaken
    except _Known:
        return _again(item, sender)
    try:
        with db.session.begin_nested():
            return _keep(uuid7(), item, sender, "conflict", late.problem, late.read)
    except _Known:
        return _again(item, sender)


def _enter(item: Item, sender: Sender) -> Answer:
    kind = KINDS.get(item.kind)
    if kind is None:
        raise Unreadable
    at, row = now(), uuid7()
    told = Told(row, item.id, sender.device, sender.account, item.seq, _told(item, sender, at), item.base)
    try:
        read = kind.read(item.payload, sender.courtyards)
    except Absent:
        # Beyond reach now: kept for the desk when it was within reach as it was told, else it is not there.
        read = kind.read(item.payload, queries.former_courtyards(sender.account, told.at))
        return _keep(row, item, sender, "held", ENDED, read)
    try:
        done = kind.apply(read, told)
    except Refused as refused:
        if refused.status != 409:
            raise
        raise _Overtaken(str(refused), read) from refused
    if done.conflicts:
        problem = DONE if done.conflicts == (sheets.KEPT,) else CHANGED
        return _keep(row, item, sender, "conflict", problem, read, done)
    _write_down(row, item, sender, at, "applied", courtyard_id=read.courtyard, object_kind=done.kind, object_id=done.id)
    return Answer(str(item.id), "applied")


def _write_down(row: UUID, item: Item, sender: Sender, at: datetime, state: str, **words: Any) -> None:
    """The row of an item, last in its savepoint; two at once wait for each other here, and the later raises _Known."""
    statement = insert(FieldItem).values(
        tenant_id=current_tenant().id, id=row, client_id=item.id, account_id=sender.account, post=sender.post,
        device_id=sender.device, seq=item.seq, kind=item.kind, told_at=_told(item, sender, at), received_at=at,
        skew=_seconds(sender.skew), state=state, **{"problem": "", "object_kind": "", **words},
    )  # fmt: skip
    done = statement.on_conflict_do_nothing(index_elements=["tenant_id", "client_id"]).returning(FieldItem.id)
    if db.session.scalar(done) is None:
        raise _Known


def _there(ids: Collection[UUID], sender: Sender) -> dict[UUID, Answer]:
    """Of these items those that the sender's account sent before, in one question: most of a repeat."""
    rows = db.session.execute(
        select(FieldItem.client_id, FieldItem.state).where(
            FieldItem.client_id.in_(ids), FieldItem.account_id == sender.account
        )
    )
    return {row.client_id: Answer(str(row.client_id), "same", was=row.state) for row in rows}


def _again(item: Item, sender: Sender) -> Answer:
    was = db.session.scalar(
        select(FieldItem.state).where(FieldItem.client_id == item.id, FieldItem.account_id == sender.account)
    )
    if was is None:  # somebody else's id: said as of anything that is not there
        raise Absent(reading.UNREADABLE)
    return Answer(str(item.id), "same", was=was)


def _keep(
    row: UUID, item: Item, sender: Sender, state: str, problem: str, read: Read, done: Done | None = None
) -> Answer:  # fmt: skip
    """Keep an item, sealed, for a person; of a person's fields only those in question."""
    ours = OURS if item.kind == "person_fields" else (*OURS, "values")
    sent = {name: value for name, value in item.payload.raw.items() if name not in ours}
    if done is not None and "values" in sent:
        sent["values"] = _only(sent["values"], done.conflicts)
    elif done is not None:
        sent["conflicts"] = list(done.conflicts)
        sent["conflicts_of"] = sorted({name.partition("/")[0] for name in done.conflicts})
    words: dict[str, Any] = {"object_kind": done.kind, "object_id": done.id} if done else {}
    words |= {"problem": problem, "payload": json.dumps(sent, ensure_ascii=False), "courtyard_id": read.courtyard}
    _write_down(row, item, sender, now(), state, **words)
    audit.record(f"field.{state}", item.kind, row)
    return Answer(str(item.id), state, problem)


def _only(values: Mapping[str, Any], names: Collection[str]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name in names}


def _told(item: Item, sender: Sender, at: datetime) -> datetime:
    return rules.told_at(item.at, sender.skew, at)


def _seconds(skew: timedelta) -> int:
    return int(skew.total_seconds())
