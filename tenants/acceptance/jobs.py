"""Effects and bells of this room."""

from typing import Any
from uuid import UUID

from rongjiu import outbox
from rongjiu.codes import N_
from rongjiu.notify.service import tell
from rongjiu.oversight import desk
from tenants.acceptance import chasing, steps


@outbox.effect("acceptance.tell_desk")
def tell_desk(payload: dict[str, Any]) -> None:
    """A new file: the clerks of the street's desk get a message without a word on the family."""
    task_id = UUID(payload["task"])
    row = steps.held(task_id)
    if row.task.state != "requested":
        return
    for number, phone in enumerate(desk.phones("street_acceptance", row.file.street_id)):
        text = N_("一门受理:收到 1 件社区转来的材料,请登录查看。")
        tell(phone, text, purpose="desk_file", key=f"desk-{task_id}-{number}")


@outbox.effect("acceptance.chase")
def chase(payload: dict[str, Any]) -> None:
    """The desk's time is over."""
    chasing.chase(UUID(payload["task"]), payload["wait"], payload["chase"])


@outbox.effect("acceptance.tell")
def tell_level(payload: dict[str, Any]) -> None:
    """Those whose turn it is are told of a silence."""
    chasing.tell_level(UUID(payload["task"]), payload["level"], payload["key"])


@outbox.effect("acceptance.appeal")
def appeal_soon(payload: dict[str, Any]) -> None:
    """The time for an appeal is nearly over."""
    chasing.appeal_soon(UUID(payload["task"]))


@outbox.effect("acceptance.supplement")
def papers_late(payload: dict[str, Any]) -> None:
    """The time for the papers of a 补正 list is over."""
    chasing.papers_late(UUID(payload["task"]), payload["since"])
