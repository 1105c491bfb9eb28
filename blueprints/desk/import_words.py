"""Words of imports for the page."""

from blueprints.forms import lazy
from tenants.imports.rules import TARGETS

STATES = {
    "uploaded": ("info", lazy("正在读表头")), "mapping": ("warn", lazy("等您确认各列")), "checking": ("info", lazy("正在逐行核对")),
    "checked": ("warn", lazy("等您确认导入")), "applying": ("info", lazy("正在写入登记册")), "done": ("ok", lazy("已导入")),
    "undoing": ("info", lazy("正在撤销")), "undone": ("muted", lazy("已撤销")), "failed": ("danger", lazy("没有导入")),
}  # fmt: skip
WORKING = ("uploaded", "checking", "applying", "undoing")
KINDS = {
    "kept": lazy("没有撤销的"), "error": lazy("有错的行"), "changed": lazy("有变化的"), "duplicate": lazy("可能重复的"),
    "note": lazy("请留意的"), "new": lazy("新增的（前 50 行）"),
}  # fmt: skip
FIELDS = {target.code: target.name for target in TARGETS}
