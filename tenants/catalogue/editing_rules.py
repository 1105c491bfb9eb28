"""What a community may change of its needs and groups: the look it may choose, what a name must be. Pure."""

from rongjiu.codes import N_

COLOURS = {
    "primary": N_("雁青"), "accent": N_("雁黄"), "info": N_("蓝"), "ok": N_("绿"), "warn": N_("橙"), "danger": N_("红"),
    "muted": N_("灰"),
}  # fmt: skip
"""Tokens of the look; nothing else may colour a category or item."""
ICONS = {
    "bank": N_("政府"), "wallet2": N_("钱包"), "briefcase": N_("工作"), "basket": N_("饭菜"), "house-heart": N_("居家"),
    "heart-pulse": N_("医疗"), "hospital": N_("医院"), "person-wheelchair": N_("轮椅"), "telephone": N_("电话"),
    "file-earmark-check": N_("办事"), "cart": N_("采买"), "mortarboard": N_("学习"), "people": N_("陪伴"),
    "chat-dots": N_("聊天"), "tools": N_("修理"), "truck": N_("搬运"), "scissors": N_("理发"), "universal-access": N_("无障碍"),
    "gift": N_("心愿"), "star": N_("其他"),
}  # fmt: skip
"""Signs of the sprite, with what each stands for."""
FREQUENCIES = {"weekly": N_("每周"), "monthly": N_("每个月"), "quarterly": N_("每季度")}
"""How often somebody of a special group is visited."""
LONGEST = 30
"""Characters of a name."""


def merged_slug(slug: str, into: dict[str, str | None]) -> str:
    """Where a slug has gone in the end, by slug → merged_into; a loop ends where it began."""
    seen = {slug}
    while (after := into.get(slug)) and after not in seen:
        seen.add(after)
        slug = after
    return slug
