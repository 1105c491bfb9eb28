"""Items of phones, for tests: what an app would send, and one that waits at the desk."""

import json
import time
from typing import Any
from uuid import UUID, uuid4

from rongjiu.clock import now
from rongjiu.db import db
from rongjiu.ids import uuid7
from tenants.fieldwork.models import FieldItem


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
