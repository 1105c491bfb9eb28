"""Codes of sweeps in the reader's words, and how a door reads; shared by the desk and the grid."""

from typing import Any

from flask_babel import gettext as _

from blueprints.forms import lazy

SWEEP_STATES = {
    "draft": lazy("筹备中"), "running": lazy("进行中"), "closed": lazy("已结束"), "cancelled": lazy("已取消"),
}  # fmt: skip
SWEEP_TONES = {"draft": "muted", "running": "primary", "closed": "ok", "cancelled": "muted"}
STATES = {
    "planned": lazy("还没去"), "not_home": lazy("没人在家"), "deferred": lazy("改约"), "visited": lazy("已见到"),
    "refused": lazy("不愿登记"), "moved": lazy("已搬走"), "vacant": lazy("空置"), "unreached": lazy("未见到"),
}  # fmt: skip
"""Doors by state: the open ones first."""
TONES = {
    "planned": "muted", "not_home": "warn", "deferred": "info", "visited": "ok", "refused": "accent",
    "moved": "primary", "vacant": "blank", "unreached": "danger",
}  # fmt: skip
"""Colour and pattern of each state in the plan of a courtyard."""
LETTERS = {
    "visited": "✓", "not_home": "…", "deferred": "约", "refused": "拒", "moved": "迁", "vacant": "空",
    "unreached": "!", "planned": "",
}  # fmt: skip
HOW = {
    "seen": lazy("见到本人"), "told": lazy("家人代答"), "away": lazy("外出"), "hospital": lazy("住院"),
    "moved": lazy("已搬走"), "died": lazy("已去世"), "unasked": lazy("没问到"),
}  # fmt: skip
PEOPLE = HOW | {"refused": lazy("不愿登记"), "unreached": lazy("未见到"), "": lazy("没问到")}
ENTITLED = {
    "possible": lazy("疑似"), "found": lazy("应享受"), "applied": lazy("已申请"), "refused": lazy("未批"),
    "granted": lazy("已享受"), "not_entitled": lazy("不符合"),
}  # fmt: skip
ENTITLED_TONES = {
    "possible": "warn", "found": "danger", "applied": "primary", "refused": "warn", "granted": "ok",
    "not_entitled": "muted",
}  # fmt: skip
MOVES = {
    "found": lazy("核实：应享受"), "applied": lazy("已申请"), "granted": lazy("已批准"), "refused": lazy("未批"),
    "not_entitled": lazy("核实：不符合"),
}  # fmt: skip


def word(words: dict[str, Any], code: str) -> str:
    """A code in words; a code nobody knows stays as it is."""
    return str(words.get(code, code))


def chip_tone(state: str) -> str:
    """The tone of a door's chip."""
    return {"accent": "warn", "blank": "muted"}.get(TONES.get(state, "muted"), TONES.get(state, "muted"))


def kinds() -> dict[str, tuple[str, str, str]]:
    """States of doors for the drawn plan, in the order of its legend; the last is that of a door without a mark."""
    order = ("visited", "not_home", "deferred", "refused", "moved", "vacant", "unreached", "planned")
    return {code: (TONES[code], str(STATES[code]), LETTERS[code]) for code in order}


def door_words(row: Any) -> str:
    """3-2-501 as it is called in lists; the page decides by its row whether it may be shown."""
    return "-".join(part for part in (row.building, row.unit, row.room) if part) or str(_("门牌未记"))
