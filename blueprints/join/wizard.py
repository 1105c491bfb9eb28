"""What the steps of founding share: the founder's own draft, and the line of steps on top."""

from uuid import UUID

from flask import url_for
from flask_babel import gettext as _

from blueprints.forms import lazy
from blueprints.guard import me
from rongjiu.tenancy import founding
from rongjiu.tenancy.founding import STEPS
from rongjiu.tenancy.models import FoundingDraft

LABELS = {
    "place": lazy("社区"), "pack": lazy("模型"), "name": lazy("名称"), "slots": lazy("本地信息"), "clone": lazy("克隆"),
    "staff": lazy("人员"), "check": lazy("清单"),
}  # fmt: skip


def mine(draft: UUID, *, lock: bool = False, answered: bool = False) -> FoundingDraft:
    """The draft of an address if it is the founder's own and not yet answered (unless `answered`), else 404."""
    return founding.find(draft, me().account_id, lock=lock, answered=answered)


def line(row: FoundingDraft, now: str) -> list[tuple[str, str | None, str]]:
    """Label, link and state of each step for the macro `steps`."""
    reached = len(STEPS) - 1 if row.community_id else STEPS.index(row.step)
    done = STEPS.index(row.step)
    found: list[tuple[str, str | None, str]] = []
    for place, step in enumerate(STEPS):
        href = url_for(f"join.{step}", draft=row.id) if place <= reached else None
        state = "now" if step == now else "done" if place < done else "next"
        found.append((_(str(LABELS[step])), href, state))
    return found
