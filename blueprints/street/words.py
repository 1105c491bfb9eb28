"""Words of the street's pages."""

from blueprints.forms import lazy

STATES = {
    "live": (lazy("上线"), "ok"), "submitted": (lazy("待审批"), "warn"), "preparing": (lazy("筹建"), "info"),
    "suspended": (lazy("停用"), "danger"), "none": (lazy("未开始"), "muted"),
}  # fmt: skip
ORDER = {"live": 0, "submitted": 1, "preparing": 2, "suspended": 3, "none": 4}
PAIRS = {
    "met": (lazy("线索→见面"), lazy("收到线索"), lazy("已见面"), lazy("线索登记")),
    "answered": (lazy("派单/答复"), lazy("派单"), lazy("答复"), lazy("派单记录")),
    "confirmed": (lazy("完成/确认"), lazy("声称完成"), lazy("本人确认"), lazy("派单记录与本人确认")),
}
"""Per pair: heading, whole, part, and the rows they are counted from."""
NUMBERS = {
    "signals_received": lazy("收到线索"), "signals_met": lazy("线索已见面"), "cases_opened": lazy("开立个案"),
    "cases_closed": lazy("办结个案"),
    "visits_done": lazy("完成上门"), "screenings_confirmed": lazy("确认研判"), "offers_sent": lazy("派单"),
    "offers_answered": lazy("答复派单"), "offers_accepted": lazy("接单"), "offers_declined": lazy("婉拒"),
    "claimed_done": lazy("声称完成"), "confirmed_done": lazy("本人确认"), "needs_solved": lazy("需求解决"),
    "gaps_open": lazy("资源缺口"), "near_miss_open": lazy("临界户"), "entitled_found": lazy("可享受"),
    "entitled_applied": lazy("可享受已申请"), "households": lazy("登记家庭"), "persons": lazy("登记人数"),
    "survey_answers": lazy("需求统计答卷"), "audits_done": lazy("结案抽查"), "audits_agreed": lazy("抽查一致"),
}  # fmt: skip
