"""What each state of an offer or a slip is called: by us in Chinese, and by other systems of the field."""

from rongjiu.codes import N_

VOCABULARY: tuple[tuple[str, str, str, str, str], ...] = (
    ("requested", "not updated", "Pending", "in_progress", N_("待答复")),
    ("accepted", "pending / eligible", "Pending-In Process", "accepted", N_("已接单")),
    ("in-progress", "pending", "Pending-In Process", "accepted", N_("服务中")),
    ("on-hold", "needs client action", "(queue)", "", N_("暂缓")),
    ("on-hold: waitlist", "needs client action", "(queue)", "", N_("轮候")),
    ("completed", "got help", "Completed (connected)", "done", N_("已完成")),
    ("rejected", "not eligible / no capacity", "Denied", "rejected", N_("已婉拒")),
    ("cancelled: no-response", "not updated", "Expired", "", N_("超时退回")),
    ("cancelled", "no longer interested", "Denied by client", "revoked", N_("已撤回")),
    ("failed", "couldn't contact / couldn't get help", "Denied", "rejection_note on done", N_("未能完成")),
    ("(new task)", "referred elsewhere", "Reassigned to queue", "new referral", N_("再次派单")),
)
"""What other systems call our states: ours, findhelp, Clarity, Primero, in Chinese. An unanswered offer is 待答复 on every screen."""
WORDS = {ours: chinese for ours, _findhelp, _clarity, _primero, chinese in VOCABULARY} | {
    "draft": N_("草稿"), "entered-in-error": N_("录入有误"), "active": N_("进行中"), "revoked": N_("已撤回"),
    "awaiting_confirmation": N_("待确认"),
}  # fmt: skip
"""Every state of an offer or a slip in Chinese, the one place of these words."""


def said(state: str, reason: str = "") -> str:
    """The word of a state; some reasons have a word of their own (超时退回, 轮候)."""
    return WORDS.get(f"{state}: {reason}") or WORDS.get(state, state)
