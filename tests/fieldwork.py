"""Items of phones, for tests: what an app would send, and one that waits at the desk."""

import json
import time
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

from flask.testing import FlaskClient
from sqlalchemy import func, select

from rongjiu.actor import acting
from rongjiu.clock import now, today
from rongjiu.db import db, tenant_scope
from rongjiu.ids import uuid7
from tenants.accompaniment.service import plan_visit
from tenants.cases import service as cases
from tenants.fieldwork.models import FieldItem
from tenants.residents import service as residents
from tenants.sweeps import planning
from tenants.sweeps.models import SweepStop
from tests.desk_of import DOOR, ZHOU, Desk

Made = Callable[[Callable[[], object]], Any]


def ms() -> int:
    """This moment, as a phone's clock says it."""
    return int(time.time() * 1000)


def raw(
    kind: str, seq: int = 1, *, at: int | None = None, base: dict[str, str] | None = None, **payload: Any
) -> dict[str, Any]:
    """An item as the app sends it."""
    words = {name: str(value) if isinstance(value, UUID) else value for name, value in payload.items()}
    return {"id": str(uuid4()), "kind": kind, "at": at or ms(), "seq": seq, "payload": words, "base": base or {}}


def an_item(courtyard: UUID, state: str = "held", **payload: Any) -> UUID:
    """An item that waits for a person; within the community's scope."""
    sent = {"courtyard": str(courtyard), "words": "楼上老人几天没下楼"} | payload
    row = FieldItem(
        id=uuid7(), client_id=uuid4(), account_id=uuid4(), post="网格员", device_id=uuid4(), seq=1, kind="hardship",
        told_at=now(), received_at=now(), skew=0, state=state, problem="", payload=json.dumps(sent, ensure_ascii=False),
        courtyard_id=courtyard, object_kind="", object_id=None, settled_at=None,
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    return row.id


class Field:
    """A community with one registered family in the grid worker's courtyard, as plain values."""

    def __init__(self, here: Desk) -> None:
        self.here, self.slug, self.token = here, here.slug, here.grid.token
        self.account, self.membership = here.grid.account.id, here.grid.membership.id
        self.desks = {"secretary": here.secretary.token, "clerk": here.clerk.token}
        with tenant_scope(here.tenant), acting(here.as_clerk()):
            got = residents.register(here.yard, DOOR, ZHOU)
            self.home, self.person = got.household_id, got.person_ids[0]
            self.other_person = residents.register(here.other_yard, DOOR, ZHOU[:1]).person_ids[0]
            case = cases.open_case(here.yard)
            cases.attach_household(case.id, self.home)
            self.visit = plan_visit(case.id, "worker", now()).id
            yards = [here.yard, here.other_yard]
            self.sweep = planning.plan("heat", "摸排", today(), today(), courtyards=yards, left_out={}).id
            planning.start(self.sweep)
            stops = {row.courtyard_id: row.id for row in db.session.scalars(select(SweepStop))}
            self.stop, self.other_stop = stops[here.yard], stops[here.other_yard]

    def url(self, path: str) -> str:
        return f"/c/{self.slug}/{path}"


class Phone:
    """One phone: its id, its order, its clock."""

    def __init__(self, client: FlaskClient, field: Field, *, off: int = 0) -> None:
        self.client, self.field, self.off = client, field, off
        self.device, self.seq = str(uuid4()), 0

    def item(self, kind: str, base: dict[str, str] | None = None, **payload: Any) -> dict[str, Any]:
        self.seq += 1
        return raw(kind, self.seq, at=ms() + self.off, base=base, **payload)

    def wish(self, words: str = "想有人陪着下楼走走", yard: UUID | None = None) -> dict[str, Any]:
        return self.item("wish", courtyard=yard or self.field.here.yard, words=words)

    def post(self, items: list[Any], path: str = "grid/sync", slug: str = "") -> Any:
        url = f"/c/{slug}/{path}" if slug else self.field.url(path)
        return self.client.post(url, json={"now": ms() + self.off, "device": self.device, "items": items})

    def send(self, items: list[Any], path: str = "grid/sync") -> list[str]:
        answer = self.post(items, path)
        assert answer.status_code == 200, answer.text
        return [each["state"] for each in answer.json["answers"]]


def ask(made: Made, field: Field, statement: Any) -> Any:
    """One value from the database of the field's community."""

    def run() -> Any:
        with tenant_scope(field.here.tenant):
            return db.session.scalar(statement)

    return made(run)


def count(made: Made, field: Field, model: Any, *where: Any) -> int:
    """How many rows of a model there are in the field's community."""
    return int(ask(made, field, select(func.count()).select_from(model).where(*where)) or 0)
