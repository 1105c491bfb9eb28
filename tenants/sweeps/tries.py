"""Tries at a door: each kept once with what its writer was told, so that a repeat is told the same."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlalchemy import select

from rongjiu import audit
from rongjiu.db import db
from rongjiu.errors import Clash
from tenants.residents.service import Door
from tenants.sweeps import following, rules, waiting
from tenants.sweeps.models import StopTry, SweepStop
from tenants.sweeps.sheets import Sheet


@dataclass(frozen=True, slots=True)
class Recorded:
    """What became of a sheet. `kept` = the door was done already: the sheet is kept for the secretary and changed
    nothing (a door of the web answers 409 and keeps the transaction, `g.keep`). `pending` people still lack a result;
    `conflicts` are (person or household id, field) left alone because somebody had changed them since."""

    stop_id: UUID
    household_id: UUID
    state: str
    tries: int
    pending: int
    may_end: bool
    conflicts: tuple[tuple[str, str], ...] = ()
    signals: tuple[str, ...] = ()
    listed: bool = False
    """The family was put on the home-visit list."""
    kept: bool = False
    repeat: bool = False


def answered(
    stop: SweepStop, trial: StopTry, sheet: Sheet, *, pending: int, conflicts: Collection[tuple[str, str]] = (),
    heard: following.Heard = following.NOTHING,
) -> Recorded:  # fmt: skip
    """Keep the try with what its writer is told, so that a repeat is told the same."""
    may_end = rules.is_open(stop.state) and _may_end(stop.id, trial)
    trial.answer = {
        "state": stop.state, "tries": stop.tries, "pending": pending, "may_end": may_end, "kept": trial.kept,
        "conflicts": [list(each) for each in conflicts], "signals": list(heard.numbers), "listed": heard.listed,
    }  # fmt: skip
    db.session.add(trial)
    db.session.flush()
    if trial.kept:
        audit.record("sweep.kept", "sweep_stop", stop.id, result=sheet.result)
    if sheet.place:
        following.keep_place(trial.id, trial.at, sheet.place)
    return _recorded(stop.id, stop.household_id, trial.answer, repeat=False)


def _may_end(stop_id: UUID, trial: StopTry) -> bool:
    tries = _vain(stop_id) + ([trial.at] if trial.result == "not_home" and not trial.kept else [])
    return rules.lacking(tries, waiting.waits()).nothing


def _recorded(stop_id: UUID, household_id: UUID, answer: dict[str, Any], *, repeat: bool) -> Recorded:
    return Recorded(
        stop_id, household_id, answer["state"], answer["tries"], answer["pending"], answer["may_end"],
        tuple((each[0], each[1]) for each in answer["conflicts"]), tuple(answer["signals"]), answer.get("listed", False),
        answer["kept"], repeat,
    )  # fmt: skip


def earlier(client_key: UUID, body: bytes) -> Recorded | None:
    """What a sheet that came before was told; raises Clash when the key came with another sheet."""
    row = db.session.execute(
        select(StopTry.stop_id, StopTry.answer, StopTry.body, SweepStop.household_id)
        .join(SweepStop, SweepStop.id == StopTry.stop_id)
        .where(StopTry.client_key == client_key)
    ).one_or_none()
    if row is None:
        return None
    if bytes(row.body) != body:
        raise Clash("这张表已经交过，内容又改了。请刷新后再写。")
    return _recorded(row.stop_id, row.household_id, row.answer, repeat=True)


def fingerprint(sheet: Sheet, where: UUID | Door) -> bytes:
    """Fingerprint of a sheet and its door; pictures are not part of it, a repeat may have sent them anew."""
    words = {**sheet.plain(), "where": repr(where), "file_ids": ()}
    return sha256(rules.canonical(texts(words)).encode()).digest()


def texts(value: Any) -> Any:
    """Plain values that JSON knows."""
    if isinstance(value, dict):
        return {str(key): texts(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [texts(each) for each in value]
    return value if isinstance(value, str | int | float | bool | None) else str(value)


def _vain(stop_id: UUID) -> list[datetime]:
    """When nobody was met at this door."""
    query = select(StopTry.at).where(StopTry.stop_id == stop_id, StopTry.result == "not_home", ~StopTry.kept)
    return list(db.session.scalars(query))
